"""GET /openapi.json: complete, valid, true of what the API answers, and never beaten by fuzzing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from monitr_wire.batch import BATCHES_PATH, encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import (
    PROOF_HIDDEN_PATH,
    PROOF_PARTS_PATH,
    PROOF_ROWS_PATH,
    PROOFS_PATH,
)
from monitr_wire.streams import STREAMS
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineFinished, FatalError, NonFatalError
from schemathesis.schemas import BaseSchema
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.pull.pull_runs import RunState
from receiver.web.api.description.components import record_name
from receiver.web.pages.shared.blueprint import PagesBlueprint
from tests.receiver.batches import batch_of
from tests.receiver.proofs import post_rows, prove
from tests.receiver.pulled_connections import add_access, ask, take_newest
from tests.receiver.records import full_record_of, journal_item, journal_items, record_of
from tests.receiver.set_aside import stated
from tests.receiver.signed import post_batch, post_hello, post_records

UNDOCUMENTED = {"/", "/docs", "/openapi.json", "/healthz", "/static/<path:filename>"}
PATH_VALUES = {
    "name": "acme",
    "proof_id": "newest",
    "run_id": "newest",
    "structure_id": "1",
    "line_id": "1",
    "entry_id": "1",
}
FUZZING = {
    "seed": 1,
    "phases": {"stateful": {"enabled": False}},
    "generation": {"max-examples": 6, "deterministic": True, "database": "none"},
    "parameters": {f"path.{name}": value for name, value in PATH_VALUES.items()},
    # A well-formed value may still be wrong here: a period that ends before it begins, a company
    # that the connection does not have, a cursor that no page gave, a signature.
    "checks": {"positive_data_acceptance": {"enabled": False}},
}


@pytest.fixture
def openapi(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").get_json())


@pytest.fixture
def told(
    client: FlaskClient,
    config: Config,
    engine: Engine,
    acme: ConnectionKey,
    acme_manager: FlaskClient,
) -> FlaskClient:
    """A client that reads and manages acme, of which there is something to tell everywhere."""
    post_hello(client, acme)
    books = {stream.name: [full_record_of(stream.name, id=1)] for stream in STREAMS}
    for stream, records in books.items():
        post_records(client, acme, stream, records)
    prove(client, acme, books)  # from here on the closed periods are watched
    post_records(client, acme, "journal_entries", [record_of("journal_entries", id=1)])
    post_rows(client, acme, prove(client, acme, {})["proof_id"], [])
    more = [*journal_items(120, first_id=2), journal_item(150, credit="0.1")]
    post_records(client, acme, "journal_items", more)
    aside = batch_of("journal_items")._replace(set_aside=(stated("journal_items", 500),))
    post_batch(client, acme, encode_batch(aside))
    with writing(engine) as db:
        acme_id = get_connection(db, "acme").id
        create_structure(db, acme_id, Starter("international"), datetime.now(UTC))
    add_access(engine, config, acme_id, url="https://127.0.0.1")
    ask(engine, acme_id)
    take_newest(engine, RunState.SUCCEEDED, record_count=1)
    return acme_manager


@pytest.fixture
def api_schema(app: Flask, told: FlaskClient) -> Iterator[BaseSchema]:
    token = told.environ_base["HTTP_AUTHORIZATION"]
    config = SchemathesisConfig.from_dict({**FUZZING, "headers": {"Authorization": token}})
    with server_running(app) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)


@contextmanager
def server_running(app: Flask) -> Iterator[str]:
    """The app on a port of this machine; the engine of schemathesis speaks HTTP alone."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=SilentHandler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class SilentHandler(WSGIRequestHandler):
    def log(self, *_: object) -> None: ...


def test_no_request_that_can_be_thought_of_beats_the_api(api_schema: BaseSchema) -> None:
    # schemathesis cannot write gzip
    gzipped = [BATCHES_PATH, PROOFS_PATH, PROOF_PARTS_PATH, PROOF_ROWS_PATH, PROOF_HIDDEN_PATH]
    events = list(from_schema(api_schema.exclude(path=gzipped)).execute())

    assert [event.value for event in events if isinstance(event, NonFatalError)] == []
    assert [event.exception for event in events if isinstance(event, FatalError)] == []
    assert isinstance(events[-1], EngineFinished)
    assert [str(failure) for failure in events[-1].failures] == []


def test_it_is_valid_openapi(openapi: dict[str, Any]) -> None:
    validate(openapi)

    assert openapi["openapi"] == "3.1.0"


def test_each_summary_is_one_line(openapi: dict[str, Any]) -> None:
    summaries = [
        operation["summary"]
        for path in openapi["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]

    assert len(summaries) > 40
    assert [each for each in summaries if not re.fullmatch(r"\S.*\S", each)] == []


def test_it_names_every_endpoint(app: Flask, openapi: dict[str, Any]) -> None:
    pages = {name for name, part in app.blueprints.items() if isinstance(part, PagesBlueprint)}
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in pages
    } - UNDOCUMENTED

    assert set(openapi["paths"]) == {re.sub(r"<(\w+)>", r"{\1}", rule) for rule in rules}


def test_its_components_name_every_field_of_the_contract(openapi: dict[str, Any]) -> None:
    for stream in STREAMS:
        properties = openapi["components"]["schemas"][record_name(stream)]["properties"]

        assert tuple(properties) == stream.field_names
        for field in stream.fields:
            described = properties[field.name]
            assert described["description"].startswith(field.label)
            assert field.unit in described["description"]
            assert ("null" in described["type"]) is not field.required


def test_it_describes_money_as_exact_text(openapi: dict[str, Any]) -> None:
    debit = openapi["components"]["schemas"]["JournalItemsRecord"]["properties"]["debit"]

    assert (debit["type"], debit["format"]) == ("string", "decimal")


def test_it_is_true_of_what_every_endpoint_answers(
    told: FlaskClient, openapi: dict[str, Any]
) -> None:
    for path, operations in openapi["paths"].items():
        if "get" not in operations:
            continue
        described = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]

        answer = told.get(path.format(**PATH_VALUES)).get_json()

        assert answer
        assert _faults(openapi, described, answer) == []


def test_it_is_true_of_what_a_push_is_answered(
    client: FlaskClient, acme: ConnectionKey, openapi: dict[str, Any]
) -> None:
    receipt = post_records(client, acme, "accounts", [record_of("accounts")])
    welcome = post_hello(client, acme).get_json()
    proof = prove(client, acme, {})
    rows = post_rows(client, acme, proof["proof_id"], []).get_json()

    assert _faults(openapi, openapi["components"]["schemas"]["Receipt"], receipt) == []
    assert _faults(openapi, openapi["components"]["schemas"]["Welcome"], welcome) == []
    assert _faults(openapi, openapi["components"]["schemas"]["ProofAnswer"], proof) == []
    assert _faults(openapi, openapi["components"]["schemas"]["DifferingIds"], rows) == []


def test_it_is_true_of_what_an_error_answers(
    acme_reader: FlaskClient, openapi: dict[str, Any]
) -> None:
    refused = acme_reader.get("/v1/connections/acme/accounts?limit=0")

    for response in openapi["components"]["responses"].values():
        described = response["content"][refused.mimetype]["schema"]
        assert _faults(openapi, described, refused.get_json()) == []


def _faults(openapi: dict[str, Any], described: dict[str, Any], answer: object) -> list[str]:
    schema = {**described, "components": openapi["components"], "unevaluatedProperties": False}
    return [error.message for error in Draft202012Validator(schema).iter_errors(answer)]
