"""Whether a value is one of a list, however long: the list is one parameter."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import ARRAY


def is_among(
    db: Database, column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Databases take only so many parameters."""
    if db.dialect.name == "postgresql":
        return column == sa.any_(sa.cast(list(values), ARRAY(column.type)))
    listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(sa.select(listed.c.value))
