"""The outstanding items dashboard: what customers owe, or what is owed to suppliers, by age, by
partner and by account, and how it came to that over a year.

Its amounts are those of ``open_items``, summed in the database. They are positive where they are to
be paid: by customers, and to suppliers. So each total is the line of the balance sheet.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Connection as Database

from receiver.accounting.open_items.ageing import AGES, OLDEST, Aged, sums_by_age
from receiver.accounting.open_items.open_items import (
    ACCOUNT_TYPES,
    AccountTotal,
    OpenItem,
    Question,
    account_of,
    account_total,
    accounts_of,
    open_items,
)
from receiver.accounting.shared.companies import code_order, rounded
from receiver.accounting.shared.odoo_links import entry_link, odoo_url
from receiver.accounting.shared.periods import MONTHS_IN_YEAR, ends_of_months_before
from receiver.db.accounting.ledger import Account, Company
from receiver.db.accounting.open_items import AgedFrom, Scope
from receiver.db.accounting.outstanding import (
    AgedSum,
    ChangedSum,
    LaterReconciliation,
    list_changed_sums,
    list_later_reconciliations,
    sum_outstanding,
)
from receiver.db.connections.connections import Connection

RECEIVABLE, PAYABLE = ACCOUNT_TYPES
NOTHING = Decimal(0)

Sum = TypeVar("Sum", AgedSum, LaterReconciliation)


@dataclass(frozen=True)
class Asked:
    company: Company
    type: str  # RECEIVABLE or PAYABLE
    as_of: date
    aged_from: AgedFrom = AgedFrom.DUE_DATE

    def owed(self, amount: Decimal) -> Decimal:
        """Debit less credit as the dashboard shows it."""
        return amount if self.type == RECEIVABLE else NOTHING - amount


@dataclass(frozen=True)
class Debtor(Aged):
    """Or creditor: a partner with something open."""

    partner_id: int | None
    partner: str | None


@dataclass(frozen=True)
class TrendPoint:
    day: date
    open_amount: Decimal
    overdue: Decimal

    @property
    def not_due(self) -> Decimal:
        return self.open_amount - self.overdue


@dataclass(frozen=True)
class Outstanding:
    start_date: date | None  # earlier entries are not here
    total: Aged
    partners: list[Debtor]  # by amount, the largest first; who has nothing at any age, left out
    accounts: list[AccountTotal]  # by code; without balance and open items, left out

    @property
    def balance(self) -> Decimal:
        """The line of the balance sheet, from the ledger alone."""
        return sum((account.balance for account in self.accounts), NOTHING)

    @property
    def difference(self) -> Decimal:
        return sum((account.difference for account in self.accounts), NOTHING)

    @property
    def differing_accounts(self) -> list[AccountTotal]:
        return [account for account in self.accounts if account.difference]


@dataclass(frozen=True)
class PartnerItem(OpenItem):
    """Amounts signed as the dashboard's; ``later`` is what was taken off it after the day."""

    later: tuple[LaterReconciliation, ...]
    odoo_link: str | None


@dataclass(frozen=True)
class PartnerItems:
    partner: str | None
    total: Aged
    items: list[PartnerItem]  # by due date

    @property
    def overdue(self) -> Decimal:
        return sum((item.open_amount for item in self.items if item.days_overdue), NOTHING)


def outstanding(db: Database, connection: Connection, asked: Asked) -> Outstanding:
    return _outstanding(db, connection, asked, ())[0]


def outstanding_with_trend(
    db: Database, connection: Connection, asked: Asked
) -> tuple[Outstanding, list[TrendPoint]]:
    """The trend has the last month ends before the day, and the day: a year in all."""
    ends = ends_of_months_before(asked.as_of, MONTHS_IN_YEAR - 1)
    return _outstanding(db, connection, asked, [*ends, asked.as_of])


def open_on(
    db: Database, connection: Connection, company: Company, day: date
) -> dict[str, TrendPoint]:
    """Find what is open on the day alone, of both types."""
    accounts = accounts_of(db, connection, *ACCOUNT_TYPES)
    scope = Scope(connection.id, company.id, day, tuple(accounts))
    changed = list_changed_sums(db, scope, [day])
    return {
        type: _point(
            Asked(company, type, day),
            [each for each in changed if accounts[each.account_id].type == account_type],
            0,
            day,
        )
        for type, account_type in ACCOUNT_TYPES.items()
    }


