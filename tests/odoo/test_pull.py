"""A pull over RPC leaves the rows that a push of the same database leaves, to the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count

import pytest
from monitr_wire.streams import ANALYTIC_ITEMS, JOURNAL_ITEMS, STREAMS

from receiver.pull.scope import OdooInScope, Scope
from receiver.pull.setup.rehearse import rehearse
from tests.odoo import books_script
from tests.odoo.equality import assert_ties_out
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.pulling import (
    PULLED,
    CallingOdoo,
    RefusedByOdoo,
    assert_pulled_equals_pushed,
    both_companies,
    client_with_key,
    pull,
    pull_everything,
    stored,
    stored_access,
)
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer

GROUPED_READS = ("formatted_read_group", "read_group")


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed once, with an empty connection beside it to pull into."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pull")) as pair:
        pair.receiver.add_connection(PULLED)
        assert pair.push()["state"] == "succeeded"
        yield pair


def test_a_pull_leaves_the_rows_of_a_push(pair: Paired) -> None:
    client = CallingOdoo(pair.odoo)

    pulled = pull(pair, client)

    assert_pulled_equals_pushed(pair.receiver)
    for stream in STREAMS:
        assert stored(pair.receiver, stream, PULLED), f"{stream.name} has rows to compare"
    assert pulled.call_count == client.called.total()
    assert pulled.record_count > books_script.LARGE_ENTRY_LINES
    assert pulled.seconds_in_odoo > 0


def test_connecting_has_tried_each_call_of_a_pull_on_each_model(pair: Paired) -> None:
    connecting, pulling = CallingOdoo(pair.odoo), CallingOdoo(pair.odoo)

    rehearse(OdooInScope(connecting, both_companies(pair)))
    pull_everything(pair, pulling)

    assert {*pulling.called} <= {*connecting.called}
    assert connecting.called.total() < 200


def test_without_analytic_rights_the_ledger_is_pulled_and_what_is_stored_of_them_stays(
    pair: Paired,
) -> None:
    """Rights of their own in 14.0 and 15.0; later each accountant has them, until somebody takes
    them away."""
    pull(pair, client_with_key(pair.odoo))
    before = {stream: stored(pair.receiver, stream, PULLED) for stream in STREAMS}
    assert before[ANALYTIC_ITEMS]

    with stored_access(pair), without_analytic_rights(pair.odoo):
        pulled = pull_everything(pair, client_with_key(pair.odoo))
        assert pair.receiver.sql("SELECT lacks_analytic FROM odoo_accesses") == [(True,)]

    assert pulled.proof
    assert pulled.proof.ties_out
    after = {stream: stored(pair.receiver, stream, PULLED) for stream in STREAMS}
    for stream in STREAMS:
        if stream is not JOURNAL_ITEMS:
            assert after[stream] == before[stream], stream.name
    items, of_before = after[JOURNAL_ITEMS], before[JOURNAL_ITEMS]
    assert items.keys() == of_before.keys()
    assert {id for id in items if items[id] != of_before[id]} == distributed_by_tags(pair.odoo)
    pull(pair, client_with_key(pair.odoo))
    assert stored(pair.receiver, JOURNAL_ITEMS, PULLED) == of_before, "they come back by themselves"
    empty(pair)


def distributed_by_tags(odoo: Odoo) -> set[int]:
    """Posted journal items, which 14.0 and 15.0 distribute by their tags too."""
    if odoo.series >= "16.0":
        return set()
    found = odoo.sql(
        """
        SELECT DISTINCT l.id FROM account_move_line l
        JOIN account_analytic_tag_account_move_line_rel r ON r.account_move_line_id = l.id
        JOIN account_analytic_tag t ON t.id = r.account_analytic_tag_id
        JOIN account_analytic_distribution d ON d.tag_id = t.id
        WHERE t.active_analytic_distribution AND l.parent_state = 'posted'
        """
    )
    assert found
    return {id for (id,) in found}


@contextmanager
def without_analytic_rights(odoo: Odoo) -> Iterator[None]:
    """Nobody may read what is analytic."""
    rows = odoo.sql("""SELECT id FROM ir_model_access WHERE active AND model_id IN (
        SELECT id FROM ir_model WHERE model LIKE 'account.analytic.%%')""")
    rights = [id for (id,) in rows]
    try:
        set_active(odoo, rights, is_active=False)
        yield
    finally:
        set_active(odoo, rights, is_active=True)


def set_active(odoo: Odoo, rights: list[int], *, is_active: bool) -> None:
    odoo.sql("UPDATE ir_model_access SET active = %s WHERE id = ANY(%s)", [is_active, rights])
    odoo.stop()
    odoo.start()


def test_journal_items_are_read_as_whole_columns(pair: Paired) -> None:
    client = CallingOdoo(pair.odoo)

    pull_everything(pair, client)

    grouped = [n for (model, method), n in client.called.items() if is_of_items(model, method)]
    [plain] = [n for (model, method), n in client.called.items() if is_plain(model, method)]
    assert sum(grouped) > 3, "the sample and pages that grow"
    assert plain <= 2 * sum(grouped) + 1, "for each page its end and its tags, and the sample"


def is_of_items(model: str, method: str) -> bool:
    return model == "account.move.line" and method in GROUPED_READS


def is_plain(model: str, method: str) -> bool:
    return model == "account.move.line" and method == "search_read"


def test_an_odoo_without_grouped_reads_gives_the_same_rows(pair: Paired) -> None:
    """It adds nothing up, so there is no proof, and everything is read each time."""
    empty(pair)

    for _ in range(2):
        pulled = pull(pair, CallingOdoo(pair.odoo, refused=GROUPED_READS))

        assert pulled.proof is None
        assert pulled.record_count > books_script.LARGE_ENTRY_LINES
    assert_pulled_equals_pushed(pair.receiver)


def empty(pair: Paired) -> None:
    """Forget all that was pulled."""
    pair.receiver.monitr("connection", "delete", PULLED, "--yes")
    pair.receiver.add_connection(PULLED)


def test_pulling_again_changes_nothing(pair: Paired) -> None:
    pull(pair, CallingOdoo(pair.odoo))

    again = pull(pair, CallingOdoo(pair.odoo))

    assert (again.written_count, again.deleted_count) == (0, 0)


def test_a_pull_that_breaks_off_is_made_good_by_the_next(pair: Paired) -> None:
    empty(pair)

    with pytest.raises(RefusedByOdoo):
        pull(pair, CallingOdoo(pair.odoo, meanwhile=fail_at_reconciliations))

    assert stored(pair.receiver, STREAMS_OF["journal_items"], PULLED)
    assert not stored(pair.receiver, STREAMS_OF["reconciliations"], PULLED)
    pull(pair, CallingOdoo(pair.odoo))
    assert_pulled_equals_pushed(pair.receiver)


def fail_at_reconciliations(model: str, method: str) -> None:
    if (model, method) == ("account.partial.reconcile", "search_read"):
        raise RefusedByOdoo


def test_what_changes_during_a_pull_is_right_after_the_next(pair: Paired) -> None:
    labels = (f"Changed {number}" for number in count())

    def change_an_item(model: str, method: str) -> None:
        if model == "account.move.line":
            query = "UPDATE account_move_line SET name = %s WHERE id %% 100 = 1"
            pair.odoo.sql(query, [next(labels)])

    pull(pair, CallingOdoo(pair.odoo, meanwhile=change_an_item))
    pair.push()
    pull(pair, CallingOdoo(pair.odoo))

    assert_pulled_equals_pushed(pair.receiver)


def test_a_connection_may_be_pulled_and_pushed_in_turn(pair: Paired) -> None:
    pair.push()

    pulled = pull(pair, CallingOdoo(pair.odoo), into=NAME)
    run = pair.push()

    assert (pulled.written_count, pulled.deleted_count) == (0, 0)
    assert_ties_out(pair, run)


def test_what_changed_in_odoo_is_pulled_like_it_is_pushed(pair: Paired) -> None:
    pull(pair, CallingOdoo(pair.odoo))
    before = stored(pair.receiver, STREAMS_OF["journal_entries"], PULLED)

    change_the_books(pair)
    pair.push()
    pulled = pull(pair, CallingOdoo(pair.odoo))

    assert_pulled_equals_pushed(pair.receiver)
    after = stored(pair.receiver, STREAMS_OF["journal_entries"], PULLED)
    assert before.keys() - after.keys(), "entries left the ledger"
    assert after.keys() - before.keys(), "an entry was posted"
    assert pulled.deleted_count > 2


STREAMS_OF = {stream.name: stream for stream in STREAMS}


def change_the_books(pair: Paired) -> None:
    """Post, reset to draft, delete behind Odoo's back, rename."""
    odoo, company_a = pair.odoo, pair.company_id(books_script.COMPANY_A)
    here = {"context": {"allowed_company_ids": [company_a]}}
    odoo.call("account.move", "action_post", [entry(pair, books_script.DRAFT)], **here)
    odoo.call("account.move", "button_draft", [entry(pair, books_script.ARCHIVED_ENTRY)], **here)
    odoo.sql("DELETE FROM account_move WHERE id = %s", [entry(pair, books_script.NASTY_ENTRY)])
    [(account,)] = odoo.sql(
        "SELECT account_id FROM account_move_line WHERE name = 'Sale 0' ORDER BY company_id LIMIT 1"
    )
    in_french = {"allowed_company_ids": [company_a], "lang": books_script.LANGUAGE}
    odoo.call("account.account", "write", [account], {"name": "Ventes é\t€"}, context=in_french)


