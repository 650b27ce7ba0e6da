"""What changed in closed periods, as stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.streaming import stream_parts
from receiver.db.tables import closed_period_changes

columns = closed_period_changes.c


@dataclass(frozen=True)
class Change:
    """A record of a closed period that appeared, changed or vanished."""

    kind: str
    stream: str
    record_id: int
    company_id: int
    closed_until: date  # was known to be closed then, this day included
    date_before: date | None
    date_after: date | None
    before: str | None  # the record's line
    after: str | None
    run_id: str
    batch_id: str
    noticed_at: datetime


@dataclass(frozen=True)
class StoredChange(Change):
    change_id: int  # a later one has a higher one


@dataclass(frozen=True)
class ChangeQuery:
    """Which changes of a connection."""

    company_id: int | None = None
    stream: str | None = None
    # Inclusive; the date before the change or the one after it lies between them.
    from_date: date | None = None
    to_date: date | None = None
    since: datetime | None = None
    before_id: int | None = None
    limit: int | None = None  # None is all of them
    offset: int = 0


def insert_changes(db: Database, connection_id: int, changes: Sequence[Change]) -> None:
    """The caller holds the connection's lock, so no other takes these numbers."""
    of_connection = columns.connection_id == connection_id
    last_id = db.scalar(sa.select(sa.func.max(columns.change_id)).where(of_connection)) or 0
    rows = [
        {"connection_id": connection_id, "change_id": id, **vars(change)}
        for id, change in enumerate(changes, last_id + 1)
    ]
    db.execute(sa.insert(closed_period_changes), rows)


def stream_changes(
    db: Database, connection_id: int, query: ChangeQuery
) -> Iterator[Sequence[StoredChange]]:
    """Newest first, in parts."""
    for part in stream_parts(db, _select(connection_id, query)):
        yield [StoredChange(**row._mapping) for row in part]


def _select(connection_id: int, query: ChangeQuery) -> sa.Select[*tuple[object, ...]]:
    wanted = [columns.connection_id == connection_id]
    if query.company_id is not None:
        wanted.append(columns.company_id == query.company_id)
    if query.stream is not None:
        wanted.append(columns.stream == query.stream)
    if query.since is not None:
        wanted.append(columns.noticed_at >= query.since)
    if query.before_id is not None:
        wanted.append(columns.change_id < query.before_id)
    if query.from_date or query.to_date:
        dates = (columns.date_before, columns.date_after)
        wanted.append(sa.or_(*(_lies_between(day, query) for day in dates)))
    return (
        sa.select(*(column for column in columns if column.name != "connection_id"))
        .where(*wanted)
        .order_by(columns.change_id.desc())
        .limit(query.limit)
        .offset(query.offset)
    )


def _lies_between(day: sa.Column[date | None], query: ChangeQuery) -> sa.ColumnElement[bool]:
    from_date, to_date = query.from_date or date.min, query.to_date or date.max
    return day.between(from_date, to_date)
