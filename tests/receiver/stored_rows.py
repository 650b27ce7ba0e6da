"""What a receiver's database holds, to compare before and after."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.db.engine import reading
from receiver.db.tables import STREAM_TABLES, connections, metadata, workers

ODOO_ACCESS = OdooAccess(
    url="https://acme.odoo.com",
    database_name="acme",
    username="accountant@acme.example",
    encrypted_api_key="encrypted",
    language="en_US",
    company_ids="1,2",
    checked_at=datetime(2026, 1, 31, tzinfo=UTC),
)


def row_counts(engine: Engine) -> dict[str, int]:
    """``{table: rows}`` of every table that connections have rows in, their own included."""
    with reading(engine) as db:
        return {
            name: db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if table is not workers
        }


def rows_of(engine: Engine, stream: str, connection: str = "acme") -> list[dict[str, Any]]:
    """The connection's rows of the stream in the order of their ids, as Python values."""
    table = STREAM_TABLES[stream]
    query = (
        sa.select(table)
        .join(connections, connections.c.id == table.c.connection_id)
        .where(connections.c.name == connection)
        .order_by(table.c.id)
    )
    with reading(engine) as db:
        return [dict(row._mapping) for row in db.execute(query)]


def ids_of(engine: Engine, stream: str, connection: str = "acme") -> list[int]:
    return [row["id"] for row in rows_of(engine, stream, connection)]
