"""Stores a batch in PostgreSQL: the lines go to COPY as they came, then one guarded upsert."""

import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import ARRAY, insert

from receiver.db.incoming import Incoming, Stored
from receiver.db.tables import STREAM_TABLES

ARRIVED = sa.table("arrived", sa.column("id", sa.BigInteger))


def store(db: Database, connection_id: int, incoming: Incoming) -> Stored:
    table = STREAM_TABLES[incoming.stream.name]
    _copy(db, table, incoming)
    written_count = _upsert(db, table, connection_id, incoming)
    deleted_count = _delete_missing(db, table, connection_id, incoming)
    deleted_count += _delete(db, table, connection_id, incoming.deletions)
    return Stored(written_count, deleted_count)


def _copy(db: Database, table: sa.Table, incoming: Incoming) -> None:
    names = ", ".join(f'"{name}"' for name in incoming.column_names)
    db.exec_driver_sql(
        f"CREATE TEMP TABLE {ARRIVED.name} ON COMMIT DROP"
        f" AS SELECT {names} FROM {table.name} WITH NO DATA"
    )
    lines = zip(incoming.lines, incoming.digests, strict=True)
    text = b"".join(b"%b\t%d\n" % (line, digest) for line, digest in lines)
    connection = db.connection.driver_connection
    assert connection is not None
    copy = f"COPY {ARRIVED.name} ({names}) FROM STDIN (FORMAT text, ENCODING 'UTF8')"
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        stream.write(text)


def _upsert(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> int:
    names = incoming.column_names
    columns = [sa.literal(connection_id), *(sa.column(name) for name in names)]
    arrived = sa.select(*columns).select_from(ARRIVED)
    new = insert(table).from_select(["connection_id", *names], arrived)
    upsert = new.on_conflict_do_update(
        index_elements=table.primary_key.columns,
        set_={c.name: new.excluded[c.name] for c in table.columns if not c.primary_key},
        where=table.c.digest != new.excluded.digest,
    )
    return db.execute(upsert, execution_options={"preserve_rowcount": True}).rowcount


def _delete_missing(db: Database, table: sa.Table, connection_id: int, incoming: Incoming) -> int:
    """Deletes what lies in the batch's range and did not come with it."""
    if incoming.range is None:
        return 0
    delete = sa.delete(table).where(
        table.c.connection_id == connection_id,
        table.c.id > incoming.range.after_id,
        ~sa.exists().where(ARRIVED.c.id == table.c.id),
    )
    if incoming.range.up_to_id is not None:
        delete = delete.where(table.c.id <= incoming.range.up_to_id)
    return db.execute(delete).rowcount


def _delete(db: Database, table: sa.Table, connection_id: int, ids: tuple[int, ...]) -> int:
    gone = sa.cast(list(ids), ARRAY(sa.BigInteger))
    delete = sa.delete(table).where(
        table.c.connection_id == connection_id, table.c.id == sa.any_(gone)
    )
    return db.execute(delete).rowcount
