"""Stores a batch in PostgreSQL: the lines go to COPY as they came, then one guarded upsert.

Where nothing of the batch's range is stored yet, COPY writes into the table itself.
"""

from typing import Any

import sqlalchemy as sa
from monitr_wire.batch import IdRange
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import ARRAY, insert

from receiver.db.store.incoming import Incoming, Stored
from receiver.db.tables import STREAM_TABLES

ARRIVED = sa.table("arrived", sa.column("id", sa.BigInteger))


def store(db: Database, connection_id: int, incoming: Incoming) -> Stored:
    table = STREAM_TABLES[incoming.stream.name]
    if _is_all_new(db, table, connection_id, incoming):
        _copy(db, table.name, connection_id, incoming)
        return Stored(len(incoming.ids), 0)
    db.exec_driver_sql(
        f"CREATE TEMP TABLE {ARRIVED.name} ON COMMIT DROP"
        f" AS SELECT {_quoted_columns(incoming)} FROM {table.name} WITH NO DATA"
    )
    _copy(db, ARRIVED.name, connection_id, incoming)
    written_count = _upsert(db, table, incoming)
    deleted_count = _delete_missing(db, table, connection_id, incoming)
    deleted_count += _delete(db, table, connection_id, incoming.deletions)
    return Stored(written_count, deleted_count)


def _is_all_new(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> bool:
    """Whether nothing is stored in the batch's range yet, as in a first push: twice as fast."""
    if incoming.range is None or incoming.deletions:
        return False
    stored = sa.select(table.c.id).where(*_in_range(table, connection_id, incoming.range))
    return db.execute(stored.limit(1)).first() is None


def _in_range(
    table: sa.Table, connection_id: int, id_range: IdRange
) -> list[sa.ColumnElement[bool]]:
    conditions = [table.c.connection_id == connection_id, table.c.id > id_range.after_id]
    if id_range.up_to_id is not None:
        conditions.append(table.c.id <= id_range.up_to_id)
    return conditions


def _copy(db: Database, table_name: str, connection_id: int, incoming: Incoming) -> None:
    lines = zip(incoming.lines, incoming.digests, strict=True)
    text = b"".join([b"%d\t%b\t%d\n" % (connection_id, line, digest) for line, digest in lines])
    connection = db.connection.driver_connection
    assert connection is not None
    columns = _quoted_columns(incoming)
    copy = f"COPY {table_name} ({columns}) FROM STDIN (FORMAT text, ENCODING 'UTF8')"
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        stream.write(text)


def _upsert(db: Database, table: sa.Table, incoming: Incoming) -> int:
    names = ["connection_id", *incoming.column_names]
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    arrived = sa.select(*columns).select_from(ARRIVED)
    new = insert(table).from_select(names, arrived)
    upsert = new.on_conflict_do_update(
        index_elements=table.primary_key.columns,
        set_={c.name: new.excluded[c.name] for c in table.columns if not c.primary_key},
        where=table.c.digest != new.excluded.digest,
    )
    return db.execute(upsert, execution_options={"preserve_rowcount": True}).rowcount


def _quoted_columns(incoming: Incoming) -> str:
    return ", ".join(f'"{name}"' for name in ("connection_id", *incoming.column_names))


def _delete_missing(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> int:
    """Deletes what lies in the batch's range and did not come with it."""
    if incoming.range is None:
        return 0
    has_come = sa.exists().where(ARRIVED.c.id == table.c.id)
    delete = sa.delete(table).where(*_in_range(table, connection_id, incoming.range), ~has_come)
    return db.execute(delete).rowcount


def _delete(db: Database, table: sa.Table, connection_id: int, ids: tuple[int, ...]) -> int:
    gone = sa.cast(list(ids), ARRAY(sa.BigInteger))
    delete = sa.delete(table).where(
        table.c.connection_id == connection_id, table.c.id == sa.any_(gone)
    )
    return db.execute(delete).rowcount
