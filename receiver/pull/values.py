"""A value as Odoo answers it over RPC -> the value that the contract's encoding takes.

Odoo says False for whatever is absent. Grouped reads give decimals as text, plain ones as floats.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

DIGITS_OF_FLOAT8 = 15  # that PostgreSQL keeps when it makes a numeric of one

Read = Callable[[Any], object]


def read_id(value: Any) -> int | None:
    """A reference is an id, or ``[id, name]``."""
    if isinstance(value, list | tuple):
        value = value[0]
    return int(value) if value else None


def read_text(value: Any) -> str | None:
    if value is None or value is False:
        return None
    return str(value)


def read_integer(value: Any) -> int:
    return int(value or 0)


def read_date(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def read_decimal(value: Any) -> Decimal:
    """A float is what its shortest text says: that is what Odoo wrote into its numeric column."""
    number = Decimal(repr(value) if isinstance(value, float) else str(value or 0))
    if not number.is_finite():
        raise ValueError("no number")
    return number


def read_float8(value: Any) -> Decimal:
    """Of a column that is a floating point number in the database too."""
    return Decimal(format(float(value or 0), f".{DIGITS_OF_FLOAT8}g"))


READ: dict[str, Read] = {
    "id": read_id,
    "text": read_text,
    "integer": read_integer,
    "boolean": bool,
    "date": read_date,
    "money": read_decimal,
    "quantity": read_decimal,
}
