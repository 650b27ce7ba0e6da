"""Receipts: what the receiver answered to each batch it stored."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import receipts

PULLED = "pull_"  # how the run ids of pulls begin


@dataclass(frozen=True)
class Receipt:
    batch_id: str
    body_sha256: str
    run_id: str
    stream: str
    received_count: int
    written_count: int  # new or changed
    deleted_count: int
    stored_at: datetime


@dataclass(frozen=True)
class Counts:
    record_count: int
    written_count: int
    deleted_count: int


@dataclass(frozen=True)
class Push:
    """What the batches of one run of the addon brought, as their receipts tell."""

    run_id: str
    began_at: datetime  # when its first batch was stored
    ended_at: datetime  # and its last one
    batch_count: int
    received_count: int
    written_count: int
    deleted_count: int

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at).total_seconds()


def find_receipt(db: Database, connection_id: int, batch_id: str) -> Receipt | None:
    columns = [column for column in receipts.columns if column.name != "connection_id"]
    query = sa.select(*columns).where(
        receipts.c.connection_id == connection_id, receipts.c.batch_id == batch_id
    )
    row = db.execute(query).first()
    return Receipt(**row._mapping) if row else None


def count_received_since(db: Database, connection_id: int, moment: datetime) -> Counts:
    """What all batches brought together that were stored since then."""
    columns = (receipts.c.received_count, receipts.c.written_count, receipts.c.deleted_count)
    query = sa.select(*(sa.func.coalesce(sa.func.sum(each), 0) for each in columns)).where(
        receipts.c.connection_id == connection_id, receipts.c.stored_at >= moment
    )
    return Counts(*map(int, db.execute(query).one()))


def count_received_by_stream(db: Database, connection_id: int) -> dict[str, int]:
    """``{stream: records}`` that all batches brought together; streams without any are left out."""
    query = (
        sa.select(receipts.c.stream, sa.func.sum(receipts.c.received_count))
        .where(receipts.c.connection_id == connection_id)
        .group_by(receipts.c.stream)
    )
    return {stream: int(count) for stream, count in db.execute(query)}


def list_pushes(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[Push]:
    """The newest first, without the runs of a pull; a limit of None is none."""
    columns = receipts.c
    sums = (columns.received_count, columns.written_count, columns.deleted_count)
    ended_at = sa.func.max(columns.stored_at)
    query = (
        sa.select(
            columns.run_id,
            sa.func.min(columns.stored_at),
            ended_at,
            sa.func.count(),
            *(sa.func.sum(each) for each in sums),
        )
        .where(
            columns.connection_id == connection_id,
            columns.run_id.not_like(f"{PULLED}%"),
        )
        .group_by(columns.run_id)
        .order_by(ended_at.desc(), columns.run_id)
        .limit(limit)
        .offset(offset)
    )
    return [Push(*row[:4], *map(int, row[4:])) for row in db.execute(query)]


def insert_receipt(db: Database, connection_id: int, receipt: Receipt) -> None:
    values = {"connection_id": connection_id, **vars(receipt)}
    db.execute(sa.insert(receipts).values(values))
