"""The log is JSON, one event a line, and holds no keys, no bodies and no names of partners."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import structlog
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.engine import writing
from receiver.logs import configure_logs
from tests.receiver.batches import body_of
from tests.receiver.records import record_of
from tests.receiver.signed import headers_of, post_batch, post_hello, post_records

PARTNER = "Madame de Pompadour"
CONSTRAINT = f"ALTER TABLE partners ADD CONSTRAINT picky CHECK (name <> '{PARTNER}') NOT VALID"
TRIGGER = f"""
CREATE TRIGGER picky BEFORE INSERT ON partners BEGIN SELECT RAISE(ABORT, 'no {PARTNER}'); END
"""


@pytest.fixture(autouse=True)
def real_logs(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """As in production; ``capfd`` first, for they write to the stderr of this moment."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs()
    yield
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


@pytest.fixture
def picky_database(engine: Engine) -> Iterator[Callable[[], None]]:
    """Makes the database refuse the partner, and quote the name in its error."""
    postgresql = engine.dialect.name == "postgresql"

    def execute(statement: str) -> None:
        with writing(engine) as db:
            db.execute(sa.text(statement))

    yield lambda: execute(CONSTRAINT if postgresql else TRIGGER)
    if postgresql:
        execute("ALTER TABLE partners DROP CONSTRAINT IF EXISTS picky")


def events(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_each_event_is_a_line_of_json_with_level_and_time(
    client: FlaskClient, acme: ConnectionKey, capfd: pytest.CaptureFixture[str]
) -> None:
    post_hello(client, acme)

    (event,) = events(capfd)
    assert event["event"] == "hello received"
    assert event["level"] == "info"
    assert str(event["timestamp"]).endswith("Z")


def test_what_libraries_log_is_json_too_and_quotes_no_exception() -> None:
    """In a process of its own, for pytest has its hands in the standard library's loggers."""
    program = f"""
import logging, receiver.logs
receiver.logs.configure_logs()
logging.getLogger("gunicorn.error").warning("worker %s", "left")
try:
    raise KeyError("{PARTNER}")
except KeyError:
    logging.getLogger("library").exception("failed")
"""

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    first, second = map(json.loads, ran.stderr.splitlines())
    assert (first["event"], first["level"]) == ("worker left", "warning")
    assert (second["event"], second["error"]) == ("failed", ["KeyError"])
    assert PARTNER not in ran.stderr


def test_a_stored_batch_is_logged_by_its_counts(
    client: FlaskClient, acme: ConnectionKey, capfd: pytest.CaptureFixture[str]
) -> None:
    receipt = post_records(client, acme, "partners", [record_of("partners", name=PARTNER)])

    (event,) = events(capfd)
    assert event["event"] == "batch stored"
    assert event["batch_id"] == receipt["batch_id"]
    assert event["written_count"] == 1


def test_a_rejection_is_logged_by_its_code_alone(
    client: FlaskClient, acme: ConnectionKey, capfd: pytest.CaptureFixture[str]
) -> None:
    record = record_of("partners", name=PARTNER)
    body = body_of("partners", [record, record])  # the same id twice

    post_batch(client, acme, body)

    (event,) = events(capfd)
    assert (event["event"], event["code"]) == ("request rejected", "invalid_record")


def test_secrets_bodies_and_partners_are_in_no_line(
    client: FlaskClient,
    acme: ConnectionKey,
    picky_database: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    body = body_of("partners", [record_of("partners", name=PARTNER)])
    headers = headers_of(acme, body)
    record = record_of("partners", name=PARTNER + "\0")
    post_batch(client, acme, body)
    post_batch(client, acme._replace(secret="whsec_AAAA"), body)
    post_batch(client, acme, body_of("partners", [record]))
    client.get("/v1/connections", headers={"Authorization": "Bearer monitr_token_tried"})
    picky_database()
    failed = post_batch(client, acme, body_of("partners", [record_of("partners", name=PARTNER)]))

    assert failed.status_code == 500
    log = capfd.readouterr().err
    assert len(log.splitlines()) >= 5
    for secret in (acme.secret, headers["webhook-signature"], "monitr_token_tried", PARTNER):
        assert secret not in log


def test_a_failure_is_logged_with_its_causes_and_where_it_was(
    client: FlaskClient,
    acme: ConnectionKey,
    picky_database: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    picky_database()

    post_batch(client, acme, body_of("partners", [record_of("partners", name=PARTNER)]))

    (event,) = events(capfd)
    assert event["event"] == "request failed"
    assert len(event["error"]) == 2  # type: ignore[arg-type]
    assert any("receiver/db/store" in line for line in event["where"])  # type: ignore[attr-defined]


def test_a_log_on_a_full_disk_fails_no_request(
    client: FlaskClient, acme: ConnectionKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with io.FileIO("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(full, write_through=True))
        hello = post_hello(client, acme)
        unsigned = client.post("/v1/batches")

    assert hello.status_code == 200
    assert unsigned.status_code == 400
