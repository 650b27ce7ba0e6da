"""Whatever a request holds, it is answered with what is wrong with it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.hello import HELLO_PATH
from sqlalchemy import Engine

from tests.receiver.web.addresses import NAMED, addresses_of, rules_of_books
from tests.receiver.web.conftest import managing, reader_of
from tests.receiver.web.pages.conftest import SECURE, Browser, add_user, signed_in

DEEP = 100_000
BODIES = [
    "[" * DEEP,
    "[" * 30 + "]" * 30,
    '{"name": ' * DEEP,
    "1" * 5000,
    '{"name": ' + "1" * 5000 + "}",
    '{"name": "a\\u0000b"}',
    '{"name": "\\ud800"}',
    '{"a\\u0000b": 1}',
    "\0",
    "null",
    "NaN",
]


@pytest.fixture
def program(app: Flask, engine: Engine, acme: ConnectionKey) -> FlaskClient:
    return managing(engine, "acme", reader_of(app, engine, "acme"))


@pytest.fixture
def anna(app: Flask, engine: Engine) -> Browser:
    add_user(engine, "anna", is_administrator=True)
    return signed_in(app, "anna")


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_cannot_be_stored_is_refused(program: FlaskClient, body: str) -> None:
    for path, method in operations_with_bodies(program):
        answer = program.open(path, method=method, data=body, content_type="application/json")

        expected = 400 if path == HELLO_PATH else 422  # a hello is signed
        assert answer.status_code == expected, (path, method, answer.text)


@pytest.mark.parametrize("deep", ["[" * 30 + "]" * 30, '{"a": ' * 30 + "1" + "}" * 30])
def test_a_body_of_too_many_levels_says_so(program: FlaskClient, deep: str) -> None:
    """Further down nobody looks for what cannot be stored."""
    operations = operations_with_bodies(program)
    path, method = next(each for each in operations if each[0] != HELLO_PATH)

    answer = program.open(path, method=method, data=deep, content_type="application/json")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_body")
    assert "more levels" in answer.get_json()["detail"]


def operations_with_bodies(program: FlaskClient) -> list[tuple[str, str]]:
    paths: dict[str, Any] = program.get("/openapi.json").get_json()["paths"]
    found = [
        (path.format(**NAMED), method)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method != "parameters"
        and "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(found) > 5
    return found


def test_nothing_is_named_with_nul(app: Flask, program: FlaskClient, anna: Browser) -> None:
    for rule in rules_of_books(app):
        for argument in rule.arguments:
            path = addresses_of(rule, **{argument: "a\0b"})[0]
            reader = program if path.startswith("/v1/") else anna
            assert reader.get(path).status_code == 404 or "%00" not in path, path
    assert program.get("/static/%00").status_code == 404


@pytest.mark.parametrize("path", ["/", "/sign-in", "/health", "/reports/", "/users"])
def test_no_parameter_holds_nul(anna: Browser, acme: ConnectionKey, path: str) -> None:
    for query in ("next=%00", "company_id=%00", "connection=a%00b", "a%00=1"):
        assert anna.get(f"{path}?{query}").status_code == 422


def test_no_form_holds_nul(app: Flask, anna: Browser) -> None:
    answer = anna.post("/users/new", {"name": "a\0b"})

    assert answer.status_code == 422
    assert "NUL" in answer.text


@pytest.mark.parametrize("path", ["/reports", "/reports/acme", "/outstanding//acme"])
def test_no_link_leads_to_the_host_that_a_request_makes_up(
    anna: Browser, acme: ConnectionKey, path: str
) -> None:
    answer = anna.client.get(path, base_url=SECURE, headers={"Host": "evil.example"})

    assert answer.status_code in (302, 308)
    assert "evil.example" not in answer.headers["Location"] + answer.text
    assert not answer.headers["Location"].startswith("//")
