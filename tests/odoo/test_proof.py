"""Whatever made them differ, the next run proves it and repairs just that, without a human."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.server import OdooError
from tests.postgres import PostgresServer

NASTY = f"SELECT id FROM account_move WHERE ref = '{books_script.NASTY_ENTRY}'"

LONGEST_SLICES = 30
REPAIR_WITHOUT_TIME = f"""
from odoo.addons.monitr_connector import prove, push
from odoo.addons.monitr_connector.extract import Reader
from odoo.addons.monitr_connector.scope import sync_env
prove.ROWS_AT_ONCE = 2000
connection = env["monitr.connection"].search([])
books = sync_env(connection)
readers = {{s.name: Reader(books, s, connection.start_date) for s in push.STREAMS}}
run = connection.open_run()
result = []
with push.sender_of(connection) as sender:
    push.say_hello(connection, sender)
    while result[-1:] != [True] and len(result) < {LONGEST_SLICES}:
        result.append(prove.tie_out(run, readers, sender, deadline=0))
run.succeed()
"""
PUSH_WITHOUT_PATIENCE = """
from odoo.addons.monitr_connector import extract, prove, push
prove.LONGEST_READ_SECONDS = 3
read_digests = extract.Reader.read_digests
def read_digests_slowly(reader):
    reader._cr.execute("SELECT pg_sleep(0.6)")  # eleven streams: none is over the limit, all are
    return read_digests(reader)
