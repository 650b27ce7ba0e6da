"""Whatever of ours is lost, renamed or refused: users go on, and the next push makes up for it."""

from collections.abc import Iterator
from typing import Any, LiteralString

import pytest

from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.installations import Installation, series_under_test
from tests.odoo.paired import Paired, paired
from tests.postgres import PostgresServer

SERIES_WITH_TAGS = [series for series in series_under_test() if series < "16.0"]
BREAKS: dict[str, LiteralString] = {
    "purged": "DROP TABLE monitr_outbox",
    "renamed": "DROP TABLE IF EXISTS lost; ALTER TABLE monitr_outbox RENAME TO lost",
    "without a column": "ALTER TABLE monitr_outbox DROP record_id",
    "without its numbers": "ALTER TABLE monitr_outbox ALTER id DROP IDENTITY",
    "refused": "REVOKE ALL ON monitr_outbox FROM CURRENT_USER",
    "with a condition": "ALTER TABLE monitr_outbox ADD CHECK (record_id < 0) NOT VALID",
    "with numbers behind": "INSERT INTO monitr_outbox (id, stream, record_id) "
    "SELECT i + (SELECT max(id) FROM monitr_outbox), 'partners', 1 FROM generate_series(1, 999) i",
}
BREAKS_OF_TRIGGERS: dict[str, LiteralString] = {
    "disabled": "ALTER TABLE res_partner DISABLE TRIGGER USER",
    "dropped": "DROP TRIGGER monitr_capture_update ON res_partner",
    "with their functions": "DROP FUNCTION monitr_capture_res_partner CASCADE",
    "with other functions": "CREATE OR REPLACE FUNCTION monitr_capture_res_partner() "
    "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "with fewer rights": "ALTER FUNCTION monitr_capture_res_partner() SECURITY INVOKER",
}

PUBLICATION = """DO $$ BEGIN EXECUTE (
    SELECT 'CREATE PUBLICATION everything FOR TABLE ' || string_agg(oid::regclass::text, ', ')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
); END $$"""

OLDEST: LiteralString = "SELECT min(id) FROM account_partial_reconcile"


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The books, pushed once. Each test leaves the pair whole and pushed."""
    with paired(installation, postgres, tmp_path_factory.mktemp("broken")) as pair:
        pair.push()
        yield pair


def work(pair: Paired, name: str) -> None:
    """What users do: a new partner, a changed one, a changed item."""
    pair.odoo.call("res.partner", "create", {"name": name})
    partner = pair.odoo.sql("SELECT min(id) FROM res_partner WHERE active")[0][0]
    pair.odoo.call("res.partner", "write", [partner], {"ref": name})
    pair.odoo.sql("UPDATE account_move_line SET name = %s WHERE parent_state = 'posted'", [name])
    pair.odoo.sql(f"DELETE FROM account_partial_reconcile WHERE id = ({OLDEST})")


def push(pair: Paired) -> dict[str, Any]:
    """Push: the proof has nothing to repair, and every record equals Odoo's row."""
    run = pair.push()
    assert_ties_out(pair, run)
    assert_equals_odoo(pair)
    return run


def page(pair: Paired) -> str:
    return str(pair.odoo.call("monitr.connection", "search_read", [], ["status"])[0]["status"])


@pytest.mark.parametrize("how", BREAKS)
def test_work_goes_on_without_an_outbox_and_the_next_push_makes_up_for_it(
    pair: Paired, how: str
) -> None:
    work(pair, "before it broke")
    pair.odoo.sql(BREAKS[how])
    work(pair, how)

    run = push(pair)

    assert run["missed"] == "monitr_outbox"
    assert run["missed_since"]
    assert "Odoo may not have noted every change since" in page(pair)
    work(pair, "afterwards")
    assert not push(pair)["missed"]


@pytest.mark.parametrize("how", BREAKS_OF_TRIGGERS)
def test_work_goes_on_without_triggers_and_only_their_stream_is_read_whole(
    pair: Paired, how: str
) -> None:
    pair.odoo.sql(BREAKS_OF_TRIGGERS[how])
    work(pair, how)

    run = push(pair)

    assert run["missed"] == "res_partner"
    assert not run["is_of_everything"]
    assert not push(pair)["missed"]


