"""Records as stored, read in the order of their ids: a page, or all of them one part at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from monitr_wire.streams import Field, Stream
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.amounts import amount_text
from receiver.db.streaming import stream_parts
from receiver.db.tables import STREAM_TABLES

Row = Sequence[Any]  # in contract order: int, date or str; None where absent


@dataclass(frozen=True)
class RecordQuery:
    """Which records of a stream, and from where on."""

    equals: Mapping[str, int | bool] = field(default_factory=dict)  # {field name: wanted value}
    from_date: date | None = None
    to_date: date | None = None  # inclusive
    after_id: int = 0
    limit: int | None = None  # None is all of them


def list_records(
    db: Database, connection_id: int, stream: Stream, query: RecordQuery
) -> Sequence[Row]:
    return db.execute(_select(connection_id, stream, query)).all()


def stream_records(
    db: Database, connection_id: int, stream: Stream, query: RecordQuery
) -> Iterator[Sequence[Row]]:
    """The same in parts, never all in memory."""
    yield from stream_parts(db, _select(connection_id, stream, query))


def count_records_of(
    db: Database, connection_ids: Sequence[int], stream_name: str
) -> dict[int, int]:
    """``{connection id: how many records of the stream are stored}`` of every one."""
    column = STREAM_TABLES[stream_name].c.connection_id
    query = sa.select(column, sa.func.count()).where(is_among(db, column, connection_ids))
    found = {id: count for id, count in db.execute(query.group_by(column))}
    return dict.fromkeys(connection_ids, 0) | found


def select_values(stream: Stream) -> list[sa.ColumnElement[Any]]:
    """The columns of a Row."""
    columns = STREAM_TABLES[stream.name].c
    return [_value(columns[field.name], field) for field in stream.fields]


def _select(
    connection_id: int, stream: Stream, query: RecordQuery
) -> sa.Select[*tuple[object, ...]]:
    columns = STREAM_TABLES[stream.name].c
    select = (
        sa.select(*select_values(stream))
        .where(columns.connection_id == connection_id, columns.id > query.after_id)
        .where(*(columns[name] == wanted for name, wanted in query.equals.items()))
        .order_by(columns.id)
        .limit(query.limit)
    )
    if query.from_date:
        select = select.where(columns.date >= query.from_date)
    if query.to_date:
        select = select.where(columns.date <= query.to_date)
    return select


def _value(column: sa.Column[Any], field: Field) -> sa.ColumnElement[Any]:
    """The database writes the texts of amounts and booleans: it is several times faster."""
    if field.type in ("money", "quantity"):
        return amount_text(column)
    if field.type == "boolean":
        return sa.case((column.is_(True), "true"), (column.is_(False), "false"))
    return column
