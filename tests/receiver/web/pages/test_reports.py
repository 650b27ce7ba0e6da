"""The report pages: figures equal the API's, lead to their items, and are seen by who may."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from tests.receiver.web.conftest import reader_of
from tests.receiver.web.pages.conftest import Browser
from tests.receiver.year_books import add_year_books

PAGES = "/reports/acme"
YEAR = "from=2025-01-01&to=2025-12-31"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """What the reports ask the database is tested in report/, on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture
def books(engine: Engine, acme: ConnectionKey) -> None:
    add_year_books(engine, "acme")


@pytest.fixture
def api(app: Flask, engine: Engine, books: None) -> FlaskClient:
    return reader_of(app, engine, "acme")


def test_debug(books: None, bob: Browser) -> None:
    print(bob.get(f"{PAGES}/profit-and-loss?{YEAR}").text[:3000])
