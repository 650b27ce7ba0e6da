"""Self-hosting as docker/README.md describes it: started, then checked from outside and in."""

import json
import time
import uuid
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from monitr_wire.signature import signed_headers

from tests.docker.conftest import SIGN_IN, Stack
from tests.receiver.batches import body_of
from tests.receiver.records import journal_items

ASK_WITHIN = """
import sys, urllib.request
headers = dict(each.split("=", 1) for each in sys.argv[1:])
asked = urllib.request.Request("http://receiver:8000/users", headers=headers)
print(urllib.request.urlopen(asked).url)
"""
SERVICES = ["db", "receiver", "proxy"]


def test_it_answers_over_https_with_a_certificate_of_its_own_authority(stack: Stack) -> None:
    response = requests.get(f"{stack.base_url}/healthz", verify=str(stack.ca_file), timeout=10)

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "max-age" in response.headers["Strict-Transport-Security"]


def test_no_client_says_who_signed_in(stack: Stack) -> None:
    """Not even one that knows the secret, with which a proxy inside is believed."""
    stack.monitr("user", "add", "anna", "--admin")
    told = {"X-Remote-User": "anna", "X-Monitr-Sign-In-Secret": SIGN_IN["SIGN_IN_SECRET"]}
    pairs = [f"{name}={value}" for name, value in told.items()]
    users = f"{stack.base_url}/users"

    inside = stack.compose("exec", "-T", "receiver", "python", "-c", ASK_WITHIN, *pairs)
    outside = requests.get(users, headers=told, verify=str(stack.ca_file), timeout=10)

    assert inside.strip().endswith("/users")
    assert "/sign-in" in outside.url


def test_no_answer_says_what_serves_it(stack: Stack) -> None:
    answer = requests.get(f"{stack.base_url}/healthz", verify=str(stack.ca_file), timeout=10)

    assert {"Server", "Via"}.isdisjoint(answer.headers)


def test_the_receiver_runs_as_a_user_without_rights(stack: Stack) -> None:
    status = process_status(stack, "receiver")

    assert status["Uid"].split() == ["10001"] * 4
    assert status["Gid"].split() == ["10001"] * 4


@pytest.mark.parametrize(
    ("service", "capabilities"),
    [("db", 0), ("receiver", 0), ("proxy", 1 << 10)],  # bit 10: bind ports below 1024
)
def test_a_service_has_no_more_rights_than_it_needs(
    stack: Stack, service: str, capabilities: int
) -> None:
    status = process_status(stack, service)

    assert int(status["CapBnd"], 16) == capabilities
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_cannot_write_to_its_image(stack: Stack, service: str) -> None:
    mounts = stack.compose("exec", "-T", service, "cat", "/proc/mounts")

    root = next(line.split() for line in mounts.splitlines() if line.split()[1] == "/")
    assert root[3].split(",")[0] == "ro"


def test_only_the_proxy_is_reachable_from_outside(stack: Stack) -> None:
    for service, state in states(stack).items():
        ports = [port["PublishedPort"] for port in state["Publishers"] or []]
        assert any(ports) == (service == "proxy")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_whether_it_is_healthy(stack: Stack, service: str) -> None:
    assert states(stack)[service]["Health"] == "healthy"


def test_the_encryption_key_is_the_secret_given(stack: Stack) -> None:
    Fernet((stack.folder / "secrets/secret_key").read_text())

    assert "secret.key" not in stack.compose("exec", "-T", "receiver", "ls", "-A", "/data")


def test_no_secret_is_in_the_logs_or_the_environment(stack: Stack) -> None:
    seen = stack.compose("logs", "--no-color")
    for service in SERVICES:
        seen += stack.compose("exec", "-T", service, "cat", "/proc/1/environ")

    for secret in (stack.folder / "secrets").iterdir():
        assert secret.read_text() not in seen


def test_it_stores_a_signed_batch_that_came_over_https(stack: Stack) -> None:
    key = add_connection(stack, "acme")

    receipt = post_batch(stack, key, body_of("journal_items", journal_items(3)))

    assert key.address == stack.base_url
    assert receipt["written_count"] == 3


def test_what_it_stored_survives_down_and_up(stack: Stack) -> None:
    post_batch(stack, add_connection(stack, "initech"), body_of("journal_items", journal_items(3)))
    before = stack.monitr("connection", "list")

    stack.compose("down")
    stack.compose("up", "--wait")

    assert "initech" in before
    assert stack.monitr("connection", "list") == before


def test_a_backup_brings_back_what_was_deleted(stack: Stack) -> None:
    post_batch(stack, add_connection(stack, "globex"), body_of("journal_items", journal_items(3)))
    before = stack.monitr("connection", "list")
    in_db = ("exec", "-T", "db")
    dump = "/tmp/monitr.dump"
    stack.compose(*in_db, "pg_dump", "-U", "monitr", "--format=custom", f"--file={dump}", "monitr")
    stack.monitr("connection", "delete", "--yes", "globex")

    stack.compose("stop", "receiver")
    replace = ["--dbname=postgres", "--clean", "--create", "--if-exists"]
    stack.compose(*in_db, "pg_restore", "-U", "monitr", *replace, dump)
    stack.compose("up", "--wait")

    assert "globex" in before
    assert stack.monitr("connection", "list") == before


def test_it_says_when_its_database_is_gone_and_recovers_with_it(stack: Stack) -> None:
    stack.compose("stop", "db")

    response = requests.get(f"{stack.base_url}/healthz", verify=str(stack.ca_file), timeout=10)
    stack.compose("up", "--wait")

    assert response.status_code == 503
    assert requests.get(f"{stack.base_url}/healthz", verify=str(stack.ca_file), timeout=10).ok


def add_connection(stack: Stack, name: str) -> ConnectionKey:
    return decode_connection_key(stack.monitr("connection", "add", name).splitlines()[0])


def post_batch(stack: Stack, key: ConnectionKey, body: bytes) -> dict[str, object]:
    """The receipt."""
    message_id = f"msg_{uuid.uuid4().hex}"
    headers = signed_headers(key.connection_id, key.secret, message_id, int(time.time()), body)
    response = requests.post(
        key.address + BATCHES_PATH,
        data=body,
        headers=headers,
        verify=str(stack.ca_file),
        timeout=10,
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


def states(stack: Stack) -> dict[str, dict[str, Any]]:
    """What Docker Compose says of each running service."""
    lines = stack.compose("ps", "--format=json").splitlines()
    return {state["Service"]: state for state in map(json.loads, lines)}


def process_status(stack: Stack, service: str) -> dict[str, str]:
    """What the kernel says of the service's main process: name -> value."""
    lines = stack.compose("exec", "-T", service, "cat", "/proc/1/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
