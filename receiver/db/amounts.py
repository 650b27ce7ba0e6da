"""Exact amounts in SQL, alike on both databases: sums without overflow, and canonical texts.

SQLite keeps amounts as whole millionths or as texts (see money.py). A sum of millionths can pass 64
bits, so units and millionths are summed apart there, and the few texts are handed over as they are.
"""

import sqlite3
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from monitr_wire.values import PLACES
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from receiver.db.money import FIXED_POINT, LONG, sum_of

IS_ZERO = "sum_is_zero"  # a function of SQLite


def prepare_sqlite(connection: sqlite3.Connection) -> None:
    """Teach a new connection of SQLite to add up amounts."""
    connection.create_function(IS_ZERO, 3, _is_zero, deterministic=True)


def _is_zero(units: int, millionths: int, texts: str) -> bool:
    return not sum_of(units, millionths, texts)


def shown_places(stored: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Decimals of a currency that arrived before there was a bound for them."""
    return sa.case((stored < 0, 0), (stored > PLACES, PLACES), else_=stored)


class Total(sa.types.TypeDecorator[Decimal]):
    """NUMERIC on PostgreSQL; on SQLite the text ``units:millionths:texts joined by commas``."""

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.Numeric())

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Decimal | None:
        if isinstance(value, str):
            units, millionths, texts = value.split(":")
            return sum_of(int(units), int(millionths), texts)
        return value if isinstance(value, Decimal) else None


class exact_sum(sa.sql.functions.FunctionElement[Decimal]):
    """The sum of a Money expression, however large."""

    type = Total()
    inherit_cache = True


@compiles(exact_sum, "postgresql")
def _numeric_sum(element: exact_sum, compiler: SQLCompiler, **options: object) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(exact_sum, "sqlite")
def _sums_apart(element: exact_sum, compiler: SQLCompiler, **options: object) -> str:
    units, millionths, texts = _sums(compiler.process(element.clauses, **options))
    return f"{units} || ':' || {millionths} || ':' || coalesce({texts}, '')"


def _sums(amount: str) -> tuple[str, str, str]:
    """Sums of units, of millionths, and the texts, which count as zero in the other two."""
    return (
        f"sum({amount} / {FIXED_POINT})",
        f"sum({amount} % {FIXED_POINT})",
        f"group_concat(CASE WHEN {amount} > '' THEN {amount} END)",
    )


class WholeTotal(Total):
    """The same for whole numbers: on SQLite the text ``millions:rest``."""

    cache_ok = True

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Any:
        if isinstance(value, str):
            millions, rest = value.split(":")
            return int(millions) * FIXED_POINT + int(rest)
        return None if value is None else int(str(value))


class whole_sum(sa.sql.functions.FunctionElement[Decimal]):
    """The sum of whole numbers, past 64 bits too."""

    type = WholeTotal()
    inherit_cache = True


@compiles(whole_sum, "postgresql")
def _sum(element: whole_sum, compiler: SQLCompiler, **options: object) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(whole_sum, "sqlite")
def _whole_sums_apart(element: whole_sum, compiler: SQLCompiler, **options: object) -> str:
    millions, rest, _ = _sums(compiler.process(element.clauses, **options))
    return f"{millions} || ':' || {rest}"


class sums_to_zero(sa.sql.functions.FunctionElement[bool]):
    """Whether a Money expression adds up to nothing, for HAVING: an exact_sum is a text there."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(sums_to_zero, "postgresql")
def _numeric_sum_is_zero(element: sums_to_zero, compiler: SQLCompiler, **options: object) -> str:
    return f"(sum({compiler.process(element.clauses, **options)}) = 0)"


@compiles(sums_to_zero, "sqlite")
def _sums_are_zero(element: sums_to_zero, compiler: SQLCompiler, **options: object) -> str:
    """Past 64 bits SQLite goes on in floating point, which is no zero either."""
    units, millionths, texts = _sums(compiler.process(element.clauses, **options))
    without_texts = f"{units} * {FIXED_POINT} + {millionths} = 0"
    with_texts = f"{IS_ZERO}({units}, {millionths}, {texts})"
    return f"CASE WHEN {texts} IS NULL THEN {without_texts} ELSE {with_texts} END"


class may_differ(sa.sql.functions.FunctionElement[bool]):
    """Whether two Money expressions may add up to different amounts, for HAVING: where it is false,
    they add up to the same. It is cheaper than their exact sums."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(may_differ, "postgresql")
def _numeric_sums_differ(element: may_differ, compiler: SQLCompiler, **options: object) -> str:
    one, other = (compiler.process(each, **options) for each in element.clauses)
    return f"(sum({one}) <> sum({other}))"


@compiles(may_differ, "sqlite")
def _sums_may_differ(element: may_differ, compiler: SQLCompiler, **options: object) -> str:
    """A text counts as zero, so who has one may differ."""
    one, other = (compiler.process(each, **options) for each in element.clauses)
    difference = f"({one} - {other})"
    units, millionths, _ = _sums(difference)
    has_text = f"max({one} > '' OR {other} > '')"
    return f"({units} * {FIXED_POINT} + {millionths} <> 0 OR {has_text})"


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
    long = f"substr({amount}, {len(LONG) + 1})"
    return f"CASE WHEN {amount} < '' THEN {text} ELSE {long} END"
