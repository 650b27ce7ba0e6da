"""Which companies the stored records belong to."""

from collections.abc import Sequence

import sqlalchemy as sa
from monitr_wire.batch import IdRange
from monitr_wire.streams import ACCOUNTS, COMPANIES, Stream
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.tables import STREAM_TABLES

NOBODY: tuple[int, ...] = ()


def list_owners(
    db: Database, connection_id: int, stream: Stream, wanted: IdRange | Sequence[int]
) -> dict[int, tuple[int, ...]]:
    """``{id: companies}`` of those records in the range, or of these ids, that are stored; of no
    company is what all of them share."""
    columns = STREAM_TABLES[stream.name].c
    query = sa.select(columns.id, _owner(stream)).where(columns.connection_id == connection_id)
    if not isinstance(wanted, IdRange):
        query = query.where(is_among(db, columns.id, wanted))
    elif wanted.up_to_id is None:
        query = query.where(columns.id > wanted.after_id)
    else:
        query = query.where(columns.id > wanted.after_id, columns.id <= wanted.up_to_id)
    return {
        id: tuple(map(int, owner.split(","))) if owner else NOBODY
        for id, owner in db.execute(query.order_by(columns.id))
    }


def _owner(stream: Stream) -> sa.ColumnElement[str | None]:
    """One company, several with commas between, or none."""
    columns = STREAM_TABLES[stream.name].c
    if stream is COMPANIES:
        return sa.cast(columns.id, sa.Text)
    if stream is ACCOUNTS:
        return columns.company_ids
    if "company_id" in stream.field_names:
        return sa.cast(columns.company_id, sa.Text)
    return sa.cast(sa.null(), sa.Text)
