"""How far the puller has read each stream of a connection."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.conflicts import insert_or_replace
from receiver.db.tables import pull_positions


@dataclass(frozen=True)
class PullPosition:
    stream: str
    shape: str  # what decides how a row is read: another one makes all that is stored outdated
    begun_at: datetime  # the last read of everything
    after_id: int | None  # where that read goes on; None where it came to its end
    written_until: datetime | None  # what Odoo wrote before is read; None: it had written nothing


def list_positions(db: Database, connection_id: int) -> dict[str, PullPosition]:
    """``{stream name: position}`` of those that a read of everything has begun of."""
    columns = [each for each in pull_positions.columns if each.name != "connection_id"]
    rows = db.execute(sa.select(*columns).where(pull_positions.c.connection_id == connection_id))
    return {row.stream: PullPosition(**row._mapping) for row in rows}


def save_position(db: Database, connection_id: int, position: PullPosition) -> None:
    values = {"connection_id": connection_id, **vars(position)}
    insert_or_replace(db, pull_positions, values)


def forget_positions(db: Database, connection_id: int) -> None:
    """The next pull reads everything again."""
    db.execute(sa.delete(pull_positions).where(pull_positions.c.connection_id == connection_id))
