"""What is outstanding in sums, by partner, account and age, in one pass over all that changed it.

A sum needs to know no single open item. A journal item adds its balance from its date on; each
reconciliation takes its amount off both of its items from the day on which it counts. So a sum as
of any day is that of the changes up to it, and many days cost what one costs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.accounting.open_items import AgedFrom, Scope, within
from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, sums_to_zero
from receiver.db.tables import STREAM_TABLES

entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c
partners = STREAM_TABLES["partners"].c
reconciliations = STREAM_TABLES["reconciliations"].c

AGED, CHANGED, BALANCE = range(3)  # what a sum is

Summed = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class AgedSum:
    """Debit less credit of a partner on an account; ``age`` is the place in the list of days."""

    partner_id: int | None
    partner: str | None
    account_id: int
    age: int
    amount: Decimal


@dataclass(frozen=True)
class ChangedSum:
    """What has been open since one of the days asked for, and overdue since another: their places
    in the list of days, its length where that is after them all."""

    account_id: int
    open_since: int
    overdue_since: int
    amount: Decimal


@dataclass(frozen=True)
class OutstandingSums:
    aged: list[AgedSum]
    changed: list[ChangedSum]
    balances: dict[int, Decimal]  # {account id: of the ledger, whatever is reconciled}


@dataclass(frozen=True)
class LaterReconciliation:
    """What was taken off an item after a day, and by which entry where that has arrived."""

    item_id: int
    date: date
    amount: Decimal
    entry_id: int | None
    number: str | None


def sum_outstanding(
    db: Database,
    scope: Scope,
    aged_from: AgedFrom,
    ages_begin: Sequence[date],
    days: Sequence[date],
) -> OutstandingSums:
    """All in one query: to find the changes is dearer than to sum them.

    The age of what counts from the first of ``ages_begin`` on, which descend, is 0, else 1 from the
    second on, and so on; what adds up to nothing is left out. For ``days`` see list_changed_sums.
    """
    found = _items(db, scope, aged_from)
    changes = _changes(scope, found).cte("changes")
    wanted = [_aged(scope, changes, ages_begin), _balances(found)]
    if days:
        wanted.append(_changed(scope, changes, days))
    sums = sa.union_all(*wanted).subquery()
    query = sa.select(sums, partners.name.label("partner")).outerjoin_from(
        sums,
        STREAM_TABLES["partners"],
        sa.and_(partners.connection_id == scope.connection_id, partners.id == sums.c.partner_id),
    )
    rows: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in db.execute(query):
        rows[row.what].append(row)
    return OutstandingSums(
        aged=[
            AgedSum(row.partner_id, row.partner, row.account_id, row.first, row.amount)
            for row in rows[AGED]
        ],
        changed=_changed_sums(rows[CHANGED]),
        balances={row.account_id: row.amount for row in rows[BALANCE]},
    )


def list_changed_sums(db: Database, scope: Scope, days: Sequence[date]) -> list[ChangedSum]:
    """Summed up, they tell what was open and what was overdue on each of these days, which ascend;
    the last is the scope's."""
    changes = _changes(scope, _items(db, scope, AgedFrom.DUE_DATE)).subquery()
    return _changed_sums(db.execute(_changed(scope, changes, days)))


def _changed_sums(rows: Iterable[sa.Row[Any]]) -> list[ChangedSum]:
    return [ChangedSum(row.account_id, row.first, row.second, row.amount) for row in rows]


def list_later_reconciliations(
    db: Database, connection_id: int, item_ids: Sequence[int], after: date
) -> list[LaterReconciliation]:
    """List reconciliations of a later day, by item, then by date."""
    debit, credit = reconciliations.debit_item_id, reconciliations.credit_item_id
    halves = [
        _reconciled_with(connection_id, mine, other, after).where(is_among(db, mine, item_ids))
        for mine, other in ((debit, credit), (credit, debit))
    ]
    found = [LaterReconciliation(**row._mapping) for row in db.execute(sa.union_all(*halves))]
    return sorted(found, key=lambda each: (each.item_id, each.date))


def _aged(scope: Scope, changes: sa.FromClause, ages_begin: Sequence[date]) -> Summed:
    age = _place([changes.c.aged_from >= day for day in ages_begin])
    keys = (_number(AGED), changes.c.partner_id, changes.c.account_id, age, _number(0))
    return _summed(scope, changes, keys).having(sa.not_(sums_to_zero(changes.c.amount)))


def _changed(scope: Scope, changes: sa.FromClause, days: Sequence[date]) -> Summed:
    since, due_date = changes.c.since, changes.c.due_date
    open_since = _place([since <= day for day in days])
    overdue_since = _place([sa.and_(since <= day, due_date < day) for day in days])
    keys = (_number(CHANGED), _number(0), changes.c.account_id, open_since, overdue_since)
    return _summed(scope, changes, keys)


