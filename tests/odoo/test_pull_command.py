"""An Odoo without the addon, by command line: its API key entered, everything pulled over HTTP."""

import re
from collections.abc import Iterator

import pytest

from tests.odoo.api_keys import key_of
from tests.odoo.books_script import (
    ACCOUNTANT_AB,
    COMPANY_A,
    COMPANY_B,
    LANGUAGE,
    LARGE_ENTRY_LINES,
)
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.partly import letting_through
from tests.odoo.pulling import PULLED, assert_pulled_equals_pushed
from tests.postgres import PostgresServer

EVERY_PATH = "/"
XML_RPC_ALONE = "/xmlrpc"
WITHOUT_CONTROL_CHARACTERS = (
    "UPDATE account_move_line SET name = "
    r"regexp_replace(name, '[\x01-\x08\x0b\x0c\x0e-\x1f]', '', 'g')"
)

WRITTEN_IN_THE_COURSE_OF_YEARS = (
    "UPDATE account_move_line SET write_date = now() - interval '3 years' + id * interval '1 hour'"
)


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed once, to compare with. What XML-RPC cannot carry is taken out of the books first."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pull_command")) as pair:
        pair.odoo.sql(WITHOUT_CONTROL_CHARACTERS)
        pair.odoo.sql(WRITTEN_IN_THE_COURSE_OF_YEARS)
        assert pair.push()["state"] == "succeeded"
        yield pair


@pytest.mark.parametrize("paths", [EVERY_PATH, XML_RPC_ALONE])
def test_what_is_pulled_by_command_is_what_is_pushed(pair: Paired, paths: str) -> None:
    """By the best transport that the series has, and by XML-RPC alone."""
    with letting_through(pair.odoo.url, paths) as odoo:
        add_odoo(pair, odoo.url)

        told = pair.receiver.monitr("pull", PULLED)

        assert_pulled_equals_pushed(pair.receiver)
        change_the_books(pair)
        told_of_changes = pair.receiver.monitr("pull", PULLED)
        told_of_everything = pair.receiver.monitr("pull", PULLED, "--everything")

    assert pair.push()["state"] == "succeeded"
    assert_pulled_equals_pushed(pair.receiver)
    assert " records pulled, " in told
    assert " times and took " in told
    assert ", 0 repaired." in told
    assert ", 2 repaired." in told_of_changes
    assert "Tied out with Odoo's own counts and sums" in told_of_changes
    assert count_in(told_of_changes) < LARGE_ENTRY_LINES < count_in(told_of_everything)
    assert "tied out" in pair.receiver.monitr("prove", PULLED)
    found = pair.receiver.get(f"/v1/connections/{PULLED}")
    assert (found["series"], found["language"]) == (pair.odoo.series, LANGUAGE)
    health = pair.receiver.get(f"/v1/connections/{PULLED}/health")
    assert health["state"] == "incomplete"  # the entry of the deleted item does not balance
    pair.receiver.monitr("connection", "delete", PULLED, "--yes")


def count_in(told: str) -> int:
    """How many records were pulled."""
    [count] = re.findall(r"([\d,]+) records pulled", told)
    return int(count.replace(",", ""))


def change_the_books(pair: Paired) -> None:
    """As Odoo does it, and two items past it."""
    posted = "SELECT id FROM account_move_line WHERE name LIKE 'Sale %%' AND date > '2024-01-01'"
    changed, deleted, moved = [id for (id,) in pair.odoo.sql(posted + " ORDER BY id LIMIT 3")]
    label = "UPDATE account_move_line SET name = %s, write_date = now() WHERE id = %s"
    pair.odoo.sql(label, ["Changed", changed])
    for id in (deleted, moved):
        pair.odoo.sql("UPDATE account_move_line SET write_date = '2020-02-02' WHERE id = %s", [id])
    pair.odoo.sql("DELETE FROM account_move_line WHERE id = %s", [deleted])
    pair.odoo.sql("UPDATE account_move_line SET date = '2023-03-03' WHERE id = %s", [moved])


def add_odoo(pair: Paired, url: str) -> None:
    values = {"url": url, "database": pair.odoo.database, "username": ACCOUNTANT_AB}
    options = [part for name, value in values.items() for part in (f"--{name}", value)]
    companies = ["--company", COMPANY_A, "--company", COMPANY_B]
    given = [*options, *companies, "--language", LANGUAGE]
    key = key_of(pair.odoo, ACCOUNTANT_AB)
    pair.receiver.monitr("connection", "add-odoo", PULLED, *given, input=key + "\n")
