"""What changes in a closed period is noted; what arrives for the first time is not."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.batch import encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import JOURNAL_ITEMS
from sqlalchemy import Engine

from receiver.ingest.closed_periods import SETTLING_FIELDS
from tests.receiver.batches import batch_of, body_of, lines_of
from tests.receiver.changing_ledger import (
    END_OF_2025,
    IN_2025,
    IN_2026,
    Ledger,
    item,
    pushed_and_locked,
)
from tests.receiver.records import full_record_of, journal_item, record_of
from tests.receiver.signed import post_batch

SETTLED = {
    "residual": Decimal("3.5"),
    "residual_currency": Decimal("3.5"),
    "reconciled": False,
    "full_reconcile_id": 7,
    "matching_number": "P7",
}
OTHER = {  # than full_record_of has
    "id": 5,
    "integer": 5,
    "text": "other",
    "date": date(2025, 1, 1),
    "money": Decimal(5),
    "shares": [((1,), Decimal(99))],
}


def other_value(name: str) -> object:
    (field,) = (field for field in JOURNAL_ITEMS.fields if field.name == name)
    return OTHER[field.type]


@pytest.fixture
def ledger(client: FlaskClient, engine: Engine, acme: ConnectionKey) -> Ledger:
    return pushed_and_locked(client, engine, acme)


class TestWhatChanged:
    def test_a_changed_record_is_noted_with_both_its_lines(self, ledger: Ledger) -> None:
        before, after = item(1), item(1, label="tab\there")
        asked_at = datetime.now(UTC)

        ledger.push("journal_items", after, item(2))

        (change,) = ledger.changes()
        assert (change.kind, change.stream, change.record_id) == ("changed", "journal_items", 1)
        assert change.before == lines_of("journal_items", [before]).decode().rstrip("\n")
        assert change.after == lines_of("journal_items", [after]).decode().rstrip("\n")
        assert (change.company_id, change.closed_until) == (1, END_OF_2025)
        assert (change.date_before, change.date_after) == (IN_2025, IN_2025)
        assert change.run_id == "run-1"
        assert asked_at <= change.noticed_at <= datetime.now(UTC)

    def test_every_value_of_a_record_is_kept(self, ledger: Ledger) -> None:
        before = full_record_of("journal_items", id=9, date=IN_2025)
        ledger.push("journal_items", before)

        ledger.push("journal_items", deletions=(9,))

        line = lines_of("journal_items", [before]).decode().rstrip("\n")
        appeared, vanished = ledger.changes()
        assert appeared.after == vanished.before == line
        assert appeared.before is vanished.after is None

    def test_a_backdated_record_has_appeared(self, ledger: Ledger) -> None:
        ledger.push("journal_entries", record_of("journal_entries", id=8, date=IN_2025))
        ledger.push("journal_items", item(8), item(9, IN_2026))

        assert ledger.kinds() == [("appeared", 8), ("appeared", 8)]

    def test_a_deleted_record_has_vanished(self, ledger: Ledger) -> None:
        ledger.push("journal_items", deletions=(1, 3, 99))
        ledger.push("journal_entries", deletions=(1,))

        assert ledger.kinds() == [("vanished", 1), ("vanished", 1)]

    def test_what_a_range_leaves_out_has_vanished(self, ledger: Ledger) -> None:
        ledger.push("journal_items", item(2), item(3, IN_2026), range=(0, None))

        assert ledger.kinds() == [("vanished", 1)]

    def test_a_range_says_nothing_of_what_lies_outside(self, ledger: Ledger) -> None:
        ledger.push("journal_items", range=(1, 1))
        ledger.push("journal_items", deletions=(1,), range=(1, 2))

        assert sorted(ledger.kinds()) == [("vanished", 1), ("vanished", 2)]

    def test_a_record_moved_out_of_the_period_or_into_it_has_changed(self, ledger: Ledger) -> None:
        ledger.push("journal_items", item(1, IN_2026), item(3, IN_2025))

        assert [(c.record_id, c.date_before, c.date_after) for c in ledger.changes()] == [
            (1, IN_2025, IN_2026),
            (3, IN_2026, IN_2025),
        ]

    def test_the_last_closed_day_is_closed_and_the_next_is_not(self, ledger: Ledger) -> None:
        ledger.push("journal_items", item(8, END_OF_2025), item(9, date(2026, 1, 1)))

        assert ledger.kinds() == [("appeared", 8)]

    def test_a_settled_item_has_not_changed(self, ledger: Ledger) -> None:
        assert SETTLED.keys() == SETTLING_FIELDS

        for name, value in SETTLED.items():
            ledger.push("journal_items", item(1, **{name: value}))

        assert ledger.changes() == []

    def test_any_other_field_counts(self, ledger: Ledger) -> None:
        counting = set(JOURNAL_ITEMS.field_names) - SETTLING_FIELDS - {"id"}
        full = full_record_of("journal_items", date=IN_2025, company_id=1)
        numbered = dict(enumerate(sorted(counting), 10))
        ledger.push("journal_items", *({**full, "id": id} for id in numbered))

        changed = ({**full, "id": id, name: other_value(name)} for id, name in numbered.items())
        ledger.push("journal_items", *changed)

        assert ledger.kinds()[len(numbered) :] == [("changed", id) for id in numbered]

    def test_the_same_batch_again_is_noted_once(self, ledger: Ledger) -> None:
        body = body_of("journal_items", [item(8)])
        for _ in range(2):
            post_batch(ledger.client, ledger.key, body, message_id="msg_twice")

        assert ledger.kinds() == [("appeared", 8)]

    def test_a_batch_that_is_refused_leaves_no_note(self, ledger: Ledger) -> None:
        post_batch(ledger.client, ledger.key, body_of("journal_items", [item(8)], sequence=1))

        assert ledger.changes() == []

    def test_more_than_one_part_is_noted_whole(self, ledger: Ledger) -> None:
        ids = range(10, 4_511)
        ledger.push("journal_items", *(item(id) for id in ids))

        ledger.push("journal_items", range=(9, None))

        changes = ledger.changes()
        assert [c.record_id for c in changes if c.kind == "vanished"] == list(ids)
        assert [c.change_id for c in changes] == list(range(1, 2 * len(ids) + 1))

    def test_another_connection_has_nothing_of_it(
        self, ledger: Ledger, client: FlaskClient, engine: Engine, globex: ConnectionKey
    ) -> None:
        other = Ledger(client, engine, globex, "globex")
        other.hello(database_uuid="another")
        other.push("journal_items", item(1))

        ledger.push("journal_items", item(1, label="changed"))

        assert (len(ledger.changes()), len(other.changes())) == (1, 0)


class TestWhatIsClosed:
    def test_nothing_is_where_no_date_is_set(self, ledger: Ledger) -> None:
        ledger.push("journal_items", item(8, company_id=2))

        assert ledger.changes() == []

    @pytest.mark.parametrize("lock", ["fiscal_year_lock_date", "hard_lock_date"])
    def test_the_lock_dates_of_odoo_close(self, ledger: Ledger, lock: str) -> None:
        ledger.lock(2, **{lock: END_OF_2025})
        ledger.tie_out()

        ledger.push("journal_items", item(8, company_id=2))

        assert ledger.kinds() == [("appeared", 8)]

    def test_the_tax_lock_date_does_not(self, ledger: Ledger) -> None:
        ledger.lock(2, tax_lock_date=END_OF_2025)
        ledger.tie_out()

        ledger.push("journal_items", item(8, company_id=2))

        assert ledger.changes() == []

    def test_the_last_actuals_date_closes_every_company_at_once(self, ledger: Ledger) -> None:
        ledger.close(IN_2026)

        ledger.push("journal_items", item(8, IN_2026, company_id=2), item(9, IN_2026))

        assert [c.closed_until for c in ledger.changes()] == [IN_2026, IN_2026]

        ledger.close(None)
        ledger.push("journal_items", item(10, IN_2026))
        assert len(ledger.changes()) == 2

    def test_the_latest_date_counts(self, ledger: Ledger) -> None:
        ledger.close(date(2025, 1, 1))

        ledger.push("journal_items", item(8))

        (change,) = ledger.changes()
        assert change.closed_until == END_OF_2025

    def test_a_branch_is_closed_by_its_parent(self, ledger: Ledger) -> None:
        branch = record_of("companies", id=2, parent_id=1, root_company_id=1)
        ledger.push("companies", branch)
        ledger.tie_out()

        ledger.push("journal_items", item(8, company_id=2))

        assert ledger.kinds() == [("appeared", 8)]

    def test_a_subsidiary_is_not(self, ledger: Ledger) -> None:
        ledger.push("companies", record_of("companies", id=2, parent_id=1, root_company_id=2))
        ledger.tie_out()

        ledger.push("journal_items", item(8, company_id=2))

        assert ledger.changes() == []

    def test_companies_that_are_their_own_parents_do_no_harm(self, ledger: Ledger) -> None:
        ledger.push("companies", record_of("companies", id=2, parent_id=2, root_company_id=2))

        ledger.tie_out()

    def test_what_comes_in_the_run_that_locks_the_books_is_no_change(self, ledger: Ledger) -> None:
        ledger.lock(1, fiscal_year_lock_date=IN_2026)
        ledger.push("journal_items", item(8, IN_2026))
        assert ledger.changes() == []
        ledger.tie_out()

        ledger.push("journal_items", item(9, IN_2026))

        assert ledger.kinds() == [("appeared", 9)]

    def test_what_comes_in_the_run_that_unlocks_the_books_is_one(self, ledger: Ledger) -> None:
        ledger.lock(1, fiscal_year_lock_date=None)
        ledger.push("journal_items", item(8))
        assert ledger.kinds() == [("appeared", 8)]
        ledger.tie_out()

        ledger.push("journal_items", item(9))

        assert len(ledger.changes()) == 1


class TestWhatArrivesForTheFirstTime:
    def test_a_first_push_is_no_change(
        self, client: FlaskClient, engine: Engine, acme: ConnectionKey
    ) -> None:
        ledger = Ledger(client, engine, acme)
        ledger.hello()
        ledger.close(END_OF_2025)
        ledger.lock(1, fiscal_year_lock_date=END_OF_2025)

        ledger.push("journal_items", item(1))
        ledger.push("journal_items", item(1, label="changed"))

        assert ledger.changes() == []

    def test_a_first_push_asks_the_database_nothing_more(
        self, client: FlaskClient, engine: Engine, acme: ConnectionKey
    ) -> None:
        ledger = Ledger(client, engine, acme)
        ledger.hello()
        ledger.close(END_OF_2025)

        assert _reads_of_the_ledger(ledger) == []

    def test_nor_does_a_later_one_where_nothing_is_closed(self, ledger: Ledger) -> None:
        assert len(_reads_of_the_ledger(ledger)) == 1
        ledger.lock(1)
        ledger.tie_out()

        assert _reads_of_the_ledger(ledger) == []

    def test_a_proof_that_does_not_tie_out_begins_nothing(
        self, client: FlaskClient, engine: Engine, acme: ConnectionKey
    ) -> None:
        ledger = Ledger(client, engine, acme)
        ledger.hello()
        ledger.close(END_OF_2025)
        ledger.push("journal_items", item(1))
        ledger.records.clear()
        with pytest.raises(AssertionError):
            ledger.tie_out()

        ledger.push("journal_items", item(2))

        assert ledger.changes() == []

    def test_a_company_that_is_added_is_new_until_a_proof_ties_out(self, ledger: Ledger) -> None:
        ledger.close(END_OF_2025)
        ledger.hello(company_ids=(1, 2, 3))
        ledger.push("journal_items", item(8, company_id=3), item(9, company_id=2))
        assert ledger.kinds() == [("appeared", 9)]
        ledger.tie_out()

        ledger.push("journal_items", item(8, company_id=3, label="changed"))

        assert ledger.kinds()[1:] == [("changed", 8)]

    def test_a_company_that_is_removed_has_not_vanished(self, ledger: Ledger) -> None:
        ledger.hello(company_ids=(2,))

        ledger.push("journal_items", range=(0, None))

        assert ledger.changes() == []

    def test_a_company_removed_and_added_again_before_a_proof_is_new(self, ledger: Ledger) -> None:
        ledger.hello(company_ids=(2,))
        ledger.push("journal_items", deletions=(1, 2))
        ledger.hello(company_ids=(1, 2))

        ledger.push("journal_items", item(1), item(2))

        assert ledger.changes() == []

    def test_what_an_earlier_start_date_brings_is_new(self, ledger: Ledger) -> None:
        ledger.hello(start_date="2020-01-01")
        ledger.push("journal_items", item(8, date(2023, 12, 31)), item(9, date(2024, 1, 1)))
        assert ledger.kinds() == [("appeared", 9)]
        ledger.tie_out()

        ledger.push("journal_items", deletions=(8,))

        assert ledger.kinds()[1:] == [("vanished", 8)]

    def test_so_does_no_start_date(self, ledger: Ledger) -> None:
        ledger.hello(start_date=None)
        ledger.push("journal_items", item(8, date(2023, 12, 31)))
        assert ledger.changes() == []
        ledger.tie_out()

        ledger.push("journal_items", deletions=(8,))

        assert ledger.kinds() == [("vanished", 8)]

    def test_what_a_later_start_date_leaves_out_has_not_vanished(self, ledger: Ledger) -> None:
        ledger.push("journal_items", item(8, END_OF_2025))
        ledger.hello(start_date="2025-07-01")

        ledger.push("journal_items", item(3, IN_2026), range=(0, None))

        assert ledger.kinds() == [("appeared", 8), ("vanished", 8)]

    def test_a_start_date_moved_there_and_back_before_a_proof_is_no_change(
        self, ledger: Ledger
    ) -> None:
        ledger.hello(start_date="2025-07-01")
        ledger.push("journal_items", deletions=(1,))
        ledger.hello()

        ledger.push("journal_items", item(1))

        assert ledger.changes() == []

    def test_a_later_push_of_everything_is_noted_for_what_is_different(
        self, ledger: Ledger
    ) -> None:
        ledger.hello(language="fr_FR")

        entry = record_of("journal_entries", id=1, date=IN_2025)
        ledger.push("journal_entries", entry, range=(0, None))
        ledger.push("journal_items", item(1), range=(0, 1))
        ledger.push("journal_items", item(2, label="new"), item(3, IN_2026), range=(1, None))

        assert ledger.kinds() == [("changed", 2)]

    def test_fields_that_a_newer_addon_sends_for_the_first_time_are_no_change(
        self, ledger: Ledger
    ) -> None:
        """The contract only ever grows at its end."""
        newest = {"matching_number": "P1", "shares": [((1,), Decimal(100))]}
        _push_without_newest_field(ledger, journal_item(8, debit="1", date=IN_2025))
        assert ledger.kinds() == [("appeared", 8)]

        ledger.push("journal_items", journal_item(8, debit="1", date=IN_2025, **newest))
        assert len(ledger.changes()) == 1

        _push_without_newest_field(ledger, journal_item(8, debit="1", date=IN_2025))
        assert len(ledger.changes()) == 1


def _push_without_newest_field(ledger: Ledger, record: dict[str, object]) -> None:
    """As an addon does that does not know it."""
    older = JOURNAL_ITEMS._replace(fields=JOURNAL_ITEMS.fields[:-1])
    line = lines_of("journal_items", [record]).rpartition(b"\t")[0] + b"\n"
    batch = batch_of("journal_items")._replace(stream=older, lines=line)
    response = post_batch(ledger.client, ledger.key, encode_batch(batch))
    assert response.status_code == 200, response.get_data(as_text=True)


def _reads_of_the_ledger(ledger: Ledger) -> list[str]:
    """What a batch of one item asks the database about items."""
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    sa.event.listen(ledger.engine, "before_cursor_execute", note)
    ledger.push("journal_items", item(50, IN_2026))
    sa.event.remove(ledger.engine, "before_cursor_execute", note)
    tables = ("companies", "journal_items", "proofs")
    return [
        each
        for each in statements
        if each.startswith("SELECT") and any(f"FROM {table}" in each for table in tables)
    ]
