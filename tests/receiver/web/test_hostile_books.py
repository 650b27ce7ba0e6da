"""No books that the contract lets in break a page or an operation, also such as no Odoo has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from monitr_wire.account_types import STANDARD_TYPES
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import STREAMS, Field, Stream
from monitr_wire.values import PLACES, WHOLE_DIGITS
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.store.store import store
from tests.receiver.batches import incoming_of
from tests.receiver.records import Record
from tests.receiver.report_books.two_years import NOW
from tests.receiver.web.addresses import addresses_of, parameters_of, rules_of_books, taken_of
from tests.receiver.web.conftest import managing, reader_of
from tests.receiver.web.pages.conftest import Browser, add_user, signed_in

BOOKS = 3  # for each database; a walk takes about two seconds
RECORDS = 3  # of each stream, so that most of what is referred to is there
IDS = st.integers(1, RECORDS + 1)
DAYS = st.sampled_from([date.min, date(202, 3, 3), date(2025, 6, 30), date.max])
LARGEST = Decimal("9" * WHOLE_DIGITS + "." + "9" * PLACES)
AMOUNTS = st.sampled_from([Decimal(0), LARGEST, -LARGEST, Decimal(1).scaleb(-PLACES), Decimal(7)])
WHOLE = 10**WHOLE_DIGITS - 1
TEXTS = st.sampled_from(
    [
        "=1+1",
        "<script>alert(1)</script>",
        "\x01\x7f",
        "\u202eabc",
        "😀" * 99,
        "%s %(x)s {{x}}",
        "\n",
    ]
)
ID_LISTS = st.lists(IDS, min_size=1, max_size=3, unique=True).map(tuple)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "id": IDS,
    "integer": st.sampled_from([0, 1, -1, 12, 31, WHOLE, -WHOLE]),
    "places": st.sampled_from([0, 2, PLACES]),
    "text": TEXTS,
    "boolean": st.booleans(),
    "date": DAYS,
    "money": AMOUNTS,
    "quantity": AMOUNTS,
    "ids": ID_LISTS,
    "codes": st.dictionaries(IDS.map(str), TEXTS, min_size=1),
    "shares": st.lists(st.tuples(ID_LISTS, AMOUNTS), min_size=1, max_size=2),
}
ACCOUNT_TYPES = st.sampled_from([*STANDARD_TYPES.values(), "=1+1"])
QUERIES: tuple[dict[str, str], ...] = (
    {"company_id": "1"},
    {"company_id": "2", "from": "0001-01-01", "to": "9999-12-31", "by": "total"},
    {"company_id": "1", "as_of": "9999-12-31", "type": "payable", "format": "csv"},
    {"company_id": "1", "from": "9999-12-31", "to": "9999-12-31", "format": "xlsx"},
)


def values_of(stream: Stream, field: Field) -> st.SearchStrategy[object]:
    values = (
        ACCOUNT_TYPES if (stream.name, field.name) == ("accounts", "type") else VALUES[field.type]
    )
    return values if field.required else st.none() | values


def records_of(stream: Stream) -> st.SearchStrategy[list[Record]]:
    each = {field.name: values_of(stream, field) for field in stream.fields[1:]}
    return st.tuples(
        *(st.fixed_dictionaries({"id": st.just(id), **each}) for id in range(1, RECORDS + 1))
    ).map(list)


HOSTILE_BOOKS = st.fixed_dictionaries({stream.name: records_of(stream) for stream in STREAMS})


@dataclass(frozen=True)
class Readers:
    page: Browser
    program: FlaskClient


@pytest.fixture
def readers(app: Flask, engine: Engine, acme: ConnectionKey) -> Readers:
    """Of acme, which has a structure already."""
    add_user(engine, "anna", is_administrator=True)
    with writing(engine) as db:
        create_structure(db, get_connection(db, "acme").id, Starter("international"), NOW)
    return Readers(signed_in(app, "anna"), managing(engine, "acme", reader_of(app, engine, "acme")))


@settings(
    max_examples=BOOKS,
    phases=[Phase.generate],  # making a case smaller takes minutes, and says no more
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(books=HOSTILE_BOOKS)
def test_every_page_and_operation_answers(
    app: Flask, engine: Engine, readers: Readers, books: dict[str, list[Record]]
) -> None:
    for stream, records in books.items():
        with writing(engine) as db:
            store(db, get_connection(db, "acme").id, incoming_of(stream, records))

    answers = list(walk(app, readers))

    assert [each for each in answers if each[2] >= 500] == []
    assert sum(status == 200 for _, _, status in answers) > 50


def walk(app: Flask, readers: Readers) -> Iterator[tuple[str, dict[str, str], int]]:
    """``(path, query, status)`` of every address with every query."""
    operations = readers.program.get("/openapi.json").get_json()["paths"]
    for rule in rules_of_books(app):
        parameters = parameters_of(operations, rule)
        asked = [q if parameters is None else taken_of(q, parameters) for q in QUERIES]
        unique = {tuple(query.items()): query for query in asked}
        for path, query in product(addresses_of(rule), unique.values()):
            reader = readers.page if parameters is None else readers.program
            answer = reader.get(path, query_string=query)
            yield path, query, answer.status_code
