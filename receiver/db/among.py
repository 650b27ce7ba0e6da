"""Lists of any length in a query: each is one parameter, where databases take only so many."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import ARRAY


def is_among(
    db: Database, column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of these."""
    if db.dialect.name == "postgresql":
        return column == sa.any_(sa.cast(list(values), ARRAY(column.type)))
    listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def ranked(db: Database, ids: Sequence[int]) -> tuple[sa.FromClause, Any, Any]:
    """The ids as rows: what to select from, the column of the id, that of its place in the list."""
    if db.dialect.name == "postgresql":
        array = sa.cast(list(ids), ARRAY(sa.BigInteger))
        rows = sa.func.unnest(array).table_valued("value", with_ordinality="place")
        rows = rows.render_derived()
        return rows, rows.c.value, rows.c.place
    rows = sa.func.json_each(json.dumps(list(ids))).table_valued("key", "value")
    return rows, rows.c.value, rows.c.key
