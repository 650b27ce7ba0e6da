"""A ledger of any size in a real Odoo database, kept as a template and copied in a moment.

Odoo makes one month of a small business; SQL multiplies it over 36 months, for which Odoo itself
would take hours.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.odoo.installations import Installation
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer

MONTHS = 36
SCRIPT = Path(__file__).with_name("ledger_script.py")
BUILD_PATTERN = f"""
import sys
sys.path.insert(0, {str(SCRIPT.parents[2])!r})
from tests.bench.ledger_script import build_pattern
build_pattern(env)
"""
# {table: {column: the table it refers to}}; what is referred to comes first.
MULTIPLIED: dict[str, dict[str, str]] = {
    "account_full_reconcile": {},
    "account_move": {},
    "account_move_line": {
        "move_id": "account_move",
        "full_reconcile_id": "account_full_reconcile",
    },
    "account_partial_reconcile": {
        "debit_move_id": "account_move_line",
        "credit_move_id": "account_move_line",
        "full_reconcile_id": "account_full_reconcile",
    },
    "account_analytic_line": {
        "move_line_id": "account_move_line",
        "move_id": "account_move_line",  # before 16
    },
}
AMOUNTS = ("amount", "debit", "credit", "balance", "price")


def ledger_template(installation: Installation, postgres: PostgresServer, items: int) -> str:
    """The name of the template of a ledger of about `items` journal items, built if need be."""
    empty = empty_template(installation, postgres)

    def build(database: str, folder: Path) -> None:
        postgres.create_database(database, template=empty)
        last_ids = _last_ids(postgres, database)
        Odoo(installation, postgres, database, folder).shell(BUILD_PATTERN)
        with psycopg.connect(postgres.conninfo(database), autocommit=True) as connection:
            with connection.transaction():
                _multiply(connection, last_ids, items)
            connection.execute("VACUUM ANALYZE")

    made_of = (empty.encode(), SCRIPT.read_bytes(), Path(__file__).read_bytes())
    return _template(postgres, f"bench_{installation.series}_{items}_items_", made_of, build)


def empty_template(installation: Installation, postgres: PostgresServer) -> str:
    """The same for an Odoo with accounting and no entries of ours: the dear part."""

    def build(database: str, folder: Path) -> None:
        postgres.create_database(database)
        Odoo(installation, postgres, database, folder).install("account")

    made_of = (installation.version.encode(),)
    return _template(postgres, f"bench_{installation.series}_empty_", made_of, build)


def _template(
    postgres: PostgresServer,
    prefix: str,
    made_of: tuple[bytes, ...],
    build: Callable[[str, Path], None],
) -> str:
    """Its name ends in the hash of all that it is made of; an older one goes."""
    template = prefix + hashlib.sha256(b"\0".join(made_of)).hexdigest()[:12]
    older = [name for name in postgres.databases() if name.startswith(prefix)]
    if template in older:
        return template
    for database in older:
        postgres.drop_database(database)
    with tempfile.TemporaryDirectory(prefix="monitr-bench-") as folder:
        build(f"{template}_part", Path(folder))
    postgres.make_template(f"{template}_part", template=template)
    return template


def _last_ids(postgres: PostgresServer, database: str) -> dict[str, int]:
    """Of what lies before the pattern: series with demo data have some."""
    with psycopg.connect(postgres.conninfo(database)) as connection:
        return {table: _last_id(connection, table) for table in MULTIPLIED}


def _last_id(connection: psycopg.Connection, table: str) -> int:
    return _value(connection, f"SELECT COALESCE(max(id), 0) FROM {table}")


def _multiply(connection: psycopg.Connection, last_ids: dict[str, int], items: int) -> None:
    """Copy the pattern until there are as many journal items as asked for."""
    spans = {table: _last_id(connection, table) - last for table, last in last_ids.items()}
    where = f"id > {last_ids['account_move_line']}"
    size = _value(connection, f"SELECT count(*) FROM account_move_line WHERE {where}")
    for table, references in MULTIPLIED.items():
        shifts = {column: spans[target] for column, target in {"id": table, **references}.items()}
        columns = _copied_columns(connection, table, shifts)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
            f" FROM {table}, generate_series(1, {items // size - 1}) n"
            f" WHERE id > {last_ids[table]} ORDER BY n, id".encode()
        )


def _copied_columns(
    connection: psycopg.Connection, table: str, shifts: dict[str, int]
) -> dict[str, str]:
    """``{column: its value in copy n}``, quoted."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    return {f'"{column}"': _copied_column(column, kind, shifts) for column, kind in columns}


def _copied_column(column: str, kind: str, shifts: dict[str, int]) -> str:
    """Ids lead into the same copy; names, dates and amounts differ from copy to copy."""
    if column in shifts:
        return f"{column} + n * {shifts[column]}"
    if column == "matching_number":
        own = f"full_reconcile_id + n * {shifts['full_reconcile_id']}"
        return f"CASE WHEN full_reconcile_id IS NULL THEN {column} ELSE ({own})::text END"
    if column == "name":
        return "name || ' ' || n"
    if kind == "date":
        return f'("{column}" + make_interval(months => n % {MONTHS}))::date'
    if kind in ("numeric", "double precision") and any(word in column for word in AMOUNTS):
        return f"{column} * (n * 7919 % 100 + 1)"
    return f'"{column}"'


def _value(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
