"""What is stored is what was sent, and SQLite and PostgreSQL hold equal rows."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from monitr_wire.records import digest_of_line
from monitr_wire.streams import STREAMS, Stream
from monitr_wire.values import encode_value, unescape
from sqlalchemy import Engine, delete, select

from receiver.db.engine import reading, writing
from receiver.db.store.incoming import Stored
from receiver.db.store.store import store
from receiver.db.tables import STREAM_TABLES
from tests.receiver.batches import incoming_of, lines_of
from tests.receiver.records import Record, full_record_of, record_of
from tests.wire.strategies import VALUES

TROUBLESOME = "tab\tnewline\ncarriage\rbackslash\\ \\N \\. quote\"' é 😀 \x01\x7f"
AS_TEXT = ("ids", "codes", "shares")

Row = dict[str, object]


def stored(engine: Engine, stream: str, records: list[Record]) -> Stored:
    with writing(engine) as db:
        return store(db, 1, incoming_of(stream, records))


def rows(engine: Engine, stream: str) -> list[Row]:
    table = STREAM_TABLES[stream]
    with reading(engine) as db:
        found = db.execute(select(table).order_by(table.c.id))
        return [dict(row._mapping) for row in found]


def expected_row(stream: Stream, record: Record) -> Row:
    """The record as Python values; lists are the wire's text without COPY's escapes."""
    line = lines_of(stream.name, [record]).rstrip(b"\n")
    row: Row = {"connection_id": 1, "digest": digest_of_line(line)}
    for field in stream.fields:
        value = record[field.name]
        as_text = field.type in AS_TEXT and value is not None
        row[field.name] = unescape(encode_value(field.type, value)) if as_text else value
    return row


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_field_of_every_stream_comes_back(engine: Engine, stream: Stream) -> None:
    records = [full_record_of(stream.name, id=1), record_of(stream.name, id=2)]

    assert stored(engine, stream.name, records) == Stored(2, 0)

    assert rows(engine, stream.name) == [expected_row(stream, record) for record in records]


def test_troublesome_text_comes_back(engine: Engine) -> None:
    stored(engine, "partners", [record_of("partners", id=1, name=TROUBLESOME)])
    stored(engine, "accounts", [full_record_of("accounts", codes={"1": TROUBLESOME})])

    assert rows(engine, "partners")[0]["name"] == TROUBLESOME
    assert "tab\\tnewline\\n" in str(rows(engine, "accounts")[0]["codes"])


@pytest.mark.parametrize(
    "amount",
    [
        *("0.01", "-0.5", "-0.000001", "100", "0.0000000001", "-0.333333333333333333"),
        *("9223372036854.775807", "9223372036854.775808", "-9223372036854.775808"),
        *("9876543210987.65", "100000000000000", "-" + "9" * 18 + "." + "9" * 30),
    ],
)
def test_amounts_and_quantities_are_exact(engine: Engine, amount: str) -> None:
    record = record_of("analytic_items", amount=Decimal(amount), quantity=Decimal(amount))

    stored(engine, "analytic_items", [record])

    (row,) = rows(engine, "analytic_items")
    assert (row["amount"], row["quantity"]) == (Decimal(amount), Decimal(amount))


def test_the_first_and_the_last_date_come_back(engine: Engine) -> None:
    records = [
        record_of("analytic_items", id=1, date=date(1, 1, 1)),
        record_of("analytic_items", id=2, date=date(9999, 12, 31)),
    ]

    stored(engine, "analytic_items", records)

    assert [row["date"] for row in rows(engine, "analytic_items")] == [date.min, date.max]


@st.composite
def a_few_records(draw: st.DrawFn, stream: Stream) -> list[Record]:
    ids = draw(st.lists(VALUES["id"], min_size=1, max_size=3, unique=True).map(sorted))
    one = st.fixed_dictionaries(
        {
            field.name: VALUES[field.type] if field.required else st.none() | VALUES[field.type]
            for field in stream.fields
        }
    )
    return [{**draw(one), "id": id} for id in ids]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_both_databases_hold_equal_rows(both: tuple[Engine, Engine], data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(STREAMS))
    records = data.draw(a_few_records(stream))

    for engine in both:
        with writing(engine) as db:
            db.execute(delete(STREAM_TABLES[stream.name]))
        stored(engine, stream.name, records)

    in_sqlite, in_postgresql = (rows(engine, stream.name) for engine in both)
    assert in_sqlite == in_postgresql
    assert in_sqlite == [expected_row(stream, record) for record in records]
