"""Exact amounts in SQL, alike on both databases: sums without overflow, and canonical texts.

SQLite keeps amounts as whole millionths (see tables.Money). A sum of those can pass 64 bits, so
units and millionths are summed apart there.
"""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from receiver.db.tables import FIXED_POINT


class Total(sa.types.TypeDecorator[Decimal]):
    """NUMERIC on PostgreSQL; on SQLite the text ``units:millionths``."""

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.Numeric())

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Decimal | None:
        if isinstance(value, str):
            units, millionths = value.split(":")
            return int(units) + Decimal(millionths) / FIXED_POINT
        return value if isinstance(value, Decimal) else None


class exact_sum(sa.sql.functions.FunctionElement[Decimal]):
    """The sum of a Money expression, however large."""

    type = Total()
    inherit_cache = True


@compiles(exact_sum, "postgresql")
def _numeric_sum(element: exact_sum, compiler: SQLCompiler, **options: object) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(exact_sum, "sqlite")
def _integer_sum(element: exact_sum, compiler: SQLCompiler, **options: object) -> str:
    amount = compiler.process(element.clauses, **options)
    return f"sum({amount} / {FIXED_POINT}) || ':' || sum({amount} % {FIXED_POINT})"


class WholeTotal(Total):
    """The same for whole numbers."""

    cache_ok = True

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Any:
        if isinstance(value, str):
            units, rest = value.split(":")
            return int(units) * FIXED_POINT + int(rest)
        return None if value is None else int(str(value))


class whole_sum(exact_sum):
    """The sum of whole numbers, past 64 bits too."""

    type = WholeTotal()
    inherit_cache = True


class sums_to_zero(sa.sql.functions.FunctionElement[bool]):
    """Whether a Money expression adds up to nothing, for HAVING: an exact_sum is a text there."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(sums_to_zero, "postgresql")
def _numeric_sum_is_zero(element: sums_to_zero, compiler: SQLCompiler, **options: object) -> str:
    return f"(sum({compiler.process(element.clauses, **options)}) = 0)"


@compiles(sums_to_zero, "sqlite")
def _integer_sum_is_zero(element: sums_to_zero, compiler: SQLCompiler, **options: object) -> str:
    """Past 64 bits SQLite goes on in floating point, which is no zero either."""
    amount = compiler.process(element.clauses, **options)
    return f"(sum({amount} / {FIXED_POINT}) * {FIXED_POINT} + sum({amount} % {FIXED_POINT}) = 0)"


class amount_text(sa.sql.functions.FunctionElement[str]):
    """The canonical text of a Money column, as the wire writes it: ``-0.5``, ``100``."""

    type = sa.Text()
    inherit_cache = True


@compiles(amount_text, "postgresql")
def _numeric_text(element: amount_text, compiler: SQLCompiler, **options: object) -> str:
    return f"trim_scale({compiler.process(element.clauses, **options)})::text"


@compiles(amount_text, "sqlite")
def _integer_text(element: amount_text, compiler: SQLCompiler, **options: object) -> str:
    amount = compiler.process(element.clauses, **options)
    sign = f"CASE WHEN {amount} < 0 THEN '-' ELSE '' END"
    digits = f"printf('%d.%06d', abs({amount}) / {FIXED_POINT}, abs({amount}) % {FIXED_POINT})"
    text = f"{sign} || rtrim(rtrim({digits}, '0'), '.')"
    return f"CASE WHEN {amount} IS NOT NULL THEN {text} END"
