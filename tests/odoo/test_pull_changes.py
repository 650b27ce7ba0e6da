"""A pull reads what changed, proves it by Odoo's own counts and sums, and repairs what differs."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import LiteralString

import psycopg
import pytest
from monitr_wire.streams import JOURNAL_ITEMS

from receiver.errors import DoesNotTieOut
from receiver.pull.incremental import OVERLAP
from receiver.pull.pull import Pulled
from receiver.pull.run import Progress
from receiver.pull.scope import Scope
from tests.odoo import books_script
from tests.odoo.equality import assert_ties_out
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.pulling import (
    PULLED,
    CallingOdoo,
    assert_pulled_equals_pushed,
    both_companies,
    pull,
    pull_everything,
    stored,
)
from tests.postgres import PostgresServer

READ_CHANGES_OF: tuple[LiteralString, ...] = (
    *("account_move", "account_move_line", "account_partial_reconcile"),
    *("account_analytic_line", "res_partner"),
)
READING_METHODS = {
    *("get_metadata", "get_installed"),
    *("fields_get", "search_read", "read"),
    *("formatted_read_group", "read_group"),  # the second where there is no first
}
LABEL = "UPDATE account_move_line SET name = %s, write_date = %s WHERE id = ANY(%s)"
LABEL_NOW = "UPDATE account_move_line SET name = %s, write_date = now() WHERE id = ANY(%s)"
LABEL_BY_SQL = "UPDATE account_move_line SET name = %s WHERE id = ANY(%s)"
TOUCHED = 900  # items
OF_LARGE_ENTRY = (
    "SELECT id FROM account_move_line WHERE account_id IS NOT NULL AND move_id ="
    " (SELECT id FROM account_move WHERE ref = %s LIMIT 1) ORDER BY id LIMIT %s"
)


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed and pulled once, as books that were written in the course of years."""
    with paired(installation, postgres, tmp_path_factory.mktemp("changes")) as pair:
        for table in READ_CHANGES_OF:
            when = "now() - interval '3 years' + id * interval '1 hour'"
            pair.odoo.sql(f"UPDATE {table} SET write_date = {when}")
        pair.receiver.add_connection(PULLED)
        assert pair.push()["state"] == "succeeded"
        pull(pair, CallingOdoo(pair.odoo))
        yield pair


@pytest.fixture
def client(pair: Paired) -> CallingOdoo:
    return CallingOdoo(pair.odoo)


def items(pair: Paired, how_many: int) -> list[int]:
    """Posted items of the large entry, whose labels nobody cares about."""
    rows = pair.odoo.sql(OF_LARGE_ENTRY, [books_script.LARGE_ENTRY, how_many])
    return [id for (id,) in rows]


def untouched_items(pair: Paired, how_many: int) -> list[int]:
    """Items of the same entry that no test here has written to, so that they are old."""
    return items(pair, TOUCHED + how_many)[TOUCHED:]


def received(pulled: Pulled) -> Counter[str]:
    """`{stream: records}`"""
    counts: Counter[str] = Counter()
    for receipt in pulled.receipts:
        counts[receipt.stream] += receipt.received_count
    return counts


def assert_like_the_push(pair: Paired, pulled: Pulled) -> None:
    assert pulled.proof is not None
    assert pulled.proof.ties_out
    assert pair.push()["state"] == "succeeded"
    assert_pulled_equals_pushed(pair.receiver)


def test_only_what_changed_is_read(pair: Paired, client: CallingOdoo) -> None:
    pair.odoo.sql(LABEL_NOW, ["Changed", items(pair, 3)])

    pulled = pull(pair, client)

    assert 3 <= received(pulled)["journal_items"] < 50  # those matched in part are read each time
    assert pulled.written_count == 3
    assert_like_the_push(pair, pulled)


