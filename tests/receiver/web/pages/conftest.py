"""Who looks: anna administers everything, bob views acme, carol administers acme alone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.users.users import Role, get_user, insert_user, set_roles, update_password
from receiver.sign_in import hash_password, start_session
from receiver.web.current import ENGINE
from receiver.web.pages.shared.session import SESSION_ID
from tests.receiver.report_books.two_years import add_year_books
from tests.receiver.web.conftest import reader_of

PASSWORD = "correct horse battery"
SECURE = "https://localhost"


@dataclass
class Browser:
    """A client that keeps cookies, and takes the CSRF token out of a page before it posts."""

    client: FlaskClient

    def get(self, path: str, **more: object) -> TestResponse:
        headers = {"Accept": "text/html"}
        return self.client.get(path, base_url=SECURE, headers=headers, **more)  # type: ignore[arg-type]

    def post(self, path: str, form: dict[str, str] | None = None) -> TestResponse:
        return self.client.post(
            path,
            base_url=SECURE,
            data={**(form or {}), "csrf_token": self._token()},
            headers={"Accept": "text/html"},
        )

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", {"name": name, "password": password})

    def is_signed_in(self) -> bool:
        return self.get("/account").status_code == 200

    def _token(self) -> str:
        for path in ("/account", "/sign-in", "/first-administrator"):
            page = self.get(path)
            if page.status_code == 200:
                return page.text.split('name="csrf_token" value="')[1].split('"')[0]
        raise AssertionError("no page has a form")


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Of nobody yet."""
    return Browser(app.test_client())


@pytest.fixture
def anna(app: Flask, engine: Engine) -> Browser:
    add_user(engine, "anna", is_administrator=True)
    return signed_in(app, "anna")


@pytest.fixture
def bob(app: Flask, engine: Engine, acme: ConnectionKey) -> Browser:
    add_user(engine, "bob", {"acme": Role.VIEWER})
    return signed_in(app, "bob")


@pytest.fixture
def carol(app: Flask, engine: Engine, acme: ConnectionKey) -> Browser:
    add_user(engine, "carol", {"acme": Role.ADMINISTRATOR})
    return signed_in(app, "carol")


@pytest.fixture
def books(engine: Engine, acme: ConnectionKey) -> None:
    """acme's, of two years."""
    add_year_books(engine, "acme")


@pytest.fixture
def api(app: Flask, engine: Engine, books: None) -> FlaskClient:
    """Reads acme's books as a program does."""
    return reader_of(app, engine, "acme")


def add_user(
    engine: Engine,
    name: str,
    roles: dict[str, Role] | None = None,
    *,
    email: str | None = None,
    is_administrator: bool = False,
) -> None:
    """With PASSWORD, and these roles by the connection's name."""
    now = datetime.now(UTC)
    with writing(engine) as db:
        user = insert_user(db, name, now, email=email, is_administrator=is_administrator)
        update_password(db, user.id, _hashed(PASSWORD))
        by_id = {get_connection(db, each).id: role for each, role in (roles or {}).items()}
        set_roles(db, user.id, by_id)


@cache
def _hashed(password: str) -> str:
    return hash_password(password)


def signed_in(app: Flask, name: str) -> Browser:
    """Without the time that checking a password takes."""
    browser = Browser(app.test_client())
    with writing(app.extensions[ENGINE]) as db:
        session_id = start_session(db, get_user(db, name), datetime.now(UTC))
    with browser.client.session_transaction(base_url=SECURE) as session:
        session[SESSION_ID] = session_id
    return browser
