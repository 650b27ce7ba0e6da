"""Capture outlives what happens to a database: updates, dump and restore, and neutralizing."""

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest

from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, SettingsPage, paired
from tests.odoo.server import PROJECT_ADDONS, Odoo, OdooError
from tests.postgres import PostgresServer

NEUTRALIZE = PROJECT_ADDONS / "monitr_connector" / "data" / "neutralize.sql"
NEUTRALIZE_SINCE = "16.0"


@pytest.fixture
def odoo(installation: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Odoo]:
    with copy_of_books_with_addon(installation, postgres, tmp_path / "odoo") as odoo:
        yield odoo


def triggers(odoo: Odoo) -> list[tuple[object, ...]]:
    """Each with the table it watches and whether it fires."""
    return odoo.sql(
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger "
        "WHERE starts_with(tgname, 'monitr_capture_') ORDER BY 1, 2"
    )


def is_change_captured(odoo: Odoo, session: LiteralString = "") -> bool:
    """Where the session has run these statements before."""
    odoo.sql("DELETE FROM monitr_outbox")
    lines = "public.account_move_line"
    first = f"(SELECT min(id) FROM {lines})"
    odoo.sql(f"{session} UPDATE {lines} SET name = 'changed' WHERE id = {first}")
    return odoo.sql("SELECT DISTINCT stream FROM monitr_outbox") == [("journal_items",)]


def test_it_survives_updates_of_modules(odoo: Odoo) -> None:
    before = triggers(odoo)

    odoo.update("account", "monitr_connector")

    assert len(before) > 30
    assert triggers(odoo) == before
    assert is_change_captured(odoo)


def test_it_sees_changes_whatever_the_session_takes_for_its_outbox(odoo: Odoo) -> None:
    assert is_change_captured(odoo, "SET search_path = '';")
    assert is_change_captured(odoo, "CREATE TEMP TABLE monitr_outbox (stream text, record_id int);")


def test_it_survives_dump_and_restore(odoo: Odoo, postgres: PostgresServer, tmp_path: Path) -> None:
    before = triggers(odoo)

    postgres.dump_and_restore(odoo.database, tmp_path / "dump")

    assert triggers(odoo) == before
    assert is_change_captured(odoo)


def test_past_its_bound_a_note_for_each_stream_takes_the_place_of_events(odoo: Odoo) -> None:
    [within, beyond] = odoo.shell("""
        from odoo.addons.monitr_connector import outbox
        outbox.MOST_EVENTS = 1000
        outbox.forget(env.cr)
        result = []
        for count in (1000, 1):
            env.cr.execute(
                "INSERT INTO monitr_outbox (stream, record_id) "
                "SELECT (ARRAY['accounts', 'partners'])[1 + mod(i, 2)], i "
                "FROM generate_series(1, %s) i",
                [count],
            )
            outbox.keep_bound(env.cr)
            env.cr.execute("SELECT stream, count(record_id) FROM monitr_outbox GROUP BY 1")
            result.append(dict(env.cr.fetchall()))
    """)

    assert within == {"accounts": 500, "partners": 500}
    assert beyond == {"accounts": 0, "partners": 0}


def test_a_neutralized_database_sends_nothing_until_it_gets_a_key(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> None:
    with paired(installation, postgres, tmp_path) as pair:
        pair.push()
        pair.odoo.stop()
        neutralize(pair)
        pair.odoo.start()
        before = pair.receiver.sql("SELECT count(*) FROM receipts")

        with pytest.raises(OdooError, match="Paste the connection key first"):
            SettingsPage(pair.odoo).push()

        assert pair.receiver.sql("SELECT count(*) FROM receipts") == before


def neutralize(pair: Paired) -> None:
    """By Odoo's own command where it has one, else by hand."""
    if pair.odoo.series >= NEUTRALIZE_SINCE:
        pair.odoo.neutralize()
    else:
        pair.odoo.sql(NEUTRALIZE.read_text())
