"""Open items as of a date: what customers still had to pay, and what still had to be paid.

An item on a receivable or payable account is open by its balance, less what it was reconciled with
up to that date, rounded to the decimals of its currency as Odoo rounds a residual. The open items
of an account add up to its balance of that date, because each reconciliation takes the same amount
off a debit item and off a credit item of the same account, and counts from the date on which both
are there. So reconciling moves what is open from item to item and never changes the total. The
balance is summed by itself, to prove it: the difference is zero unless a reconciled item is not in
the company's stored ledger (it is dated before the start date, was reset to draft while it stayed
reconciled, or belongs to a branch) or the partner asked for was reconciled with another partner.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.open_items.ageing import Aged, age_of, sums_by_age
from receiver.accounting.shared.companies import (
    code_order,
    get_company,
    own_code,
    rounded,
    with_places,
)
from receiver.db.accounting.ledger import Account as StoredAccount
from receiver.db.accounting.ledger import Company, list_accounts
from receiver.db.accounting.open_items import (
    AgedFrom,
    OpenAmounts,
    Scope,
    list_account_balances,
    list_open_items,
)
from receiver.db.connections.connections import Connection

ACCOUNT_TYPES = {"receivable": "asset_receivable", "payable": "liability_payable"}
TYPES = {account_type: type for type, account_type in ACCOUNT_TYPES.items()}


@dataclass(frozen=True)
class Question:
    company_id: int | None
    as_of: date
    type: str | None = None  # receivable, payable; None is both
    account_id: int | None = None
    partner_id: int | None = None
    aged_from: AgedFrom = AgedFrom.DUE_DATE


@dataclass(frozen=True)
class Account:
    id: int
    code: str | None
    name: str | None
    type: str
    balance: Decimal  # of the ledger, whatever is reconciled


@dataclass(frozen=True)
class AccountTotal(Account):
    open_amount: Decimal
    difference: Decimal  # open amount less balance


@dataclass(frozen=True)
class OpenItem(OpenAmounts):
    account_code: str | None
    account: str | None
    type: str
    days_overdue: int
    age: str

    @property
    def is_open(self) -> bool:
        return bool(self.open_amount or self.open_amount_currency)


@dataclass(frozen=True)
class AgedType(Aged):
    type: str


@dataclass(frozen=True)
class AgedPartner(AgedType):
    partner_id: int | None
    partner: str | None


@dataclass(frozen=True)
class OpenItems:
    company: Company
    as_of: date
    start_date: date | None  # earlier entries are not here
    items: list[OpenItem]  # by partner, then by due date
    partners: list[AgedPartner]
    accounts: list[AccountTotal]  # by code; without balance and open items, left out
    totals: list[AgedType]


def open_items(db: Database, connection: Connection, question: Question) -> OpenItems:
    """Raises InvalidQuery as get_company does."""
    company = get_company(db, connection, question.company_id)
    types = [question.type] if question.type else list(ACCOUNT_TYPES)
    stored = accounts_of(db, connection, *types)
    if question.account_id is not None:
        stored = {id: each for id, each in stored.items() if id == question.account_id}
    scope = Scope(connection.id, company.id, question.as_of, tuple(stored), question.partner_id)
    accounts = {
        id: account_of(company, stored[id], balance)
        for id, balance in list_account_balances(db, scope).items()
    }
    items = [
        item
        for found in list_open_items(db, scope)
        if (item := _item(company, question, accounts[found.account_id], found)).is_open
    ]
    items.sort(key=lambda item: (*_name_order(item.partner), _due_date(item), item.id))
    return OpenItems(
        company,
        question.as_of,
        connection.start_date,
        items,
        _partners(company, items),
        _account_totals(company, accounts.values(), items),
        [_total_of_type(company, type, items) for type in types],
    )


def accounts_of(db: Database, connection: Connection, *types: str) -> dict[int, StoredAccount]:
    """``{id: account}`` of those that are receivable, payable, or both."""
    wanted = [ACCOUNT_TYPES[type] for type in types]
    return {each.id: each for each in list_accounts(db, connection.id) if each.type in wanted}


def account_of(company: Company, stored: StoredAccount, balance: Decimal) -> Account:
    return Account(
        id=stored.id,
        code=own_code(company, stored.codes),
        name=stored.name,
        type=TYPES[stored.type],
        balance=with_places(balance, company.decimal_places),
    )


def _item(company: Company, question: Question, account: Account, found: OpenAmounts) -> OpenItem:
    aged_from = {
        AgedFrom.DUE_DATE: found.due_date,
        AgedFrom.INVOICE_DATE: found.invoice_date,
    }[question.aged_from]
    age = (question.as_of - (aged_from or found.date)).days
    return OpenItem(
        **{**vars(found), **_shown_amounts(company, found)},
        account_code=account.code,
        account=account.name,
        type=account.type,
        days_overdue=max((question.as_of - _due_date(found)).days, 0),
        age=age_of(age),
    )


def _shown_amounts(company: Company, found: OpenAmounts) -> dict[str, Decimal]:
    places, own_places = company.decimal_places, found.decimal_places
    return {
        "amount": with_places(found.amount, places),
        "open_amount": rounded(found.open_amount, places),
        "amount_currency": with_places(found.amount_currency, own_places),
        "open_amount_currency": rounded(found.open_amount_currency, own_places),
    }


def _due_date(item: OpenAmounts) -> date:
    return item.due_date or item.date


def _partners(company: Company, items: Iterable[OpenItem]) -> list[AgedPartner]:
    items_of: dict[tuple[int | None, str | None, str], list[OpenItem]] = defaultdict(list)
    for item in items:
        items_of[item.partner_id, item.partner, item.type].append(item)
    return [
        AgedPartner(**_aged(company, theirs), type=type, partner_id=id, partner=name)
        for (id, name, type), theirs in items_of.items()
    ]


def _account_totals(
    company: Company, accounts: Iterable[Account], items: Iterable[OpenItem]
) -> list[AccountTotal]:
    items_of: dict[int, list[OpenItem]] = defaultdict(list)
    for item in items:
        items_of[item.account_id].append(item)
    totals = [
        account_total(company, account, _open_amount(items_of[account.id]))
        for account in accounts
        if account.balance or account.id in items_of
    ]
    return sorted(totals, key=lambda account: code_order(account.code, account.id))


def account_total(company: Company, account: Account, open_amount: Decimal) -> AccountTotal:
    return AccountTotal(
        **vars(account),
        open_amount=with_places(open_amount, company.decimal_places),
        difference=rounded(open_amount - account.balance, company.decimal_places),
    )


def _open_amount(items: Iterable[OpenItem]) -> Decimal:
    return sum((item.open_amount for item in items), Decimal(0))


def _total_of_type(company: Company, type: str, items: Iterable[OpenItem]) -> AgedType:
    return AgedType(**_aged(company, [item for item in items if item.type == type]), type=type)


def _aged(company: Company, items: Iterable[OpenItem]) -> dict[str, Decimal]:
    amounts = ((item.age, item.open_amount) for item in items)
    return sums_by_age(amounts, company.decimal_places)


def _name_order(name: str | None) -> tuple[bool, str]:
    return name is None, name or ""