@pytest.mark.parametrize("series", SERIES_WITH_TAGS, scope="session")
def test_work_goes_on_where_a_migration_renames_what_a_function_reads(pair: Paired) -> None:
    pair.odoo.sql("ALTER TABLE account_analytic_distribution RENAME tag_id TO moved")
    pair.odoo.sql("ALTER TABLE ir_translation RENAME res_id TO moved")
    pair.odoo.sql("UPDATE account_analytic_distribution SET percentage = percentage")
    pair.odoo.sql("DELETE FROM account_analytic_distribution WHERE false")
    pair.odoo.sql("UPDATE ir_translation SET value = value WHERE false")
    pair.odoo.sql("ALTER TABLE ir_translation RENAME moved TO res_id")
    pair.odoo.sql("ALTER TABLE account_analytic_distribution RENAME moved TO tag_id")

    run = push(pair)

    assert "column c.tag_id does not exist" in run["missed"]
    assert 'column "res_id" does not exist' in run["missed"]


@pytest.mark.parametrize("series", SERIES_WITH_TAGS, scope="session")
def test_a_table_that_a_migration_took_is_said_and_watched_again_when_it_is_back(
    pair: Paired,
) -> None:
    pair.odoo.sql("ALTER TABLE ir_translation RENAME lang TO moved")
    pair.odoo.shell("env['monitr.connection']._push_on_schedule(); result = None")
    without = page(pair)
    pair.odoo.sql("ALTER TABLE ir_translation RENAME moved TO lang")

    run = push(pair)

    assert "ir_translation (there is no ir_translation.lang)" in without
    assert run["missed"] == "ir_translation"
    assert "there is no" not in page(pair)


def test_a_table_emptied_at_once_or_numbered_anew_arrives(pair: Paired) -> None:
    """By statements that have no rows to look at, or none that tell the number of before."""
    new = "SELECT max(id) + 1 FROM account_partial_reconcile"
    pair.odoo.sql(f"UPDATE account_partial_reconcile SET id = ({new}) WHERE id = ({OLDEST})")
    assert not push(pair)["missed"]
    pair.odoo.sql("TRUNCATE account_analytic_line CASCADE")
    work(pair, "beside it")

    assert not push(pair)["missed"]

    assert pair.records("analytic_items") == []


def test_what_stood_in_a_dropped_column_is_gone(pair: Paired) -> None:
    """Not even another column of its name makes up for it."""
    pair.odoo.sql("ALTER TABLE res_partner DROP ref CASCADE, ADD ref varchar")

    run = push(pair)

    assert not run["missed"]
    assert {partner["reference"] for partner in pair.records("partners")} == {None}


def test_it_is_pushed_beside_a_publication_of_all_tables(pair: Paired) -> None:
    """FOR ALL TABLES is for a superuser; what it does to each table is the same."""
    pair.odoo.sql(PUBLICATION)
    work(pair, "published")

    push(pair)

    pair.odoo.sql("DROP PUBLICATION everything")


def test_an_update_of_the_addon_notices_too_what_was_broken(pair: Paired) -> None:
    pair.odoo.sql("DROP TABLE monitr_outbox")
    work(pair, "before the update")

    pair.odoo.update("monitr_connector")

    assert push(pair)["missed"] == "monitr_outbox"


def test_an_update_from_the_first_release_keeps_what_waits(pair: Paired) -> None:
    pair.odoo.sql(
        "DROP TABLE monitr_outbox; CREATE TABLE monitr_outbox (stream text NOT NULL, record_id "
        "integer NOT NULL); INSERT INTO monitr_outbox SELECT 'partners', min(id) FROM res_partner"
    )

    pair.odoo.update("monitr_connector")
    waiting = pair.odoo.sql("SELECT id, stream, record_id IS NULL FROM monitr_outbox")
    run = push(pair)

    assert waiting == [(1, "partners", False)]
    assert not run["missed"]
