"""Inserts that never fail for a row which is there already, in one statement: so that two that come
at once need no lock, and no look before."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy.dialects import postgresql, sqlite


def insert_unless_there(db: Database, table: sa.Table, values: Mapping[str, Any]) -> Any | None:
    """The primary key of the new row; None where another has what must be unique."""
    insert = _insert(db, table, values).on_conflict_do_nothing()
    return db.scalar(insert.returning(*table.primary_key))


def insert_or_replace(
    db: Database, table: sa.Table, values: Mapping[str, Any], *, keeping: Collection[str] = ()
) -> None:
    """Where a row with this primary key is there, it gets these values but for those to keep."""
    key = [column.name for column in table.primary_key]
    changed = {name: each for name, each in values.items() if name not in (*key, *keeping)}
    insert = _insert(db, table, values)
    db.execute(insert.on_conflict_do_update(index_elements=key, set_=changed))


def _insert(
    db: Database, table: sa.Table, values: Mapping[str, Any]
) -> postgresql.Insert | sqlite.Insert:
    if db.dialect.name == "postgresql":
        return postgresql.insert(table).values(**values)
    return sqlite.insert(table).values(**values)