def _summed(scope: Scope, changes: sa.FromClause, keys: Sequence[sa.ColumnElement[Any]]) -> Summed:
    return (
        sa.select(*_labeled(keys, changes.c.amount))
        .where(changes.c.since <= scope.as_of)
        .group_by(*_numbers(keys))
    )


def _balances(found: sa.CTE) -> Summed:
    keys = (_number(BALANCE), _number(0), found.c.account_id, _number(0), _number(0))
    return sa.select(*_labeled(keys, found.c.balance)).group_by(*_numbers(keys))


def _labeled(
    keys: Sequence[sa.ColumnElement[Any]], amount: sa.ColumnElement[Decimal]
) -> list[sa.ColumnElement[Any]]:
    """The columns that all the sums have, so that one query can ask for them together."""
    names = ("what", "partner_id", "account_id", "first", "second")
    labeled = [key.label(name) for key, name in zip(keys, names, strict=True)]
    return [*labeled, exact_sum(amount).label("amount")]


def _changes(scope: Scope, found: sa.CTE) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """``partner_id``, ``account_id``, ``due_date``, ``aged_from``, ``since`` when it is so, and
    ``amount``.

    The items are read once, for themselves and for their reconciliations.
    """
    of_item = (found.c.partner_id, found.c.account_id, found.c.due_date, found.c.aged_from)
    booked = sa.select(*of_item, found.c.date.label("since"), found.c.balance.label("amount"))
    counts_from = _counts_from()
    since = sa.case((counts_from > found.c.date, counts_from), else_=found.c.date).label("since")
    taken = [
        sa.select(*of_item, since, amount.label("amount")).where(
            reconciliations.connection_id == scope.connection_id, item_id == found.c.id
        )
        for item_id, amount in (
            (reconciliations.debit_item_id, -reconciliations.amount),
            (reconciliations.credit_item_id, reconciliations.amount),
        )
    ]
    return sa.union_all(booked, *taken)


def _items(db: Database, scope: Scope, aged_from: AgedFrom) -> sa.CTE:
    due_date = sa.func.coalesce(items.due_date, items.date)
    is_by_invoice = aged_from is AgedFrom.INVOICE_DATE
    aged = sa.func.coalesce(entries.invoice_date, items.date) if is_by_invoice else due_date
    query = sa.select(
        items.id,
        items.partner_id,
        items.account_id,
        due_date.label("due_date"),
        aged.label("aged_from"),
        items.date,
        items.balance,
    ).where(*within(db, scope))
    if is_by_invoice:
        is_its = sa.and_(entries.connection_id == scope.connection_id, entries.id == items.entry_id)
        query = query.outerjoin_from(
            STREAM_TABLES["journal_items"], STREAM_TABLES["journal_entries"], is_its
        )
    return query.cte("found")


def _counts_from() -> sa.ColumnElement[date]:
    """Every series stores that date; where it is missing all the same, the later item tells it."""
    other = STREAM_TABLES["journal_items"].alias()
    pair = (reconciliations.debit_item_id, reconciliations.credit_item_id)
    of_items = sa.select(sa.func.max(other.c.date)).where(
        other.c.connection_id == reconciliations.connection_id, other.c.id.in_(pair)
    )
    return sa.func.coalesce(
        reconciliations.date,
        of_items.correlate(STREAM_TABLES["reconciliations"]).scalar_subquery(),
        type_=sa.Date(),
    )


def _reconciled_with(
    connection_id: int, mine: sa.Column[int], other: sa.Column[int], after: date
) -> sa.Select[*tuple[object, ...]]:
    counts_from = _counts_from()
    return (
        sa.select(
            mine.label("item_id"),
            counts_from.label("date"),
            reconciliations.amount,
            items.entry_id,
            entries.number,
        )
        .select_from(STREAM_TABLES["reconciliations"])
        .outerjoin(
            STREAM_TABLES["journal_items"],
            sa.and_(items.connection_id == connection_id, items.id == other),
        )
        .outerjoin(
            STREAM_TABLES["journal_entries"],
            sa.and_(entries.connection_id == connection_id, entries.id == items.entry_id),
        )
        .where(reconciliations.connection_id == connection_id, counts_from > after)
    )


def _place(conditions: Sequence[sa.ColumnElement[bool]]) -> sa.ColumnElement[int]:
    """The place of the first condition that holds; their number where none does."""
    places: list[Any] = [(each, _number(place)) for place, each in enumerate(conditions)]
    return sa.case(*places, else_=_number(len(conditions)))


def _numbers(keys: Sequence[object]) -> list[sa.ColumnElement[int]]:
    """Numbers to group by: PostgreSQL takes expressions with parameters for different ones."""
    return [_number(place) for place, _ in enumerate(keys, 1)]


def _number(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer)
