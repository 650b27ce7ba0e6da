"""What is outstanding in sums, by partner, account and age, in one pass over all that changed it.

A sum needs to know no single open item. A journal item adds its balance from its date on; each
reconciliation takes its amount off both of its items from the day on which it counts. So a sum as
of any day is that of the changes up to it, and many days cost what one costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, sums_to_zero
from receiver.db.open_items import Scope, within
from receiver.db.tables import STREAM_TABLES

entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c
partners = STREAM_TABLES["partners"].c
reconciliations = STREAM_TABLES["reconciliations"].c


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

    open_since: int
    overdue_since: int
    amount: Decimal


@dataclass(frozen=True)
class LaterReconciliation:
    """What was taken off an item after a day, and by which entry where that has arrived."""

    item_id: int
    date: date
    amount: Decimal
    entry_id: int | None
    number: str | None


def list_aged_sums(db: Database, scope: Scope, due_from: Sequence[date]) -> list[AgedSum]:
    """The age of what is due on or after the first of these days is 0, else 1 after the second,
    and so on; they descend. What adds up to nothing is left out."""
    changes = _changes(scope).c
    age = _place([changes.due_date >= day for day in due_from])
    keys = (changes.partner_id, changes.account_id, age.label("age"))
    sums = (
        sa.select(*keys, exact_sum(changes.amount).label("amount"))
        .where(changes.since <= scope.as_of)
        .group_by(*_numbers(keys))
        .having(sa.not_(sums_to_zero(changes.amount)))
        .subquery()
    )
    query = sa.select(sums, partners.name.label("partner")).outerjoin_from(
        sums,
        STREAM_TABLES["partners"],
        sa.and_(partners.connection_id == scope.connection_id, partners.id == sums.c.partner_id),
    )
    return [AgedSum(**row._mapping) for row in db.execute(query)]


def list_changed_sums(db: Database, scope: Scope, days: Sequence[date]) -> list[ChangedSum]:
    """Summed up, they tell what was open and what was overdue on each of these days, which ascend;
    the last is the scope's."""
    changes = _changes(scope).c
    is_open = [changes.since <= day for day in days]
    is_overdue = [sa.and_(changes.since <= day, changes.due_date < day) for day in days]
    keys = (_place(is_open).label("open_since"), _place(is_overdue).label("overdue_since"))
    query = (
        sa.select(*keys, exact_sum(changes.amount).label("amount"))
        .where(changes.since <= scope.as_of)
        .group_by(*_numbers(keys))
    )
    return [ChangedSum(**row._mapping) for row in db.execute(query)]


def list_later_reconciliations(
    db: Database, connection_id: int, item_ids: Sequence[int], after: date
) -> list[LaterReconciliation]:
    """By item, then by date."""
    debit, credit = reconciliations.debit_item_id, reconciliations.credit_item_id
    halves = [
        _reconciled_with(connection_id, mine, other, after).where(is_among(db, mine, item_ids))
        for mine, other in ((debit, credit), (credit, debit))
    ]
    found = [LaterReconciliation(**row._mapping) for row in db.execute(sa.union_all(*halves))]
    return sorted(found, key=lambda each: (each.item_id, each.date))


def _changes(scope: Scope) -> sa.Subquery:
    """``partner_id``, ``account_id``, ``due_date``, ``since`` when it is so, and ``amount``.

    The items are read once, for themselves and for their reconciliations.
    """
    found = _items(scope).c
    of_item = (found.partner_id, found.account_id, found.due_date)
    booked = sa.select(*of_item, found.date.label("since"), found.balance.label("amount"))
    counts_from = _counts_from()
    since = sa.case((counts_from > found.date, counts_from), else_=found.date).label("since")
    taken = [
        sa.select(*of_item, since, amount.label("amount")).where(
            reconciliations.connection_id == scope.connection_id, item_id == found.id
        )
        for item_id, amount in (
            (reconciliations.debit_item_id, -reconciliations.amount),
            (reconciliations.credit_item_id, reconciliations.amount),
        )
    ]
    return sa.union_all(booked, *taken).subquery()


def _items(scope: Scope) -> sa.CTE:
    due_date = sa.func.coalesce(items.due_date, items.date).label("due_date")
    columns = (items.id, items.partner_id, items.account_id, due_date, items.date, items.balance)
    return sa.select(*columns).where(*within(scope)).cte("found")


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
    """Of the first condition that holds; their number where none does."""
    places: list[Any] = [
        (each, sa.literal_column(str(place))) for place, each in enumerate(conditions)
    ]
    return sa.case(*places, else_=sa.literal_column(str(len(conditions))))


def _numbers(keys: Sequence[object]) -> list[sa.ColumnElement[int]]:
    """To group by: PostgreSQL takes expressions with parameters for different ones."""
    return [sa.literal_column(str(number)) for number, _ in enumerate(keys, 1)]
