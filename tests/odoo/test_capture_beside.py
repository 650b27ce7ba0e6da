"""Capture beside OCA addons: one cleans up, one brings names known from another series."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.left_out import left_out
from tests.odoo.books import copy_of_books, copy_of_books_with_addon
from tests.odoo.installations import Installation, Unavailable
from tests.odoo.oca import SERIES, installation_with_oca
from tests.odoo.server import Odoo
from tests.odoo.test_capture import is_change_captured, triggers
from tests.postgres import PostgresServer

CONNECTOR, CLEANUP, TAGS = "monitr_connector", "database_cleanup", "account_analytic_tag"
SERIES_WITH_NEW_TAGS = [series for series in SERIES if series >= "16.0"]
FIND_WHAT_IS_NOBODYS = """
from odoo.exceptions import UserError
result = []
for kind in ("table", "column", "model", "data"):
    try:
        found = env["cleanup.purge.wizard." + kind].find()
    except UserError:  # there is nothing
        found = []
    result += [str(line[2]) for line in found]
"""


@pytest.fixture(params=SERIES)
def with_oca(request: pytest.FixtureRequest) -> Installation:
    try:
        return installation_with_oca(request.param)
    except Unavailable as need:
        left_out("OCA's addons", str(need))


@pytest.fixture
def books(with_oca: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Odoo]:
    with copy_of_books(with_oca, postgres, tmp_path / "odoo") as odoo:
        yield odoo


@pytest.fixture
def odoo(with_oca: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Odoo]:
    with copy_of_books_with_addon(with_oca, postgres, tmp_path / "odoo") as odoo:
        yield odoo


def test_a_clean_up_offers_nothing_of_ours(odoo: Odoo) -> None:
    odoo.install(CLEANUP)
    odoo.sql("CREATE TABLE nobodys (id integer)")

    offered = odoo.shell(FIND_WHAT_IS_NOBODYS)

    assert [line for line in offered if "nobodys" in line]
    assert [line for line in offered if "monitr" in line] == []


@pytest.mark.parametrize("with_oca", SERIES_WITH_NEW_TAGS, indirect=True)
def test_tags_of_another_addon_stop_no_update(odoo: Odoo) -> None:
    before = triggers(odoo)

    odoo.install(TAGS)
    odoo.update("base")

    assert triggers(odoo) == before
    assert is_change_captured(odoo)


@pytest.mark.parametrize("with_oca", SERIES_WITH_NEW_TAGS, indirect=True)
def test_the_addon_is_installed_where_such_tags_are(books: Odoo) -> None:
    books.install(TAGS)
    books.install(CONNECTOR)
    books.update("account", CONNECTOR)

    assert not [table for table, *_ in triggers(books) if "tag" in str(table)]
    assert is_change_captured(books)
