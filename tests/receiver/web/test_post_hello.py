"""POST /v1/hello: what an Odoo says of itself, and that a connection belongs to one database."""

import json
from datetime import UTC, date, datetime
from importlib.metadata import version

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.hello import HELLO_PATH, encode_hello
from sqlalchemy import Engine

from receiver.db.connections import Connection, get_connection
from receiver.db.engine import reading
from tests.receiver.signed import HELLO, post_hello, post_records, signed_post
from tests.receiver.stored import row_counts


def stored(engine: Engine, name: str = "acme") -> Connection:
    with reading(engine) as db:
        return get_connection(db, name)


def test_it_answers_where_the_last_push_ended(client: FlaskClient, acme: ConnectionKey) -> None:
    post_records(client, acme, "journal_items", sequence=41)

    response = post_hello(client, acme)

    assert response.status_code == 200
    assert response.get_json() == {
        "connection": "acme",
        "contract": 1,
        "last_sequence": 41,
        "receiver_version": version("monitr"),
    }


def test_it_keeps_what_odoo_says(client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
    before = datetime.now(UTC)

    post_hello(client, acme)

    connection = stored(engine)
    assert connection.series == "19.0"
    assert connection.addon_version == "1.0.0"
    assert connection.database_uuid == HELLO.database_uuid
    assert connection.database_name == "acme-production"
    assert connection.language == "en_US"
    assert connection.company_ids == "1,2"
    assert connection.start_date == date(2024, 1, 1)
    assert connection.last_contact_at
    assert connection.last_contact_at >= before


def test_a_later_hello_overwrites_it(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme)

    post_hello(client, acme, HELLO._replace(series="20.0", company_ids=(), start_date=None))

    connection = stored(engine)
    assert (connection.series, connection.company_ids, connection.start_date) == ("20.0", "", None)


def test_it_refuses_another_database_and_keeps_the_first(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme)

    response = post_hello(
        client, acme, HELLO._replace(database_uuid="a copy", database_name="acme-test")
    )

    assert response.status_code == 403
    assert response.get_json()["code"] == "other_database"
    assert stored(engine).database_name == "acme-production"


def test_two_connections_may_come_from_one_database(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    assert post_hello(client, acme).status_code == 200
    assert post_hello(client, globex).status_code == 200


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"colour": "red"}, "/colour"),
        ({"series": "nineteen"}, "/series"),
        ({"series": "19.0\n"}, "/series"),
        ({"database_uuid": ""}, "/database_uuid"),
        ({"database_name": "acme\0"}, "/database_name"),
        ({"database_name": "\ud800"}, "/database_name"),
        ({"language": None}, "/language"),
        ({"company_ids": [1, "2"]}, "/company_ids/1"),
        ({"company_ids": [0]}, "/company_ids/0"),
        ({"start_date": "2026-02-30"}, "/start_date"),
    ],
)
def test_it_refuses_a_wrong_hello_and_says_where(
    client: FlaskClient,
    acme: ConnectionKey,
    engine: Engine,
    changes: dict[str, object],
    path: str,
) -> None:
    before = stored(engine)

    response = signed_post(
        client, acme, HELLO_PATH, json.dumps(encode_hello(HELLO) | changes).encode()
    )

    problem = response.get_json()
    assert (response.status_code, problem["code"], problem["path"]) == (422, "invalid_hello", path)
    assert stored(engine) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"contract": 1'])
def test_it_refuses_what_is_not_a_json_object(
    client: FlaskClient, acme: ConnectionKey, body: bytes
) -> None:
    response = signed_post(client, acme, HELLO_PATH, body)

    assert (response.status_code, response.get_json()["code"]) == (422, "invalid_hello")


def test_it_refuses_another_contract(client: FlaskClient, acme: ConnectionKey) -> None:
    response = signed_post(client, acme, HELLO_PATH, b'{"contract": 2, "mood": "good"}')

    problem = response.get_json()
    assert (response.status_code, problem["code"]) == (422, "unsupported_contract")


def test_it_refuses_a_hello_of_more_than_a_mebibyte(
    client: FlaskClient, acme: ConnectionKey
) -> None:
    response = signed_post(client, acme, HELLO_PATH, b" " * (1024 * 1024 + 1))

    assert (response.status_code, response.get_json()["code"]) == (413, "body_too_large")


def test_it_refuses_a_wrong_signature(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, engine: Engine
) -> None:
    before = stored(engine), row_counts(engine)

    response = post_hello(client, acme._replace(secret=globex.secret))

    assert (response.status_code, response.get_json()["code"]) == (401, "wrong_signature")
    assert (stored(engine), row_counts(engine)) == before
