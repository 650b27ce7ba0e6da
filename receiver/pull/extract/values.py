"""A value as Odoo answers it over RPC -> the value that the contract's encoding takes.

Odoo says False for whatever is absent. Grouped reads give decimals as text, plain ones as floats.
A year before 1000 it writes without its zeros: 202-03-03. What no date of Python's can be it may
cut to one that can, depending on its driver: infinity to 9999-12-31, 10000-02-03 to 9999-02-03.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from monitr_wire.values import QUANTITY_PLACES

DIGITS_OF_FLOAT8 = 15  # that PostgreSQL keeps when it makes a numeric of one
FINEST_QUANTITY = Decimal(1).scaleb(-QUANTITY_PLACES)
ENDS_OF_TIME = (date.min.isoformat(), f"{date.max.year}-")
DATE, MOMENT = len("2026-11-29"), len("2026-11-29 14:02:00")

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
    return date.fromisoformat(padded_date(value)) if value else None


def padded_date(text: str) -> str:
    return text.rjust(DATE, "0")


def may_be_cut(value: Any) -> bool:
    """Whether it is a date that Odoo may say of an earlier or a later one."""
    return isinstance(value, str) and padded_date(value).startswith(ENDS_OF_TIME)


def read_moment(value: Any) -> datetime | None:
    """Odoo writes its moments in UTC without saying so."""
    if not value:
        return None
    return datetime.fromisoformat(value.rjust(MOMENT, "0")).replace(tzinfo=UTC)


def read_decimal(value: Any) -> Decimal:
    """A float is what its shortest text says: that is what Odoo wrote into its numeric column."""
    number = Decimal(repr(value) if isinstance(value, float) else str(value or 0))
    if not number.is_finite():
        raise ValueError("no number")
    return number


def read_float8(value: Any) -> Decimal:
    """Read a value of a column that is a floating point number in the database too."""
    return Decimal(format(float(value or 0), f".{DIGITS_OF_FLOAT8}g"))


def read_quantity_of_float8(value: Any) -> Decimal:
    return read_float8(value).quantize(FINEST_QUANTITY, ROUND_HALF_UP)


READ: dict[str, Read] = {
    "id": read_id,
    "text": read_text,
    "integer": read_integer,
    "places": read_integer,
    "boolean": bool,
    "date": read_date,
    "money": read_decimal,
    "quantity": read_decimal,
}