def test_hundreds_of_changes_in_one_second_arrive_even_if_more_follow_in_it(
    pair: Paired, client: CallingOdoo
) -> None:
    first, *more = items(pair, TOUCHED)
    [(second,)] = pair.odoo.sql("SELECT date_trunc('second', now()) + interval '0.4 seconds'")
    pair.odoo.sql(LABEL, ["First", second, [first, *more[:500]]])
    assert pull(pair, client).written_count == 501

    pair.odoo.sql(LABEL, ["Then", second + timedelta(seconds=0.3), more[400:]])

    pulled = pull(pair, client)
    assert pulled.written_count == 499
    assert_like_the_push(pair, pulled)


def test_what_is_committed_late_is_found_by_the_overlap(pair: Paired, client: CallingOdoo) -> None:
    late_item, other = items(pair, 2)

    with psycopg.connect(pair.odoo.postgres.conninfo(pair.odoo.database)) as late:
        late.execute(LABEL_NOW, ["Committed late", [late_item]])
        pair.odoo.sql(LABEL_NOW, ["Began later", [other]])
        assert pull(pair, client).written_count == 1
        late.commit()

    pulled = pull(pair, client)
    assert pulled.written_count == 1
    assert_like_the_push(pair, pulled)


def test_what_is_committed_later_than_that_is_found_by_its_sums(
    pair: Paired, client: CallingOdoo
) -> None:
    [item] = items(pair, 1)
    pull(pair, client)

    hours_ago = f"now() - interval '{2 * OVERLAP.seconds} seconds'"
    pair.odoo.sql(
        "UPDATE account_move_line SET amount_residual = amount_residual + 0.01,"
        f" write_date = {hours_ago} WHERE id = %s",
        [item],
    )

    pulled = pull(pair, client)
    assert pulled.repaired_count == 1
    assert_like_the_push(pair, pulled)


def test_what_no_sum_tells_of_is_found_when_everything_is_read(
    pair: Paired, client: CallingOdoo
) -> None:
    [item] = items(pair, 1)
    pull(pair, client)
    pair.odoo.sql("UPDATE account_move_line SET write_date = '2020-02-02' WHERE id = %s", [item])
    pair.odoo.sql(LABEL_BY_SQL, ["Past Odoo", [item]])

    assert pull(pair, client).written_count == 0

    pair.receiver.execute("UPDATE pull_positions SET begun_at = '2020-02-02 00:00:00+00:00'")
    pulled = pull(pair, client)
    assert received(pulled)["journal_items"] > books_script.LARGE_ENTRY_LINES
    assert pulled.written_count == 1
    assert_like_the_push(pair, pulled)


def test_repairs_are_recorded_with_the_proof_that_found_them(
    pair: Paired, client: CallingOdoo
) -> None:
    """One is deleted here, one deleted in Odoo, one changed in Odoo, all past everybody."""
    missing, extra, changed = untouched_items(pair, 3)
    pair.receiver.execute(
        f"DELETE FROM journal_items WHERE id = {missing} AND connection_id ="
        f" (SELECT id FROM connections WHERE name = '{PULLED}')"
    )
    pair.odoo.sql("DELETE FROM account_move_line WHERE id = %s", [extra])
    pair.odoo.sql(
        "UPDATE account_move_line SET amount_residual = amount_residual + 1 WHERE id = %s",
        [changed],
    )

    pulled = pull(pair, client)

    assert pulled.repaired_count == 3
    proofs = pair.receiver.get(f"/v1/connections/{PULLED}/proofs")["proofs"]
    first = next(p for p in proofs if p["run_id"] == pulled.run_id and not p["ties_out"])
    report = pair.receiver.get(f"/v1/connections/{PULLED}/proofs/{first['proof_id']}")
    [repair] = report["repairs"]
    counts = [repair[f"{what}_count"] for what in ("missing", "changed", "extra")]
    assert (repair["stream"], counts) == ("journal_items", [1, 1, 1])
    assert report["repaired_at"]
    assert_like_the_push(pair, pulled)


