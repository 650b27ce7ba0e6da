"""Amounts as columns hold them, exactly: NUMERIC on PostgreSQL; on SQLite, which has no decimals, a
whole number of millionths, or a text where that would not do.

Nearly every amount is a whole number there. One of more than six decimals, or past 64 bits, is the
text ``d``, then what the wire writes: ``d-0.0000000001``. SQLite takes it for no number, so a
column of whole numbers keeps it; there it counts as zero, and it is greater than every number.
"""

import operator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from monitr_wire.values import encode_decimal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler

FIXED_POINT, PLACES = 10**6, 6
LARGEST_INTEGER = 2**63 - 1
LONG = "d"

Held = int | str  # by SQLite


def held(text: str) -> Held:
    """What SQLite holds for an amount of the wire: one way for each, so equal amounts are equal."""
    whole, _, fraction = text.partition(".")
    if len(fraction) > PLACES:
        return LONG + text
    millionths = int(whole + fraction.ljust(PLACES, "0"))
    return millionths if abs(millionths) <= LARGEST_INTEGER else LONG + text


def amount_of(value: Held) -> Decimal:
    return Decimal(value) / FIXED_POINT if isinstance(value, int) else Decimal(value[len(LONG) :])


def sum_of(units: int, millionths: int, texts: str | None) -> Decimal:
    """The sum of the three sums that are kept apart: see amounts.py."""
    long = map(amount_of, texts.split(",")) if texts else ()
    return sum(long, units + Decimal(millionths) / FIXED_POINT)


class negated(sa.sql.functions.FunctionElement[Decimal]):
    """The amount with the other sign."""

    inherit_cache = True


@compiles(negated, "postgresql")
def _minus(element: negated, compiler: SQLCompiler, **options: object) -> str:
    return f"-({compiler.process(element.clauses, **options)})"


@compiles(negated, "sqlite")
def _minus_or_text(element: negated, compiler: SQLCompiler, **options: object) -> str:
    amount = compiler.process(element.clauses, **options)
    positive, negative = f"'{LONG}' || substr({amount}, 3)", f"'{LONG}-' || substr({amount}, 2)"
    text = f"CASE substr({amount}, 2, 1) WHEN '-' THEN {positive} ELSE {negative} END"
    return f"CASE WHEN {amount} > '' THEN {text} ELSE -({amount}) END"


class _Comparator(sa.types.TypeDecorator.Comparator[Decimal]):
    """What SQLite would get wrong with a text is refused on both databases."""

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        if op is operator.neg:
            return sa.type_coerce(negated(self.expr), self.type)
        if op not in (operators.eq, operators.ne, operators.is_, operators.is_not):
            raise NotImplementedError(f"{op.__name__} of amounts in SQL")
        return super().operate(op, *other, **options)


class Money(sa.types.TypeDecorator[Decimal]):
    """An exact amount."""

    impl = sa.Numeric
    cache_ok = True
    comparator_factory = _Comparator

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric())

    def process_bind_param(
        self, value: Decimal | None, dialect: sa.Dialect
    ) -> Decimal | Held | None:
        if value is None or dialect.name != "sqlite":
            return value
        return held(encode_decimal(value))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value  # as PostgreSQL's driver gives it
        return amount_of(value)
