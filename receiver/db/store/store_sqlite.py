"""Stores a batch in SQLite: texts become stored values, then one guarded upsert for each record."""

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

import sqlalchemy as sa
from monitr_wire.streams import Field
from monitr_wire.values import ABSENT, unescape
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.sqlite import insert

from receiver.db.money import held
from receiver.db.store.incoming import Incoming, Stored
from receiver.db.tables import STREAM_TABLES

Value = int | str | None


def store(db: Database, connection_id: int, incoming: Incoming) -> Stored:
    table = STREAM_TABLES[incoming.stream.name]
    written_count = _upsert(db, table, connection_id, incoming) if incoming.lines else 0
    deleted_count = _delete_missing(db, table, connection_id, incoming)
    deleted_count += _delete(db, table, connection_id, incoming.deletions)
    return Stored(written_count, deleted_count)


def _upsert(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> int:
    names = ("connection_id", *incoming.column_names)
    new = insert(table).values({name: sa.bindparam(name) for name in names})
    upsert = new.on_conflict_do_update(
        index_elements=table.primary_key.columns,
        set_={c.name: new.excluded[c.name] for c in table.columns if not c.primary_key},
        where=table.c.digest != new.excluded.digest,
    )
    statement = str(upsert.compile(dialect=db.dialect, column_keys=names))
    rows = zip(repeat(connection_id), *_columns(incoming), incoming.digests, strict=False)
    return db.exec_driver_sql(statement, list(rows)).rowcount


def _columns(incoming: Incoming) -> Iterable[Sequence[Value]]:
    texts = zip(*(line.decode().split("\t") for line in incoming.lines), strict=True)
    return [_column(field, column) for field, column in zip(incoming.fields, texts, strict=True)]


def _column(field: Field, texts: Sequence[str]) -> Sequence[Value]:
    """Converts each different text once: most columns have few."""
    convert = CONVERT[field.type]
    values: dict[str, Value] = {text: convert(text) for text in set(texts) - {ABSENT}}
    values[ABSENT] = None
    return [values[text] for text in texts]


def _as_it_is(text: str) -> str:
    return text


def _boolean(text: str) -> int:
    return int(text == "t")


CONVERT: dict[str, Callable[[str], int | str]] = {
    "id": int,
    "integer": int,
    "places": int,
    "text": unescape,
    "boolean": _boolean,
    "date": _as_it_is,
    "money": held,
    "quantity": held,
    "ids": _as_it_is,
    "codes": unescape,
    "shares": _as_it_is,
}


def _delete_missing(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> int:
    """Deletes what lies in the batch's range and did not come with it."""
    if incoming.range is None:
        return 0
    delete = sa.delete(table).where(
        table.c.connection_id == connection_id,
        table.c.id > incoming.range.after_id,
        table.c.id.not_in(_listed(incoming.ids)),
    )
    if incoming.range.up_to_id is not None:
        delete = delete.where(table.c.id <= incoming.range.up_to_id)
    return db.execute(delete).rowcount


def _delete(db: Database, table: sa.Table, connection_id: int, ids: tuple[int, ...]) -> int:
    delete = sa.delete(table).where(
        table.c.connection_id == connection_id, table.c.id.in_(_listed(ids))
    )
    return db.execute(delete).rowcount


def _listed(ids: tuple[int, ...]) -> sa.Select[int]:
    """The ids as rows, in one parameter: SQLite takes only so many."""
    return sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value)
