"""What a reverse proxy says of who comes: believed from the addresses that the settings trust."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine

from receiver.app import create_app
from receiver.config import Config
from receiver.sign_in import FAILURES_OF_BOTH
from receiver.web.current import ENGINE
from receiver.web.pages.shared.client_address import client_address
from tests.receiver.web.pages.conftest import SECURE, Browser, add_user

SECRET = "told to the proxy and to nobody else"
PROXY, STRANGER = "10.0.0.5", "203.0.113.7"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """Addresses ask no database: one kind is enough."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    trusted = {"trusted_proxies": "10.0.0.0/24, ::1", "sign_in_secret": SECRET}
    app = create_app(replace(config, **trusted, sign_in_header="X-Remote-User"))
    yield app
    app.extensions[ENGINE].dispose()


def status(app: Flask, user: str, address: str, secret: str = SECRET) -> int:
    return (
        app.test_client()
        .get(
            "/users",
            base_url=SECURE,
            headers={
                "X-Remote-User": user,
                "X-Monitr-Sign-In-Secret": secret,
                "Accept": "text/html",
            },
            environ_base={"REMOTE_ADDR": address},
        )
        .status_code
    )


def test_whom_the_proxy_names_is_signed_in_by_name_or_address(app: Flask, engine: Engine) -> None:
    add_user(engine, "anna", email="anna@acme.example", is_administrator=True)

    assert status(app, "anna", PROXY) == 200
    assert status(app, "Anna@acme.example", PROXY) == 200


def test_from_elsewhere_the_header_means_nothing(app: Flask, engine: Engine) -> None:
    add_user(engine, "anna", is_administrator=True)

    assert status(app, "anna", STRANGER) == 302


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "é", "guessed"])
def test_without_the_secret_the_header_means_nothing(
    app: Flask, engine: Engine, secret: str
) -> None:
    add_user(engine, "anna", is_administrator=True)

    assert status(app, "anna", PROXY, secret) == 302


def test_who_has_no_user_is_told_whom_to_ask(app: Flask, engine: Engine) -> None:
    add_user(engine, "anna", is_administrator=True)

    assert status(app, "eve", PROXY) == 403


@pytest.mark.parametrize(
    ("address", "forwarded", "client"),
    [
        (STRANGER, "198.51.100.1", STRANGER),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "made up, 198.51.100.1", "198.51.100.1"),
        (PROXY, "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        (PROXY, "", PROXY),
        (PROXY, "10.0.0.77", "10.0.0.77"),
        (PROXY, "198.51.100.1:5678", "198.51.100.1"),
        (PROXY, "[2001:db8::1]:99", "2001:db8::1"),
        (PROXY, "[2001:db8::1]", "2001:db8::1"),
        (PROXY, "198.51.100.1:1, 10.0.0.9:2", "198.51.100.1"),
        ("::ffff:10.0.0.5", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy(
    app: Flask, address: str, forwarded: str, client: str
) -> None:
    with app.test_request_context(
        environ_base={"REMOTE_ADDR": address}, headers={"X-Forwarded-For": forwarded}
    ):
        assert client_address() == client


def test_failures_of_one_client_leave_the_others_of_the_proxy_alone(
    app: Flask, engine: Engine
) -> None:
    add_user(engine, "anna")
    eve, anna = Browser(app.test_client()), Browser(app.test_client())
    for browser, address in ((eve, "198.51.100.1"), (anna, "198.51.100.2")):
        browser.client.environ_base |= {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": address}

    for _ in range(FAILURES_OF_BOTH + 1):
        answer = eve.sign_in("anna", "wrong")

    assert answer.status_code == 429
    assert anna.sign_in("anna").status_code == 303


@pytest.mark.parametrize(
    ("addresses", "status"),
    [("2001:db8:1:2::{:x}", 429), ("2001:db8:1:{:x}::1", 422), ("::ffff:198.51.100.{}", 422)],
)
def test_the_addresses_of_one_ipv6_network_are_one_client(
    app: Flask, engine: Engine, browser: Browser, addresses: str, status: int
) -> None:
    add_user(engine, "anna")

    for number in range(FAILURES_OF_BOTH + 1):
        address = addresses.format(number)
        browser.client.environ_base |= {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": address}
        answer = browser.sign_in("anna", "wrong")

    assert answer.status_code == status
