"""Other programs read the same records of the same Odoo by code of their own: OdooRPC, and from 19
on odoo-json2. Every value that is one Odoo field is the one that a pull has stored."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import odoorpc
import pytest
from monitr_wire.streams import STREAMS, Field, Stream
from monitr_wire.values import QUANTITY_PLACES
from odoo_json2 import JSON2Client
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection, insert_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.migrate import upgrade
from receiver.db.store.records import RecordQuery, list_records
from receiver.pull.pull import pull
from receiver.pull.scope import Scope
from tests.odoo.api_keys import key_of
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B, LANGUAGE
from tests.odoo.installations import series_under_test
from tests.odoo.pulling import CallingOdoo
from tests.odoo.server import Odoo

SERIES_WITH_JSON2 = [series for series in series_under_test() if series >= "19.0"]
ROWS = 300  # of a stream, from its first id on: more tells nothing new

Read = Callable[..., Any]  # of a model: (model, method, **arguments)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def engine(shared_odoo: Odoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database into which everything was pulled, as `acme`."""
    folder = tmp_path_factory.mktemp("peers")
    engine = make_engine(f"sqlite:///{folder / 'monitr.sqlite3'}")
    upgrade(engine)
    with writing(engine) as db:
        insert_connection(db, "acme", "con_peers", datetime.now(UTC))
        connection = get_connection(db, "acme")
    pull(engine, connection, CallingOdoo(shared_odoo), scope_of(shared_odoo))
    yield engine
    engine.dispose()


def scope_of(odoo: Odoo) -> Scope:
    query = "SELECT id FROM res_company WHERE name = ANY(%s) ORDER BY id"
    return Scope(tuple(id for (id,) in odoo.sql(query, [[COMPANY_A, COMPANY_B]])), LANGUAGE)


def test_odoorpc_reads_what_is_stored(shared_odoo: Odoo, engine: Engine) -> None:
    peer = odoorpc.ODOO("127.0.0.1", protocol="jsonrpc", port=shared_odoo.port)
    peer.login(shared_odoo.database, ACCOUNTANT_AB, ACCOUNTANT_AB)

    def read(model: str, method: str, **arguments: Any) -> Any:
        return peer.execute_kw(model, method, [], arguments)

    assert_stored(shared_odoo, engine, read)


@pytest.mark.parametrize("series", SERIES_WITH_JSON2, indirect=True, scope="session")
def test_odoo_json2_reads_what_is_stored(shared_odoo: Odoo, engine: Engine) -> None:
    key = key_of(shared_odoo, ACCOUNTANT_AB)
    peer = JSON2Client(shared_odoo.url, key, database=shared_odoo.database)

    assert_stored(shared_odoo, engine, peer.call)


def assert_stored(odoo: Odoo, engine: Engine, read: Read) -> None:
    context = scope_of(odoo).context()
    for stream in STREAMS:
        model, described = describe(odoo, stream, read)
        fields = {f: name for f in stream.fields if (name := odoo_field(f, described))}
        rows = read_rows(read, model, stream, fields, context)
        assert rows, f"{stream.name} has rows to compare"
        stored = stored_rows(engine, stream)
        for row in rows:
            theirs = {f.name: READ[f.type](row[name]) for f, name in fields.items()}
            ours = {name: stored[row["id"]][name] for name in theirs}
            assert ours == theirs, f"{stream.name} {row['id']}"


def describe(odoo: Odoo, stream: Stream, read: Read) -> tuple[str, dict[str, Any]]:
    """The first of the models that this Odoo has, and its fields."""
    known = odoo.sql("SELECT model FROM ir_model WHERE model = ANY(%s)", [[*stream.models]])
    model = next(model for model in stream.models if (model,) in known)
    return model, read(model, "fields_get", attributes=["store", "type"])


def odoo_field(field: Field, described: dict[str, Any]) -> str | None:
    """None for what is made of several fields, or of none."""
    if field.rule:
        return None
    return next((name for name in field.source if described.get(name, {}).get("store")), None)


def read_rows(
    read: Read, model: str, stream: Stream, fields: dict[Field, str], context: dict[str, Any]
) -> Rows:
    domain = [list(condition) for condition in stream.domain]
    names = sorted({"id", *fields.values()})
    asked = {"domain": domain, "fields": names, "order": "id", "limit": ROWS, "context": context}
    return list(read(model, "search_read", **asked))


def stored_rows(engine: Engine, stream: Stream) -> dict[int, dict[str, object]]:
    with reading(engine) as db:
        connection = get_connection(db, "acme")
        rows = list_records(db, connection.id, stream, RecordQuery(limit=ROWS))
    named = [dict(zip(stream.field_names, row, strict=True)) for row in rows]
    types = {field.name: field.type for field in stream.fields}
    return {row["id"]: {n: as_stored(types[n], v) for n, v in row.items()} for row in named}


def as_stored(type: str, value: Any) -> object:
    if type == "boolean":
        return value == "true"
    if type in ("money", "quantity"):
        return Decimal(value)
    return None if value is None else str(value) if type == "date" else value


def amount(value: float) -> Decimal:
    return Decimal(str(value)).normalize() + 0


def quantity(value: float) -> Decimal:
    return amount(round(value, QUANTITY_PLACES))


READ: dict[str, Callable[[Any], object]] = {
    "id": lambda value: value[0] if isinstance(value, list) else value or None,
    "integer": int,
    "places": int,
    "text": lambda value: value or None,
    "boolean": bool,
    "date": lambda value: value or None,
    "money": amount,
    "quantity": quantity,
}
