"""The general ledger: the journal items of accounts, with the balance before and after each.

Its accounts open and close with the balances of the trial balance of the same days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection as Database

from receiver.accounting.ledger.trial_balance import Balances
from receiver.accounting.shared.companies import code_in, code_order, get_companies, with_places
from receiver.accounting.shared.odoo_links import entry_link, odoo_url
from receiver.db.accounting.closings import Closings
from receiver.db.accounting.general_ledger import (
    JournalEntry,
    LedgerItem,
    Place,
    find_entry,
    list_items_of_entry,
    stream_ledger_items,
    sum_up_to,
)
from receiver.db.accounting.ledger import (
    AccountSums,
    Company,
    ItemsOf,
    LedgerScope,
    find_period,
    list_accounts,
    list_companies,
    sum_by_account,
)
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidQuery, NotFound

AMOUNTS = ("debit", "credit", "balance")  # in the company's currency


@dataclass(frozen=True)
class LedgerQuestion:
    company_ids: tuple[int, ...] = ()  # none: all of them
    from_date: date | None = None  # None: the first day there is
    to_date: date | None = None  # included; None: the last day there is
    account_ids: tuple[int, ...] | None = None  # None: every one
    shares: tuple[str | None, ...] | None = None  # as the wire writes them; None: whatever
    opposite_ids: tuple[int, ...] | None = None  # the other items of entries on these accounts
    parts: tuple[ItemsOf, ...] | None = None  # what a figure is made of; None: whatever
    with_closings: bool = False  # what closes years is in a figure of results too
    without: Closings | None = None  # whose items are left out


@dataclass(frozen=True)
class LedgerAccount:
    """Account with its items and balances, in the companies' currency. Balances are debit less
    credit."""

    id: int
    code: str | None
    name: str | None
    type: str | None
    opening_balance: Decimal  # of everything before the first day
    debit: Decimal
    credit: Decimal
    closing_balance: Decimal


@dataclass(frozen=True)
class LedgerLine(LedgerItem):
    account_code: str | None
    account: str | None
    running_balance: Decimal  # of its account, after this item


@dataclass(frozen=True)
class GeneralLedger:
    companies: tuple[Company, ...]
    currency: str | None
    from_date: date | None  # None where there is no journal item
    to_date: date | None
    start_date: date | None  # earlier entries are not here
    accounts: tuple[LedgerAccount, ...]  # by code; without balance and movement, left out
    scope: LedgerScope | None

    @property
    def totals(self) -> Balances:
        """Totals of all the accounts."""

        def total(name: str) -> Decimal:
            amounts = (getattr(account, name) for account in self.accounts)
            return with_places(sum(amounts, Decimal(0)), self.companies[0].decimal_places)

        return Balances(*map(total, ("opening_balance", "debit", "credit", "closing_balance")))

    @property
    def account_ids(self) -> tuple[int, ...]:
        return tuple(account.id for account in self.accounts)


@dataclass(frozen=True)
class EntryLine(LedgerItem):
    account_code: str | None
    account: str | None


@dataclass(frozen=True)
class OpenedEntry(JournalEntry):
    company: str | None
    currency: str | None  # the company's, of debit and credit
    odoo_link: str | None  # None: it is not known where its Odoo is
    lines: tuple[EntryLine, ...]


def general_ledger(db: Database, connection: Connection, question: LedgerQuestion) -> GeneralLedger:
    """The accounts; ledger_lines has their items. Raises InvalidQuery and DifferentCurrencies."""
    companies = tuple(get_companies(db, connection, question.company_ids))
    company_ids = tuple(company.id for company in companies)
    first, last = question.from_date, question.to_date
    if first is None or last is None:
        stored_first, stored_last = find_period(db, connection.id, company_ids)
        first, last = first or stored_first, last or stored_last
    scope = None
    accounts: list[LedgerAccount] = []
    if first and last:
        scope = LedgerScope(
            connection.id,
            company_ids,
            first,
            last,
            question.account_ids,
            question.shares,
            question.opposite_ids,
            question.parts,
            question.without,
        )
        sums = [each for each in sum_by_account(db, scope) if each.has_amounts]
        accounts = [_account(companies, each) for each in sums]
        accounts.sort(key=lambda account: code_order(account.code, account.id))
    return GeneralLedger(
        companies,
        companies[0].currency,
        first,
        last,
        connection.start_date,
        tuple(accounts),
        scope,
    )


def ledger_lines(
    db: Database,
    ledger: GeneralLedger,
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Iterator[Sequence[LedgerLine]]:
    """The items, account by account, in parts; after a place and so many of them where that is
    asked. Raises InvalidQuery for a place on an account that the ledger does not have."""
    if ledger.scope is None:
        return
    accounts = {account.id: account for account in ledger.accounts}
    if after is not None and after.account_id not in accounts:
        raise InvalidQuery("This is not a cursor that a page gave.", path="cursor")
    running = {id: account.opening_balance for id, account in accounts.items()}
    if after is not None:
        running[after.account_id] += sum_up_to(db, ledger.scope, after)
    ids = ledger.account_ids
    places = ledger.companies[0].decimal_places
    for part in stream_ledger_items(db, ledger.scope, ids, after=after, limit=limit):
        yield [_line(item, accounts, running, places) for item in part]


def place_of(line: LedgerLine) -> Place:
    """Where the next page goes on."""
    return Place(line.account_id, line.date, line.id)


def open_entry(db: Database, connection: Connection, entry_id: int) -> OpenedEntry:
    """A journal entry with all of its items. Raises NotFound."""
    entry = find_entry(db, connection.id, entry_id)
    if entry is None:
        raise NotFound(
            "There is no journal entry %(entry)s. It may have left the ledger.", entry=str(entry_id)
        )
    companies = [c for c in list_companies(db, connection.id) if c.id == entry.company_id]
    accounts = {
        account.id: (code_in(companies, account.codes), account.name)
        for account in list_accounts(db, connection.id)
    }
    return OpenedEntry(
        **vars(entry),
        company=next((company.name for company in companies), None),
        currency=next((company.currency for company in companies), None),
        odoo_link=entry_link(odoo_url(db, connection), connection.series, entry_id),
        lines=tuple(
            _entry_line(item, accounts, next((c.decimal_places for c in companies), None))
            for item in list_items_of_entry(db, connection.id, entry)
        ),
    )


def _account(companies: Sequence[Company], sums: AccountSums) -> LedgerAccount:
    places = companies[0].decimal_places
    return LedgerAccount(
        id=sums.account_id,
        code=code_in(companies, sums.codes),
        name=sums.name,
        type=sums.type,
        opening_balance=with_places(sums.opening, places),
        debit=with_places(sums.debit, places),
        credit=with_places(sums.credit, places),
        closing_balance=with_places(sums.opening + sums.debit - sums.credit, places),
    )


def _line(
    item: LedgerItem,
    accounts: Mapping[int, LedgerAccount],
    running: dict[int, Decimal],
    places: int | None,
) -> LedgerLine:
    """Adds the item to the running balance of its account."""
    running[item.account_id] += item.balance
    account = accounts[item.account_id]
    return LedgerLine(
        **_shown(item, places),
        account_code=account.code,
        account=account.name,
        running_balance=with_places(running[item.account_id], places),
    )


def _entry_line(
    item: LedgerItem, accounts: Mapping[int, tuple[str | None, str | None]], places: int | None
) -> EntryLine:
    code, name = accounts.get(item.account_id, (None, None))
    return EntryLine(**_shown(item, places), account_code=code, account=name)


def _shown(item: LedgerItem, places: int | None) -> dict[str, Any]:
    """The item's values, amounts with the decimals of their currency."""
    amounts = {name: with_places(getattr(item, name), places) for name in AMOUNTS}
    own = with_places(item.amount_currency, item.decimal_places)
    return {**vars(item), **amounts, "amount_currency": own}
