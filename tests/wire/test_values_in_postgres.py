"""SQL and Python write the same bytes: COPY of each type's SQL form is what the wire says."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.records import digest_of_line, encode_record
from monitr_wire.streams import JOURNAL_ITEMS
from monitr_wire.values import TYPES, encode_value
from psycopg.types.json import Jsonb

from tests.postgres import PostgresServer
from tests.wire.strategies import ESCAPED_TEXTS, TEXTS, VALUES, records

SHORTEST = "rtrim(rtrim(({} + 0.0)::text, '0'), '.')"
# How the addon's SQL writes a value `v` of each type; beside it the type of Odoo's column.
SQL_FORMS = {
    "id": ("bigint", "v"),
    "integer": ("bigint", "v"),
    "places": ("bigint", "v"),
    "text": ("text", "nullif(v, '')"),
    "boolean": ("boolean", "v"),
    "date": ("date", "v"),
    "money": ("numeric", SHORTEST.format("v")),
    "quantity": ("numeric", SHORTEST.format("v")),
    "ids": ("bigint[]", "(SELECT string_agg(id::text, ',' ORDER BY id) FROM unnest(v) id)"),
    "codes": ("jsonb", "v::text"),
    "shares": (
        "jsonb",
        "(SELECT string_agg(s.key || ':' || "
        + SHORTEST.format("s.value::numeric")
        + ", ';' ORDER BY s.key COLLATE \"C\") FROM jsonb_each_text(v) s)",
    ),
}


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("type_name", TYPES)
@given(data=st.data())
def test_copy_writes_a_value_as_the_wire_does(
    type_name: str, data: st.DataObject, connection: psycopg.Connection
) -> None:
    value = data.draw(st.none() | VALUES[type_name])

    copied = copy_out(connection, [(type_name, value)])

    assert copied == encode_value(type_name, value) + "\n"


@given(record=records(JOURNAL_ITEMS))
def test_copy_writes_a_record_as_the_wire_does(
    record: dict[str, object], connection: psycopg.Connection
) -> None:
    columns = [(field.type, record.get(field.name)) for field in JOURNAL_ITEMS.fields]

    copied = copy_out(connection, columns)

    assert copied == encode_record(JOURNAL_ITEMS, record) + "\n"


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("text", ""),
        ("text", r"\N"),
        ("text", r"\."),
        ("money", Decimal("-0.0000004")),
        ("money", Decimal("-2.5000005")),
        ("money", Decimal("100.00")),
        ("money", Decimal("1E+3")),
        ("codes", {"1": '\x01\x1f\x7f"\\/\u2028é'}),
    ],
)
def test_copy_writes_the_borderline_cases_as_the_wire_does(
    type_name: str, value: object, connection: psycopg.Connection
) -> None:
    copied = copy_out(connection, [(type_name, value)])

    assert copied == encode_value(type_name, value) + "\n"


@given(line=TEXTS | ESCAPED_TEXTS)
def test_sql_digests_a_line_as_the_wire_does(line: str, connection: psycopg.Connection) -> None:
    query = "SELECT ('x' || left(md5(%s), 16))::bit(64)::bigint"

    (digest,) = connection.execute(query, [line]).fetchone() or ()

    assert digest == digest_of_line(line.encode())


def copy_out(connection: psycopg.Connection, columns: list[tuple[str, object]]) -> str:
    """The line that COPY writes for one row of these values, each with the name of its type."""
    typed = [SQL_FORMS[type_name] for type_name, _ in columns]
    forms = [f"(SELECT {form} FROM (SELECT %s::{column} AS v) c)" for column, form in typed]
    query = f"COPY (SELECT {', '.join(forms)}) TO STDOUT"
    values = [as_parameter(type_name, value) for type_name, value in columns]
    with connection.cursor().copy(query, values) as copy:
        return b"".join(copy).decode()


def as_parameter(type_name: str, value: Any) -> object:
    """The value as Odoo's tables have it: distributions and codes are JSON objects."""
    if value is None or type_name not in ("ids", "codes", "shares"):
        return value
    if type_name == "ids":
        return list(value)
    if type_name == "codes":
        return Jsonb(value)
    shares = (f'"{",".join(map(str, ids))}": {share:f}' for ids, share in value)
    return "{" + ", ".join(shares) + "}"