def test_deletions_in_several_months_tie_out_after_one_repair(
    pair: Paired, client: CallingOdoo
) -> None:
    """What Odoo states of a month again is not taken for another month's."""
    rows = pair.odoo.sql(
        "SELECT max(l.id) FROM account_move_line l WHERE l.parent_state = 'posted' AND NOT EXISTS"
        " (SELECT FROM account_partial_reconcile WHERE l.id IN (debit_move_id, credit_move_id))"
        " GROUP BY l.account_id, date_trunc('month', l.date)"
    )
    pair.odoo.sql("DELETE FROM account_move_line WHERE id = ANY(%s)", [[id for (id,) in rows]])

    pulled = pull(pair, client)

    proofs = pair.receiver.get(f"/v1/connections/{PULLED}/proofs")["proofs"]
    assert [p["ties_out"] for p in proofs if p["run_id"] == pulled.run_id] == [True, False]
    assert pulled.repaired_count > 12
    assert_like_the_push(pair, pulled)


def test_what_is_finer_than_a_millionth_arrives_as_it_is(pair: Paired, client: CallingOdoo) -> None:
    """Nothing is rounded; raw SQL leaves no mark, so the sums find it."""
    few = untouched_items(pair, 3)
    noise = "amount_residual = amount_residual + 0.0000004"
    pair.odoo.sql(f"UPDATE account_move_line SET {noise} WHERE id = ANY(%s)", [few])

    pulled = pull(pair, client)

    assert pulled.repaired_count == len(few)
    assert_like_the_push(pair, pulled)
    assert "tied out" in pair.receiver.monitr("prove", PULLED)
    silence = "amount_residual = trunc(amount_residual, 2)"
    pair.odoo.sql(f"UPDATE account_move_line SET {silence} WHERE id = ANY(%s)", [few])


def test_the_last_proof_is_shown_as_one_of_counts_and_sums(
    pair: Paired, client: CallingOdoo
) -> None:
    pull(pair, client)

    told = pair.receiver.monitr("prove", PULLED)
    newest = pair.receiver.get(f"/v1/connections/{PULLED}/proofs/newest")

    assert "tied out" in told
    assert newest["proof"]["made_by"] == "aggregates"
    assert pair.receiver.get(f"/v1/connections/{NAME}/proofs/newest")["proof"]["made_by"] == (
        "digests"
    )


def test_what_changes_and_vanishes_while_it_is_read_is_right_in_the_end(
    pair: Paired, client: CallingOdoo
) -> None:
    labels = (f"Changed {number}" for number in count())
    doomed, lasting = items(pair, 100)[:5], items(pair, 200)[100:]

    def work(model: str, _method: str) -> None:
        if model == "account.move.line":
            pair.odoo.sql(LABEL_NOW, [next(labels), lasting])
            pair.odoo.sql("DELETE FROM account_move_line WHERE id = ANY(%s)", [doomed[:1]])
            del doomed[:1]

    client.meanwhile = work
    pull_everything(pair, client)

    client.meanwhile = lambda _model, _method: None
    assert_like_the_push(pair, pull(pair, client))


def test_books_that_never_rest_are_never_said_to_tie_out(pair: Paired, client: CallingOdoo) -> None:
    [item] = items(pair, 1)

    def move_a_cent(model: str, method: str) -> None:
        if model == JOURNAL_ITEMS.models[0] and method.endswith("read_group"):
            cent_more = "amount_residual = amount_residual + 0.01"
            pair.odoo.sql(f"UPDATE account_move_line SET {cent_more} WHERE id = %s", [item])

    client.meanwhile = move_a_cent
    with pytest.raises(DoesNotTieOut, match="slices of the books differ"):
        pull(pair, client)

    newest = pair.receiver.get(f"/v1/connections/{PULLED}/proofs/newest")
    assert newest["proof"]["ties_out"] is False
    assert [line["stream"] for line in newest["differences"]] == ["journal_items"]
    assert_like_the_push(pair, pull(pair, CallingOdoo(pair.odoo)))