def partner_items(
    db: Database, connection: Connection, asked: Asked, partner_id: int
) -> PartnerItems:
    """NO_PARTNER asks for the items without one."""
    question = Question(
        asked.company.id,
        asked.as_of,
        asked.type,
        partner_id=partner_id,
        aged_from=asked.aged_from,
    )
    found = open_items(db, connection, question).items
    later: defaultdict[int, list[LaterReconciliation]] = defaultdict(list)
    ids = [item.id for item in found]
    for each in list_later_reconciliations(db, connection.id, ids, asked.as_of):
        later[each.item_id].append(_rounded(asked, each))
    url = odoo_url(db, connection)
    items = [
        PartnerItem(
            **vars(_signed_item(asked, item)),
            later=tuple(later[item.id]),
            odoo_link=entry_link(url, connection.series, item.entry_id),
        )
        for item in found
    ]
    amounts = ((item.age, item.open_amount) for item in items)
    total = Aged(**sums_by_age(amounts, asked.company.decimal_places))
    return PartnerItems(next((item.partner for item in items), None), total, items)


def _outstanding(
    db: Database, connection: Connection, asked: Asked, days: Sequence[date]
) -> tuple[Outstanding, list[TrendPoint]]:
    stored = accounts_of(db, connection, asked.type)
    scope = Scope(connection.id, asked.company.id, asked.as_of, tuple(stored))
    ages_begin = [_days_earlier(asked.as_of, most) for most in AGES.values()]
    sums = sum_outstanding(db, scope, asked.aged_from, ages_begin, days)
    aged = [sum for each in sums.aged if (sum := _rounded(asked, each)).amount]
    open_amounts: defaultdict[int, Decimal] = defaultdict(Decimal)
    for each in aged:
        open_amounts[each.account_id] += each.amount
    accounts = [
        _account_total(asked, stored[id], balance, open_amounts[id])
        for id, balance in sums.balances.items()
        if balance or open_amounts[id]
    ]
    found = Outstanding(
        connection.start_date,
        Aged(**_aged(asked, aged)),
        _partners(asked, aged),
        sorted(accounts, key=lambda account: code_order(account.code, account.id)),
    )
    return found, [_point(asked, sums.changed, place, day) for place, day in enumerate(days)]


def _rounded(asked: Asked, each: Sum) -> Sum:
    return replace(each, amount=rounded(each.amount, asked.company.decimal_places))


def _days_earlier(day: date, count: int) -> date:
    return max(day, date.min + timedelta(days=count)) - timedelta(days=count)


def _aged(asked: Asked, sums: Iterable[AgedSum]) -> dict[str, Decimal]:
    ages = [*AGES, OLDEST]
    amounts = ((ages[each.age], asked.owed(each.amount)) for each in sums)
    return sums_by_age(amounts, asked.company.decimal_places)


def _partners(asked: Asked, sums: Iterable[AgedSum]) -> list[Debtor]:
    sums_of: defaultdict[tuple[int | None, str | None], list[AgedSum]] = defaultdict(list)
    for each in sums:
        sums_of[each.partner_id, each.partner].append(each)
    partners = [
        Debtor(**_aged(asked, theirs), partner_id=id, partner=name)
        for (id, name), theirs in sums_of.items()
    ]
    return sorted(
        partners, key=lambda each: (-each.total, each.partner or "", each.partner_id or 0)
    )


def _account_total(
    asked: Asked, stored: Account, balance: Decimal, open_amount: Decimal
) -> AccountTotal:
    total = account_total(asked.company, account_of(asked.company, stored, balance), open_amount)
    return replace(
        total,
        balance=asked.owed(total.balance),
        open_amount=asked.owed(total.open_amount),
        difference=asked.owed(total.difference),
    )


def _signed_item(asked: Asked, item: OpenItem) -> OpenItem:
    return replace(
        item,
        amount=asked.owed(item.amount),
        open_amount=asked.owed(item.open_amount),
        amount_currency=asked.owed(item.amount_currency),
        open_amount_currency=asked.owed(item.open_amount_currency),
    )


def _point(asked: Asked, changed: Sequence[ChangedSum], place: int, day: date) -> TrendPoint:
    open_amount = sum((each.amount for each in changed if each.open_since <= place), NOTHING)
    overdue = sum((each.amount for each in changed if each.overdue_since <= place), NOTHING)
    places = asked.company.decimal_places
    return TrendPoint(
        day,
        rounded(asked.owed(open_amount), places),
        rounded(asked.owed(overdue), places),
    )
