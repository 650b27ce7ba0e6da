"""/sign-in/open-id: signing in at a provider, spoken to over real HTTP with signed tokens."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from receiver.app import create_app
from receiver.config import Config
from receiver.db.engine import reading
from receiver.db.users.users import list_users
from receiver.web.current import ENGINE
from tests.receiver.web.pages.conftest import Browser, add_user
from tests.receiver.web.pages.signing_in.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Provider,
    running_provider,
)


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """The provider asks no database: one kind is enough."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims, running.published = {}, None
    return running


@pytest.fixture
def makes_users() -> bool:
    return False


@pytest.fixture
def app(config: Config, provider: Provider, makes_users: bool) -> Iterator[Flask]:
    app = create_app(
        replace(
            config,
            open_id_issuer=provider.issuer,
            open_id_client_id=CLIENT_ID,
            open_id_client_secret=CLIENT_SECRET,
            sign_in_makes_users=makes_users,
        )
    )
    yield app
    app.extensions[ENGINE].dispose()


@pytest.fixture(autouse=True)
def user(engine: Engine) -> None:
    add_user(engine, "anna", email="Anna@acme.example", is_administrator=True)


def come_back(browser: Browser, provider: Provider, path: str = "/sign-in/open-id") -> str:
    """Where the whole way there and back leads to."""
    back = provider.authorize(browser.get(path).headers["Location"])
    return browser.get(back).headers["Location"]


def is_refused(browser: Browser, provider: Provider) -> bool:
    assert come_back(browser, provider) == "/sign-in"
    assert "Signing in by OpenID Connect did not work." in browser.get("/sign-in").text
    return not browser.is_signed_in()


def test_it_signs_in_the_user_of_the_verified_address(browser: Browser, provider: Provider) -> None:
    assert "Sign in with OpenID Connect" in browser.get("/sign-in").text

    assert come_back(browser, provider, "/sign-in/open-id?next=/users") == "/users"

    assert browser.get("/users").status_code == 200


def test_an_issuer_may_end_in_a_slash(browser: Browser, provider: Provider) -> None:
    """Some providers' issuers do, and the settings leave it away."""
    provider.claims = {"iss": f"{provider.issuer}/"}

    assert come_back(browser, provider) == "/"

    assert browser.is_signed_in()


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": "eve@acme.example"},
        {"nonce": "another"},
        {"aud": "another client"},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 3600},
        {"aud": None},
        {"iss": None},
        {"exp": None},
    ],
    ids=lambda claims: "-".join(claims),
)
def test_it_refuses_a_token_that_is_not_for_this_sign_in(
    browser: Browser, provider: Provider, claims: dict[str, object]
) -> None:
    provider.claims = claims

    assert is_refused(browser, provider)


def test_it_refuses_a_token_signed_by_another_key(browser: Browser, provider: Provider) -> None:
    provider.published = RSAKey.generate_key(2048, {"kid": "1"})

    assert is_refused(browser, provider)


def test_it_refuses_an_answer_that_it_did_not_ask_for(
    app: Flask, browser: Browser, provider: Provider
) -> None:
    """A stranger's own sign-in, planted into another browser."""
    back = provider.authorize(
        Browser(app.test_client()).get("/sign-in/open-id").headers["Location"]
    )

    assert browser.get(back).headers["Location"] == "/sign-in"
    assert not browser.is_signed_in()


def test_what_the_provider_refuses_is_refused(browser: Browser) -> None:
    answer = browser.get("/sign-in/open-id/back?error=access_denied&state=1")

    assert answer.headers["Location"] == "/sign-in"
    assert not browser.is_signed_in()


def test_who_refused_and_thinks_again_comes_in(browser: Browser, provider: Provider) -> None:
    """By the browser's way back to the provider."""
    asked = browser.get("/sign-in/open-id").headers["Location"]
    browser.get("/sign-in/open-id/back?error=access_denied&state=1")

    assert browser.get(provider.authorize(asked)).headers["Location"] == "/"
    assert browser.is_signed_in()


def test_a_deactivated_user_is_refused(
    app: Flask, engine: Engine, browser: Browser, provider: Provider
) -> None:
    add_user(engine, "bob", email="bob@acme.example", is_administrator=True)
    provider.claims = {"email": "bob@acme.example"}
    come_back(browser, provider)
    assert browser.post("/users/anna/deactivate").status_code == 303
    provider.claims = {}

    assert is_refused(Browser(app.test_client()), provider)


@pytest.mark.parametrize("makes_users", [True])
def test_it_makes_a_user_without_roles_where_the_settings_say_so(
    engine: Engine, browser: Browser, provider: Provider
) -> None:
    provider.claims = {"email": "eve@acme.example"}

    assert come_back(browser, provider) == "/"

    with reading(engine) as db:
        _, eve = list_users(db)
    assert (eve.name, eve.email, eve.is_administrator) == (eve.email, "eve@acme.example", False)
    assert "You see no connection yet." in browser.get("/").text