def test_a_pull_that_is_stopped_goes_on_where_it_had_come_to(
    pair: Paired, client: CallingOdoo
) -> None:
    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.stream == JOURNAL_ITEMS.name and progress.done_count > 1_000:
            raise Stopped

    pair.receiver.execute("DELETE FROM pull_positions")
    with pytest.raises(Stopped):
        pull(pair, client, tell=stop)

    told: list[Progress] = []
    pulled = pull(pair, client, tell=told.append)

    assert 0 < received(pulled)["journal_items"] < books_script.LARGE_ENTRY_LINES
    of_items = [each for each in told if each.stream == JOURNAL_ITEMS.name]
    assert of_items[0].what == "everything"
    assert of_items[0].expected_count == received(pulled)["journal_items"]
    assert_like_the_push(pair, pulled)


def test_another_scope_is_read_whole(pair: Paired, client: CallingOdoo) -> None:
    both = both_companies(pair)

    pull(pair, client, Scope(both.company_ids[:1], both.language))

    companies = {row[3] for row in stored(pair.receiver, JOURNAL_ITEMS, PULLED).values()}
    assert companies == set(both.company_ids[:1])
    scope = f"SELECT company_ids FROM connections WHERE name = '{PULLED}'"
    assert pair.receiver.sql(scope) == [(str(both.company_ids[0]),)]
    assert_like_the_push(pair, pull(pair, client))


def test_a_connection_that_is_pulled_and_pushed_in_turn_ties_out_both_ways(
    pair: Paired, client: CallingOdoo
) -> None:
    [item] = items(pair, 1)
    pair.push()

    for label in ("Pulled", "Pulled again"):
        pair.odoo.sql(LABEL_NOW, [label, [item]])
        pulled = pull(pair, client, into=NAME)
        assert pulled.proof is not None
        assert pulled.proof.ties_out
        assert stored(pair.receiver, JOURNAL_ITEMS, NAME)[item][9] == label
        assert_ties_out(pair, pair.push())

    proofs = pair.receiver.get(f"/v1/connections/{NAME}/proofs")["proofs"]
    assert [proof["made_by"] for proof in proofs[:4]] == ["digests", "aggregates"] * 2
    assert_like_the_push(pair, pull(pair, client))


def test_changes_in_closed_periods_are_kept_from_the_first_proof_on(
    pair: Paired, client: CallingOdoo
) -> None:
    [item] = items(pair, 1)
    pair.receiver.monitr("connection", "close", PULLED, "2099-12-31")
    pull(pair, client)
    pair.odoo.sql(LABEL_NOW, ["Changed though closed", [item]])

    pulled = pull(pair, client)

    path = f"/v1/connections/{PULLED}/closed-period-changes"
    changes = pair.receiver.get(path, limit=10_000)["changes"]
    of_run = [each for each in changes if each["run_id"] == pulled.run_id]
    assert [(each["stream"], each["record_id"]) for each in of_run] == [("journal_items", item)]
    pair.receiver.monitr("connection", "close", PULLED, "--none")
    assert_like_the_push(pair, pulled)


def test_it_calls_only_methods_that_read(pair: Paired, client: CallingOdoo) -> None:
    """In a pull of everything, of changes, and in a repair."""
    [item] = untouched_items(pair, 1)
    pull_everything(pair, client)
    pair.odoo.sql(LABEL_NOW, ["Changed", items(pair, 1)])
    pull(pair, client)
    query = "UPDATE account_move_line SET amount_residual = 7 WHERE id = %s"
    pair.odoo.sql(query, [item])
    assert pull(pair, client).repaired_count == 1

    assert {method for _, method in client.called} <= READING_METHODS
    assert_like_the_push(pair, pull(pair, client))