extract.Reader.read_digests = read_digests_slowly
run = push.push_slice(env["monitr.connection"].search([]))
result = [run.state, run.error]
"""


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("proof")) as pair:
        first = pair.push()
        assert first["is_of_everything"]
        assert first["repaired_count"] == 0
        yield pair


def push_and_tie_out(pair: Paired) -> dict[str, Any]:
    run = pair.push()
    assert run["state"] == "succeeded", run["error"]
    assert not run["is_of_everything"]
    [(differing,)] = pair.receiver.sql(
        f"SELECT differing_count FROM proofs WHERE run_id = '{run['run_id']}' "
        "ORDER BY sequence DESC LIMIT 1"
    )
    assert differing == 0
    return run


def test_the_first_push_ties_out_without_repair(pair: Paired) -> None:
    proofs = pair.receiver.sql("SELECT differing_count, record_count, bucket_count FROM proofs")

    stored = sum(len(pair.records(stream)) for stream in ("journal_items", "journal_entries"))
    assert proofs[0][0] == 0
    assert proofs[0][1] > stored
    assert proofs[0][2] > 100


def test_the_settings_page_says_that_it_ties_out(pair: Paired) -> None:
    push_and_tie_out(pair)

    [page] = pair.odoo.call("monitr.connection", "search_read", [], ["status"])
    assert "Tied out at" in page["status"]
    assert "difference 0.00." in page["status"]


def test_records_changed_lost_or_added_in_the_receiver_are_repaired(pair: Paired) -> None:
    before = pair.records("journal_items")
    pair.receiver.execute("UPDATE journal_items SET debit = debit + 1 WHERE label = 'NULL'")
    pair.receiver.execute("DELETE FROM partners WHERE id % 2 = 0")
    pair.receiver.execute("UPDATE journal_entries SET id = id + 1000000 WHERE id % 3 = 0")
    pair.receiver.execute("DELETE FROM reconciliations")

    run = push_and_tie_out(pair)

    assert run["repaired_count"] > 10
    assert pair.records("journal_items") == before
    repairs = pair.receiver.sql(
        "SELECT stream, missing_count, changed_count, extra_count FROM repairs"
    )
    assert {stream for stream, *_ in repairs} == {
        "journal_items",
        "partners",
        "journal_entries",
        "reconciliations",
    }
    assert all(missing or changed or extra for _, missing, changed, extra in repairs)


def test_changes_that_no_trigger_saw_are_repaired(pair: Paired) -> None:
    with pair.odoo.without_triggers("account_move_line"):
        pair.odoo.sql(f"UPDATE account_move_line SET name = 'unseen' WHERE move_id = ({NASTY})")

    run = push_and_tie_out(pair)

    labels = [record["label"] for record in pair.records("journal_items")]
    assert labels.count("unseen") == run["repaired_count"] > 10


def test_a_column_that_a_change_of_its_table_writes_anew_is_repaired(pair: Paired) -> None:
    """It fires no trigger, and the column stays the same one."""
    pair.odoo.sql("ALTER TABLE res_partner ALTER ref TYPE varchar USING 'Rewritten'")

    run = push_and_tie_out(pair)

    partners = pair.records("partners")
    assert run["repaired_count"] == len(partners)
    assert {partner["reference"] for partner in partners} == {"Rewritten"}


def test_an_emptied_receiver_is_filled_again(pair: Paired) -> None:
    before = pair.records("journal_items")
    pair.receiver.execute("DELETE FROM journal_items")

    run = push_and_tie_out(pair)

    assert run["repaired_count"] == len(before)
    assert pair.records("journal_items") == before


def test_a_repair_that_takes_several_slices_comes_to_its_end(pair: Paired) -> None:
    """Comparing 2,000 records at a time, where each slice has time for the first that differ."""
    before = pair.records("journal_items")
    pair.receiver.execute("DELETE FROM journal_items")

    slices = pair.odoo.shell(REPAIR_WITHOUT_TIME)

    assert slices[-1] is True
    assert len(slices) > 4
    assert pair.records("journal_items") == before


def test_a_proof_that_takes_too_long_says_so_and_what_was_sent_stays(pair: Paired) -> None:
    pair.odoo.sql(f"UPDATE account_move_line SET name = 'sent' WHERE move_id = ({NASTY})")

    [state, error] = pair.odoo.shell(PUSH_WITHOUT_PATIENCE)

    assert state == "failed"
    assert "Everything is sent, but not proven" in error
    assert pair.odoo.sql("SELECT count(*) FROM monitr_outbox") == [(0,)]
    assert "sent" in {record["label"] for record in pair.records("journal_items")}
    push_and_tie_out(pair)


def test_what_cannot_be_repaired_is_told_by_account_and_month(pair: Paired) -> None:
    [(id, month)] = pair.odoo.sql(
        "SELECT id, to_char(date, 'YYYY-MM') FROM account_move_line "
        f"WHERE move_id = ({NASTY}) LIMIT 1"
    )
    for statement in spoil(pair, id):
        pair.receiver.execute(statement)

    with pytest.raises(OdooError) as told:
        pair.push()

    assert "differ even after their repair" in told.value.message
    [page] = pair.odoo.call("monitr.connection", "search_read", [], ["status"])
    assert "Does not tie out at" in page["status"]
    assert re.search(rf" \d{{6}} [^,]+, {month}: -1\. ", told.value.message)
    for statement in mend(pair):
        pair.receiver.execute(statement)
    assert push_and_tie_out(pair)["repaired_count"] == 1


def spoil(pair: Paired, id: int) -> list[str]:
    """From now on the receiver's database makes one item's debit larger than what is sent."""
    damage = f"UPDATE journal_items SET debit = debit + {one(pair)} WHERE id = {id}"
    if pair.receiver.is_on_postgresql:
        return [
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.debit := NEW.debit + 1; RETURN NEW; END $$",
            "CREATE TRIGGER spoil BEFORE UPDATE OF label ON journal_items "
            f"FOR EACH ROW WHEN (NEW.id = {id}) EXECUTE FUNCTION spoil()",
            damage,
        ]
    return [
        f"CREATE TRIGGER spoil AFTER UPDATE OF label ON journal_items BEGIN {damage}; END",
        damage,
    ]


def mend(pair: Paired) -> list[str]:
    on = " ON journal_items" if pair.receiver.is_on_postgresql else ""
    return [f"DROP TRIGGER spoil{on}"]


def one(pair: Paired) -> int:
    return 1 if pair.receiver.is_on_postgresql else 10**6
