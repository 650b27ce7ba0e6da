"""Balances of accounts between dates, whatever the dates: one grouped query for a whole report.

The dates of a report cut time into slices. An item is in the slice with the number of dates that
are not after its own, so all items before the first date are in slice 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.accounting.closings import Closings, is_of
from receiver.db.among import is_among
from receiver.db.amounts import exact_sum
from receiver.db.tables import STREAM_TABLES

items = STREAM_TABLES["journal_items"].c
journals = STREAM_TABLES["journals"].c


@dataclass(frozen=True)
class Range:
    """Companies and days whose items are added up, sliced at these dates, which are sorted."""

    connection_id: int
    company_ids: tuple[int, ...]
    from_date: date | None  # None: from the first one on
    to_date: date
    cuts: tuple[date, ...]
    without: Closings | None = None  # whose items are left out


class SliceBalance(NamedTuple):
    company_id: int
    account_id: int
    slice: int
    balance: Decimal


@dataclass(frozen=True)
class JournalCount:
    """How many entries a journal has of those that are asked for."""

    id: int | None
    name: str | None  # None until it has arrived
    entry_count: int


class SharedBalance(NamedTuple):
    company_id: int
    account_id: int
    slice: int
    shares: str | None  # as the wire writes them
    balance: Decimal


def list_slice_balances(
    db: Database, range: Range, account_ids: Sequence[int] | None = None
) -> list[SliceBalance]:
    """List the balances of these accounts, or of every one."""
    query = _grouped(db, range)
    if account_ids is not None:
        query = query.where(is_among(db, items.account_id, account_ids))
    return [SliceBalance(*row) for row in db.execute(query)]


def list_shared_balances(
    db: Database, range: Range, account_ids: Sequence[int]
) -> list[SharedBalance]:
    """The same of these accounts, for each distribution of analytic shares: items with equal shares
    are one sum."""
    query = _grouped(db, range, items.shares)
    query = query.where(is_among(db, items.account_id, account_ids))
    return [SharedBalance(*row) for row in db.execute(query)]


def list_counterpart_balances(
    db: Database, range: Range, cash_ids: Sequence[int]
) -> list[SliceBalance]:
    """List the balances of the other accounts, in the entries that have an item on one of these."""
    is_cash = is_among(db, items.account_id, cash_ids)
    entry_ids = sa.select(items.entry_id).where(*_within(db, range), is_cash)
    query = _grouped(db, range).where(sa.not_(is_cash), items.entry_id.in_(entry_ids))
    return [SliceBalance(*row) for row in db.execute(query)]


def count_closings(
    db: Database, range: Range, closings: Closings, account_ids: Sequence[int]
) -> list[JournalCount]:
    """Count by journal the entries among these that have items on one of the accounts."""
    count = sa.func.count(sa.distinct(items.entry_id)).label("entry_count")
    counted = (
        sa.select(items.journal_id, count)
        .where(*_within(db, replace(range, without=None)), is_of(db, closings))
        .where(is_among(db, items.account_id, account_ids))
        .group_by(items.journal_id)
        .subquery()
    )
    is_journal = sa.and_(
        journals.connection_id == range.connection_id, journals.id == counted.c.journal_id
    )
    query = (
        sa.select(counted.c.journal_id, journals.name, counted.c.entry_count)
        .outerjoin_from(counted, STREAM_TABLES["journals"], is_journal)
        .order_by(journals.name, counted.c.journal_id)
    )
    return [JournalCount(*row) for row in db.execute(query)]


def _grouped(db: Database, range: Range, *more: sa.Column[Any]) -> sa.Select[*tuple[Any, ...]]:
    keys = (items.company_id, items.account_id, _slice_of(range.cuts).label("slice"), *more)
    return (
        sa.select(*keys, exact_sum(items.balance).label("balance"))
        .where(*_within(db, range))
        .group_by(*(sa.literal_column(str(number)) for number, _ in enumerate(keys, 1)))
    )


def _within(db: Database, range: Range) -> list[sa.ColumnElement[bool]]:
    conditions = [
        items.connection_id == range.connection_id,
        items.company_id.in_(range.company_ids),
        items.date <= range.to_date,
    ]
    if range.from_date is not None:
        conditions.append(items.date >= range.from_date)
    if range.without is not None:
        conditions.append(sa.not_(is_of(db, range.without)))
    return conditions


def _slice_of(cuts: Sequence[date]) -> sa.ColumnElement[int]:
    """Dates compare alike on both databases, where months would not be alike."""
    if not cuts:
        return sa.literal_column("0")
    numbered: list[Any] = [
        (items.date < cut, sa.literal_column(str(n))) for n, cut in enumerate(cuts)
    ]
    return sa.case(*numbered, else_=sa.literal_column(str(len(cuts))))