def entry(pair: Paired, ref: str) -> int:
    company = pair.company_id(books_script.COMPANY_A)
    rows = pair.odoo.sql(
        "SELECT id FROM account_move WHERE ref = %s AND company_id = %s", [ref, company]
    )
    return int(rows[0][0])


def test_a_name_that_is_empty_in_the_language_is_taken_from_english(pair: Paired) -> None:
    if pair.odoo.series >= "16.0":
        query = """UPDATE account_account SET name = name || '{"fr_FR": ""}'::jsonb
            WHERE name ? 'fr_FR' RETURNING id"""
    else:
        query = """UPDATE ir_translation SET value = '' WHERE type = 'model'
            AND name = 'account.account,name' AND lang = 'fr_FR' RETURNING res_id"""
    emptied = [id for (id,) in pair.odoo.sql(query)]
    pair.push()

    pull(pair, CallingOdoo(pair.odoo))

    assert_pulled_equals_pushed(pair.receiver)
    names = {
        row[1]: row[2] for row in stored(pair.receiver, STREAMS_OF["accounts"], PULLED).values()
    }
    assert all(names[id] for id in emptied if id in names)
    assert names.keys() & set(emptied)


def test_an_accountant_of_one_company_pulls_what_he_would_push(pair: Paired) -> None:
    company_a = pair.company_id(books_script.COMPANY_A)
    pair.set(
        user_id=pair.user_id(books_script.ACCOUNTANT_A),
        company_ids=[(6, 0, [company_a])],
        start_date="2025-01-01",
    )
    pair.push()
    everything = both_companies(pair)
    only_a = Scope((company_a,), everything.language, date(2025, 1, 1))

    pull(pair, CallingOdoo(pair.odoo, books_script.ACCOUNTANT_A), only_a)

    assert_pulled_equals_pushed(pair.receiver)
    companies = stored(pair.receiver, STREAMS_OF["companies"], PULLED)
    assert list(companies) == [company_a]


def test_a_branch_is_pulled_without_its_root_company(pair: Paired) -> None:
    """From 17 on it keeps its books on the root company's accounts."""
    branch = make_branch(pair)
    pair.set(
        user_id=pair.user_id(books_script.ACCOUNTANT_A),
        company_ids=[(6, 0, [branch])],
        start_date=False,
    )
    pair.push()

    client = CallingOdoo(pair.odoo, books_script.ACCOUNTANT_A)
    pull(pair, client, Scope((branch,), books_script.LANGUAGE))

    assert_pulled_equals_pushed(pair.receiver)
    accounts = stored(pair.receiver, STREAMS_OF["accounts"], PULLED)
    assert bool(accounts) == (pair.odoo.series >= "17.0")


def make_branch(pair: Paired) -> int:
    """A company below Acme that the accountant of Acme may see."""
    company = {"name": "Acme North", "parent_id": pair.company_id(books_script.COMPANY_A)}
    branch = int(pair.odoo.call("res.company", "create", company))
    user = pair.user_id(books_script.ACCOUNTANT_A)
    pair.odoo.call("res.users", "write", [user], {"company_ids": [(4, branch)]})
    return branch
