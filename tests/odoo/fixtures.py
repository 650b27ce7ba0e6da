"""Real Odoo for tests: every test that asks for one of these runs on each series."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.left_out import left_out
from tests.odoo.books import copy_of_books, copy_of_books_with_addon
from tests.odoo.installations import Installation, Unavailable, installation_of, series_under_test
from tests.odoo.paired import SettingsPage
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer


@pytest.fixture(scope="session", params=series_under_test())
def series(request: pytest.FixtureRequest) -> str:
    """The Odoo series under test, such as "19.0"."""
    return str(request.param)


@pytest.fixture(scope="session")
def installation(series: str) -> Installation:
    """The Odoo of this series, fetched at first use."""
    try:
        return installation_of(series)
    except Unavailable as need:
        left_out(f"Odoo {series}", str(need))


@pytest.fixture(scope="session")
def shared_odoo(
    installation: Installation,
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Odoo]:
    """A running Odoo on one copy of the test books, for all tests that only read."""
    with copy_of_books(installation, postgres, tmp_path_factory.mktemp("odoo")) as odoo:
        odoo.start()
        yield odoo


@pytest.fixture
def books(installation: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Odoo]:
    """A fresh copy of the test books (see books_script.py) with no server running yet."""
    with copy_of_books(installation, postgres, tmp_path / "odoo") as odoo:
        yield odoo


@pytest.fixture
def odoo(books: Odoo) -> Odoo:
    """The same, with the server running."""
    books.start()
    return books


@pytest.fixture
def settings_page(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> Iterator[SettingsPage]:
    """The addon's settings page on a fresh copy of the test books, not connected yet."""
    with copy_of_books_with_addon(installation, postgres, tmp_path / "odoo") as odoo:
        odoo.start()
        yield SettingsPage(odoo)
