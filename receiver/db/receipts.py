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


def find_receipt(db: Database, connection_id: int, batch_id: str) -> Receipt | None:
    columns = [column for column in receipts.columns if column.name != "connection_id"]
    query = sa.select(*columns).where(
        receipts.c.connection_id == connection_id, receipts.c.batch_id == batch_id
    )
    row = db.execute(query).first()
    return Receipt(**row._mapping) if row else None


def insert_receipt(db: Database, connection_id: int, receipt: Receipt) -> None:
    values = {"connection_id": connection_id, **vars(receipt)}
    db.execute(sa.insert(receipts).values(values))
