"""The limit: the same columns by bare COPY, out of Odoo's database into a bare table."""

import time

import psycopg
from monitr_wire.streams import JOURNAL_ITEMS, Field

from tests.bench.figures import Timing
from tests.postgres import PostgresServer

TYPES = {
    "id": "bigint",
    "integer": "bigint",
    "text": "text",
    "boolean": "boolean",
    "date": "date",
    "money": "numeric",
    "shares": "text",
}


def copy_out_and_in(postgres: PostgresServer, source: str, target: str) -> Timing:
    """The table has the receiver's primary key, no other index, no digest."""
    with (
        psycopg.connect(postgres.conninfo(source)) as odoo,
        psycopg.connect(postgres.conninfo(target)) as receiver,
    ):
        _create_table(receiver)
        receiver.commit()
        began = time.perf_counter()
        rows = _copy(odoo, receiver, _columns(odoo))
        receiver.commit()
        return Timing(rows, time.perf_counter() - began)


def _create_table(receiver: psycopg.Connection) -> None:
    columns = ", ".join(f"{field.name} {TYPES[field.type]}" for field in JOURNAL_ITEMS.fields)
    receiver.execute(
        f"CREATE TABLE journal_items (connection_id integer, {columns},"
        " PRIMARY KEY (connection_id, id))".encode()
    )


def _columns(odoo: psycopg.Connection) -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
    known = {name for (name,) in odoo.execute(query, ["account_move_line"])}
    return [_column(field, known) for field in JOURNAL_ITEMS.fields]


def _column(field: Field, known: set[str]) -> str:
    names = (*field.source, "analytic_account_id")  # the column before 16; tags have none
    return next(name for name in names if name in known)


def _copy(odoo: psycopg.Connection, receiver: psycopg.Connection, columns: list[str]) -> int:
    """PostgreSQL's own text goes through unread."""
    select = (
        f"SELECT 1, {', '.join(columns)} FROM account_move_line"
        " WHERE parent_state = 'posted' AND account_id IS NOT NULL"
    )
    with odoo.cursor() as reading, receiver.cursor() as writing:
        with (
            reading.copy(f"COPY ({select}) TO STDOUT".encode()) as out,
            writing.copy("COPY journal_items FROM STDIN") as into,
        ):
            for data in out:
                into.write(data)
        return writing.rowcount
