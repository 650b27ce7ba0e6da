"""GET /v1/connections/{name}/health: the stored facts, read back as a state and its reasons."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from monitr_wire.hello import HELLO_PATH, encode_hello
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection, revoke_secrets
from receiver.db.engine import reading, writing
from receiver.db.tables import connections
from receiver.pairing import rotate_connection
from tests.receiver.proofs import prove
from tests.receiver.signed import HELLO, post_hello, post_records, signed_post

HEALTH = "/v1/connections/acme/health"
FAILED = {"failing_since": "2026-01-31T14:02:05Z", "failure": "acme cannot be reached."}


def told(reader: FlaskClient) -> tuple[str, list[str]]:
    """The state, and the codes of the reasons."""
    found = reader.get(HEALTH).get_json()
    return found["state"], [reason["code"] for reason in found["reasons"]]


def set_back(engine: Engine, span: timedelta) -> None:
    """As if every moment of acme lay further in the past."""
    with writing(engine) as db:
        connection = get_connection(db, "acme")
        moments = {k: v - span for k, v in vars(connection).items() if isinstance(v, datetime)}
        db.execute(sa.update(connections).where(connections.c.name == "acme").values(moments))


def test_it_tells_a_living_connection(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, engine: Engine
) -> None:
    post_hello(client, acme)

    found = acme_reader.get(HEALTH).get_json()

    with reading(engine) as db:
        contact = get_connection(db, "acme").last_contact_at
    assert contact
    assert found == {
        "state": "alive",
        "reasons": [],
        "notes": [],
        "expected_every_minutes": 60,
        "last_contact_at": contact.isoformat(),
        "last_scheduled_contact_at": contact.isoformat(),
        "next_contact_expected_at": (contact + timedelta(hours=1)).isoformat(),
    }


def test_it_tells_one_that_waits(acme_reader: FlaskClient) -> None:
    assert told(acme_reader) == ("waiting", ["never_heard"])


def test_it_tells_silence(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, engine: Engine
) -> None:
    post_hello(client, acme)

    set_back(engine, timedelta(hours=1))
    after_an_hour = told(acme_reader)
    set_back(engine, timedelta(hours=1))
    after_two_hours = told(acme_reader)
    set_back(engine, timedelta(hours=2))

    assert after_an_hour == ("alive", [])
    assert after_two_hours == ("late", ["not_heard"])
    assert told(acme_reader) == ("silent", ["not_heard"])


def test_it_tells_a_revoked_key_also_when_odoo_pushes_again(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, engine: Engine
) -> None:
    post_hello(client, acme)
    with writing(engine) as db:
        revoke_secrets(db, get_connection(db, "acme").id, datetime.now(UTC))

    before = told(acme_reader)
    assert post_hello(client, acme).status_code == 401

    assert before == ("revoked", ["key_revoked"])
    assert told(acme_reader) == ("revoked", ["key_revoked", "wrong_key"])


def test_it_tells_a_new_key_until_it_is_used(
    client: FlaskClient,
    acme: ConnectionKey,
    acme_reader: FlaskClient,
    engine: Engine,
    config: Config,
) -> None:
    post_hello(client, acme)
    with writing(engine) as db:
        new = decode_connection_key(rotate_connection(db, config, "acme", datetime.now(UTC)))

    with_old_key = told(acme_reader)
    post_hello(client, new)
    with_new_key = told(acme_reader)
    post_hello(client, acme)

    assert with_old_key == ("alive", ["new_key_unused"])
    assert with_new_key == ("alive", [])
    assert told(acme_reader) == ("refused", ["wrong_key"])


def test_it_tells_a_clock_that_is_off(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    body = json.dumps(encode_hello(HELLO)).encode()

    signed_post(client, acme, HELLO_PATH, body, timestamp=1_700_000_000)

    assert told(acme_reader) == ("refused", ["clock_off"])


def test_it_tells_a_copy_of_the_database(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_hello(client, acme)

    post_hello(client, acme, HELLO._replace(database_uuid="a copy"))

    assert told(acme_reader) == ("alive", ["other_database"])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"push_every_minutes": 0}, ("by_hand", [])),
        ({"push_every_minutes": None}, ("unknown", ["rhythm_unknown"])),
        ({"is_cron_active": False}, ("alive", ["cron_off"])),
        ({"is_scheduled": False, "late_seconds": 3000}, ("alive", ["cron_not_running"])),
        ({"late_seconds": 3000}, ("alive", ["starts_late"])),
        (FAILED, ("failing", ["pushes_failed"])),
    ],
)
def test_it_tells_what_odoo_said(
    client: FlaskClient,
    acme: ConnectionKey,
    acme_reader: FlaskClient,
    said: dict[str, object],
    shown: tuple[str, list[str]],
) -> None:
    post_hello(client, acme, HELLO._replace(**said))

    assert told(acme_reader) == shown


def test_it_tells_that_a_failure_is_over_once_a_proof_ties_out(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_hello(client, acme, HELLO._replace(**FAILED))

    post_records(client, acme, "journal_items")
    with_records = told(acme_reader)
    prove(client, acme, {})
    with_proof = told(acme_reader)
    post_hello(client, acme)

    assert with_records == ("failing", ["pushes_failed"])
    assert with_proof == ("alive", [])
    assert told(acme_reader) == ("alive", [])


def test_it_shows_a_token_only_its_own_connection(
    acme: ConnectionKey, globex_reader: FlaskClient
) -> None:
    refused = globex_reader.get(HEALTH)

    assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")
