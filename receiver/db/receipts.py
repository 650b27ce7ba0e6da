"""Receipts: what the receiver answered to each batch it stored."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import receipts


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


def insert_receipt(db: Database, connection_id: int, receipt: Receipt) -> None:
    values = {"connection_id": connection_id, **vars(receipt)}
    db.execute(sa.insert(receipts).values(values))
