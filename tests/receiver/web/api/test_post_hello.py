"""POST /v1/hello: what an Odoo says of itself, and that a connection belongs to one database."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from monitr_wire.hello import HELLO_PATH, LONGEST_FAILURE, encode_hello
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import Connection, get_connection
from receiver.db.engine import reading, writing
from receiver.pairing import add_connection
from receiver.web.current import CONFIG
from tests.receiver.signed import HELLO, post_hello, post_records, signed_post
from tests.receiver.stored_rows import row_counts

RHYTHM = {
    "push_every_minutes",
    "is_scheduled",
    "is_cron_active",
    "late_seconds",
    "failing_since",
    "failure",
    "failure_parts",
    "missed_since",
    "missed",
    "unwatched",
}


def nested(levels: int) -> dict[str, object]:
    """A sentence within a sentence, so many times."""
    inner = nested(levels - 1) if levels > 1 else "x"
    return {"text": "%(a)s", "values": {"a": inner}}


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
        "authority": None,
    }


def test_the_key_and_the_answer_tell_the_authority_of_ones_own(
    app: Flask, client: FlaskClient, engine: Engine, config: Config
) -> None:
    told = replace(config, public_ca="-----BEGIN CERTIFICATE-----\nMIIB")
    app.extensions[CONFIG] = told
    with writing(engine) as db:
        key = decode_connection_key(add_connection(db, told, "acme", datetime.now(UTC)))

    answer = post_hello(client, key).get_json()

    assert key.authority == told.public_ca
    assert answer["authority"] == told.public_ca


def test_it_keeps_what_odoo_says(client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
    before = datetime.now(UTC)

    post_hello(client, acme)

    connection = stored(engine)
    assert connection.series == "19.0"
    assert connection.addon_version == "1.0.0"
    assert connection.database_uuid == HELLO.database_uuid
    assert connection.database_name == "acme-production"
    assert connection.language == "en_US"
    assert connection.odoo_url == "https://odoo.acme.example"
    assert connection.company_ids == "1,2"
    assert connection.start_date == date(2024, 1, 1)
    assert connection.last_contact_at
    assert connection.last_contact_at >= before


def test_it_keeps_what_odoo_could_not_note(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    missed = {"missed_since": "2026-01-31T14:02:05Z", "missed": "res_partner", "unwatched": "a (b)"}

    post_hello(client, acme, HELLO._replace(**missed))

    connection = stored(engine)
    assert connection.missed_since == datetime(2026, 1, 31, 14, 2, 5, tzinfo=UTC)
    assert (connection.missed, connection.unwatched) == ("res_partner", "a (b)")


def test_a_later_hello_overwrites_it(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme)

    post_hello(client, acme, HELLO._replace(series="20.0", company_ids=(), start_date=None))

    connection = stored(engine)
    assert (connection.series, connection.company_ids, connection.start_date) == ("20.0", "", None)


def test_it_keeps_the_rhythm_that_odoo_tells(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    trouble = {"failing_since": "2026-01-31T14:02:05Z", "failure": "acme cannot be reached."}

    post_hello(client, acme, HELLO._replace(**trouble))

    connection = stored(engine)
    assert (connection.push_every_minutes, connection.is_cron_active) == (60, True)
    assert connection.late_seconds == 4
    assert connection.failing_since == datetime(2026, 1, 31, 14, 2, 5, tzinfo=UTC)
    assert connection.failure == "acme cannot be reached."
    assert connection.last_scheduled_contact_at == connection.last_contact_at
    assert connection.last_hello_at == connection.last_contact_at


def test_a_contact_by_hand_leaves_what_is_known_of_the_schedule(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme)
    scheduled = stored(engine)

    post_hello(client, acme, HELLO._replace(is_scheduled=False, late_seconds=900))

    by_hand = stored(engine)
    assert by_hand.last_scheduled_contact_at == scheduled.last_scheduled_contact_at
    assert by_hand.late_seconds == 4
    assert by_hand.last_contact_at
    assert by_hand.overdue_at == by_hand.last_contact_at - timedelta(seconds=900)


def test_what_is_overdue_stays_so_until_a_scheduled_contact(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme, HELLO._replace(is_scheduled=False, late_seconds=900))
    first = stored(engine).overdue_at

    post_hello(client, acme, HELLO._replace(is_scheduled=False, late_seconds=1))
    later = stored(engine).overdue_at
    post_hello(client, acme)

    assert first
    assert later == first
    assert stored(engine).overdue_at is None


def test_an_older_addon_may_tell_nothing_of_its_rhythm(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    body = {key: value for key, value in encode_hello(HELLO).items() if key not in RHYTHM}

    response = signed_post(client, acme, HELLO_PATH, json.dumps(body).encode())

    connection = stored(engine)
    assert response.status_code == 200
    assert connection.series == "19.0"
    assert (connection.push_every_minutes, connection.is_cron_active) == (None, None)


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
        ({"push_every_minutes": -1}, "/push_every_minutes"),
        ({"push_every_minutes": "60"}, "/push_every_minutes"),
        ({"is_scheduled": 1}, "/is_scheduled"),
        ({"is_cron_active": "yes"}, "/is_cron_active"),
        ({"late_seconds": 2**31}, "/late_seconds"),
        ({"failing_since": "2026-01-31 14:02:05"}, "/failing_since"),
        ({"failing_since": "2026-02-30T14:02:05Z"}, "/failing_since"),
        ({"failure": ""}, "/failure"),
        ({"failure": "a\nb"}, "/failure"),
        ({"failure": "x" * (LONGEST_FAILURE + 1)}, "/failure"),
        ({"failure_parts": {"text": "100 %", "values": {}}}, "/failure_parts"),
        ({"failure_parts": {"text": "%(a)99999s", "values": {"a": "b"}}}, "/failure_parts"),
        ({"failure_parts": {"text": "%(a)s", "values": {}}}, "/failure_parts"),
        ({"failure_parts": {"text": "%(a)s", "values": {"a": "\ud800"}}}, "/failure_parts"),
        ({"failure_parts": {"text": "%(a)s", "values": {"a": None}}}, "/failure_parts"),
        ({"failure_parts": {"text": "a", "values": {}, "more": {}}}, "/failure_parts"),
        ({"failure_parts": "a"}, "/failure_parts"),
        ({"failure_parts": nested(4)}, "/failure_parts"),
        ({"failure_parts": {"text": "x" * 5000, "values": {}}}, "/failure_parts"),
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
    assert replace(stored(engine), last_refused_at=None, last_refused_code=None) == before


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
    connection = replace(stored(engine), last_unsigned_at=None, last_unsigned_code=None)
    assert (connection, row_counts(engine)) == before
