"""A refused request of a connection is noted, seldom, and the answer stays what it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from monitr_wire.hello import HELLO_PATH, encode_hello
from monitr_wire.signature import CONNECTION_HEADER
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import Connection, get_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.tables import connection_secrets, connections
from receiver.monitoring.connection_status import find_standing
from receiver.pairing import rotate_connection
from tests.receiver.signed import HELLO, post_batch, post_hello, signed_post

IN_THE_WAY = """
    CREATE TRIGGER in_the_way BEFORE UPDATE OF last_refused_at ON connections
    BEGIN SELECT RAISE(ABORT, 'in the way'); END
"""


def stored(engine: Engine, name: str = "acme") -> Connection:
    with reading(engine) as db:
        return get_connection(db, name)


def set_back(engine: Engine, span: timedelta, *columns: str) -> None:
    """As if these moments of acme lay further in the past."""
    connection = stored(engine)
    values = {name: getattr(connection, name) - span for name in columns}
    with writing(engine) as db:
        db.execute(sa.update(connections).where(connections.c.name == "acme").values(values))


@pytest.fixture
def wrong(engine: Engine, config: Config, acme: ConnectionKey) -> ConnectionKey:
    """A key of acme's that was revoked."""
    now = datetime.now(UTC)
    with writing(engine) as db:
        key = decode_connection_key(rotate_connection(db, config, "acme", now))
        newest = sa.select(sa.func.max(connection_secrets.c.id)).scalar_subquery()
        revoke = sa.update(connection_secrets).where(connection_secrets.c.id == newest)
        db.execute(revoke.values(revoked_at=now))
    return key


@pytest.fixture
def made_up(acme: ConnectionKey, globex: ConnectionKey) -> ConnectionKey:
    """Of somebody who only knows acme's id."""
    return acme._replace(secret=globex.secret)


def test_it_notes_when_and_why(
    client: FlaskClient, wrong: ConnectionKey, globex: ConnectionKey, engine: Engine
) -> None:
    before = datetime.now(UTC)

    post_hello(client, wrong)

    connection = stored(engine)
    assert connection.last_refused_code == "wrong_signature"
    assert connection.last_refused_at
    assert before <= connection.last_refused_at <= datetime.now(UTC)
    assert connection.last_contact_at is None
    assert stored(engine, "globex").last_refused_at is None


def test_it_notes_a_stale_timestamp_and_another_database(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, engine: Engine
) -> None:
    body = json.dumps(encode_hello(HELLO)).encode()
    post_hello(client, globex)

    signed_post(client, acme, HELLO_PATH, body, timestamp=1_700_000_000)
    post_hello(client, globex, HELLO._replace(database_uuid="a copy"))

    assert stored(engine).last_refused_code == "stale_timestamp"
    assert stored(engine, "globex").last_refused_code == "other_database"


def test_it_notes_a_refused_batch(client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
    post_batch(client, acme, b"no gzip")

    assert stored(engine).last_refused_code == "broken_compression"


def test_it_notes_one_a_minute(client: FlaskClient, wrong: ConnectionKey, engine: Engine) -> None:
    post_hello(client, wrong)
    first = stored(engine)

    post_hello(client, wrong)
    second = stored(engine)
    set_back(engine, timedelta(minutes=1), "last_refused_at")
    post_hello(client, wrong)

    assert first.last_refused_at
    assert second == first
    third = stored(engine).last_refused_at
    assert third
    assert third > first.last_refused_at


def test_it_notes_the_first_after_a_contact_at_once(
    client: FlaskClient, acme: ConnectionKey, wrong: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, wrong)
    post_hello(client, acme)

    post_batch(client, acme, b"no gzip")

    assert stored(engine).last_refused_code == "broken_compression"


class TestUnsigned:
    """What no key of the connection signed: anyone can have sent it."""

    def test_it_is_noted_apart(
        self, client: FlaskClient, made_up: ConnectionKey, engine: Engine
    ) -> None:
        before = stored(engine)

        post_hello(client, made_up)

        after = stored(engine)
        assert after.last_unsigned_at
        assert after.last_unsigned_code == "wrong_signature"
        assert replace(after, last_unsigned_at=None, last_unsigned_code=None) == before

    def test_so_is_one_of_another_time(
        self, client: FlaskClient, made_up: ConnectionKey, engine: Engine
    ) -> None:
        body = json.dumps(encode_hello(HELLO)).encode()

        signed_post(client, made_up, HELLO_PATH, body, timestamp=1_700_000_000)

        assert stored(engine).last_unsigned_code == "stale_timestamp"
        assert stored(engine).last_refused_at is None

    def test_so_is_one_without_a_signature(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        client.post(HELLO_PATH, data=b"{}", headers={CONNECTION_HEADER: acme.connection_id})

        assert stored(engine).last_unsigned_code == "missing_header"
        assert stored(engine).last_refused_at is None

    def test_it_takes_no_room_from_what_odoo_itself_is_refused(
        self, client: FlaskClient, acme: ConnectionKey, made_up: ConnectionKey, engine: Engine
    ) -> None:
        post_hello(client, made_up)
        post_batch(client, acme, b"no gzip")
        post_hello(client, made_up)

        assert stored(engine).last_refused_code == "broken_compression"
        assert stored(engine).last_unsigned_code == "wrong_signature"

    def test_health_stays_and_names_it_in_a_note(
        self, client: FlaskClient, acme: ConnectionKey, made_up: ConnectionKey, engine: Engine
    ) -> None:
        post_hello(client, acme)
        now = datetime.now(UTC)
        with reading(engine) as db:
            before = find_standing(db, get_connection(db, "acme"), now).health

        for _ in range(3):
            post_hello(client, made_up)

        with reading(engine) as db:
            after = find_standing(db, get_connection(db, "acme"), now).health
        assert [each.code for each in after.notes] == ["unsigned_request"]
        assert replace(after, notes=()) == before


@pytest.mark.parametrize("name", ["con_unknown", "", "a b", "\xe9"])
def test_a_name_that_is_nobodys_is_refused_as_ever(
    client: FlaskClient, acme: ConnectionKey, engine: Engine, name: str
) -> None:
    response = post_hello(client, acme._replace(connection_id=name))

    assert response.get_json()["code"] in ("unknown_connection", "missing_header")
    assert stored(engine).last_refused_at is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_is_being_written_keeps_no_refusal_waiting(
    client: FlaskClient, wrong: ConnectionKey, config: Config, engine: Engine
) -> None:
    """Where writers lock rows; in SQLite all wait for each other."""
    other = make_engine(config.database_url)
    with writing(other) as db:
        db.execute(sa.select(connections).with_for_update())

        response = post_hello(client, wrong)

    other.dispose()
    assert response.status_code == 401
    assert stored(engine).last_refused_at is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_note_that_fails_does_not_change_the_answer(
    client: FlaskClient,
    wrong: ConnectionKey,
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with writing(engine) as db:
        db.execute(sa.text(IN_THE_WAY))

    response = post_hello(client, wrong)

    assert (response.status_code, response.get_json()["code"]) == (401, "wrong_signature")
    assert "refusal not noted" in capsys.readouterr().out
    assert stored(engine).last_refused_at is None
