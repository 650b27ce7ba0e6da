"""Records set aside: every wrong line is named, and what is set aside is known and never forgotten
before it came or is gone."""

from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from monitr_wire.batch import Batch, IdRange, encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import (
    MOST_SET_ASIDE,
    PROOFS_PATH,
    DigestLines,
    Statement,
    encode_digests,
    encode_proof,
)
from monitr_wire.set_aside import SetAside
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading
from receiver.db.proof.proofs import find_last_proof, list_shortfalls_of_proof
from receiver.db.store.set_aside import StoredSetAside, list_set_aside
from tests.receiver.batches import batch_of, body_of
from tests.receiver.proofs import Books, digests_of, sequences
from tests.receiver.records import journal_item, journal_items, record_of
from tests.receiver.set_aside import stated
from tests.receiver.signed import post_batch, post_records, signed_post
from tests.receiver.stored_rows import ids_of

JANUARY = date(2026, 1, 31)


def post(client: FlaskClient, acme: ConnectionKey, batch: Batch) -> dict[str, object]:
    response = post_batch(client, acme, encode_batch(batch))
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def prove(
    client: FlaskClient, acme: ConnectionKey, books: Books, set_aside: dict[str, list[int]]
) -> dict[str, object]:
    digests = encode_digests(digests_of(books))
    statement = Statement("run-1", next(sequences), digests, set_aside)
    body = encode_proof(statement, DigestLines(digests))
    response = signed_post(client, acme, PROOFS_PATH, body)
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def known(engine: Engine) -> list[StoredSetAside]:
    with reading(engine) as db:
        return list_set_aside(db, get_connection(db, "acme").id, limit=None)


class TestRefusing:
    def test_it_lists_every_wrong_line_with_its_field_value_and_reason(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        lines = batch_of("journal_items", journal_items(5)).lines.splitlines(keepends=True)
        lines[1] = lines[1].replace(b"\t2026-01-31\t", b"\t10000-01-01\t", 1)
        lines[3] = lines[3].replace(b"\t2026-01-31\t", b"\t\\N\t", 1)
        batch = batch_of("journal_items")._replace(lines=b"".join(lines))

        response = post_batch(client, acme, encode_batch(batch))

        assert response.status_code == 422
        wrong = response.get_json()["wrong_lines"]
        assert [(each["number"], each["field"], each["value"]) for each in wrong] == [
            (2, "date", "10000-01-01"),
            (4, "date", None),
        ]
        assert wrong[0]["reason"]["text"] == "Expected %(expected)s."

    @pytest.mark.parametrize("places", [31, 4000, -1])
    def test_a_currency_of_more_decimals_than_an_amount_has_is_set_aside(
        self, client: FlaskClient, acme: ConnectionKey, places: int
    ) -> None:
        records = [record_of("currencies", id=id, decimal_places=30) for id in (1, 2)]
        records[1]["decimal_places"] = places

        response = post_batch(client, acme, body_of("currencies", records))

        [wrong] = response.get_json()["wrong_lines"]
        assert (wrong["number"], wrong["field"], wrong["value"]) == (
            2,
            "decimal_places",
            str(places),
        )
        assert wrong["reason"]["values"]["expected"]["text"] == "a whole number from 0 to 30"

    def test_a_line_without_an_id_cannot_be_set_aside(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        batch = batch_of("journal_items")._replace(lines=b"rubbish\n")

        response = post_batch(client, acme, encode_batch(batch))

        assert response.status_code == 422
        assert "wrong_lines" not in response.get_json()

    @pytest.mark.parametrize(
        ("records", "set_aside", "path"),
        [
            (journal_items(2), [2], "/set_aside/0/id"),
            ([], [4, 3], "/set_aside/1/id"),
            ([], [3, 3], "/set_aside/1/id"),
            ([], [3, 11], "/set_aside/1/id"),
        ],
        ids=["sent too", "falling", "twice", "out of the range"],
    )
    def test_what_is_set_aside_must_fit_the_batch(
        self,
        client: FlaskClient,
        acme: ConnectionKey,
        records: list[dict[str, object]],
        set_aside: list[int],
        path: str,
    ) -> None:
        batch = batch_of("journal_items", records, range=(0, 10))
        records_aside = tuple(stated("journal_items", id) for id in set_aside)

        response = post_batch(client, acme, encode_batch(batch._replace(set_aside=records_aside)))

        assert (response.status_code, response.get_json()["path"]) == (422, path)


class TestKnowing:
    def test_it_keeps_what_is_said_of_a_record(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        aside = stated(
            "journal_items",
            7,
            entry_id=70,
            company_id=1,
            account_id=10,
            date=JANUARY,
            debit=Decimal("12.5"),
            credit=Decimal(0),
        )

        post(client, acme, batch_of("journal_items")._replace(set_aside=(aside,)))

        [found] = known(engine)
        assert (found.stream, found.record_id, found.entry_id) == ("journal_items", 7, 70)
        assert (found.field, found.field_label, found.value) == ("journal_id", "Journal", None)
        assert str(found.reason) == "Expected a positive whole number."
        assert (found.company_id, found.account_id, found.date) == (1, 10, JANUARY)
        assert found.balance == Decimal("12.5")

    @pytest.mark.parametrize("id_range", [None, IdRange(0, None)])
    def test_an_older_version_of_the_record_goes(
        self,
        client: FlaskClient,
        acme: ConnectionKey,
        engine: Engine,
        id_range: IdRange | None,
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(3))
        kept = journal_items(3)[1:] if id_range else []

        batch = batch_of("journal_items", kept, range=id_range)
        post(client, acme, batch._replace(set_aside=(stated("journal_items", 1),)))

        assert ids_of(engine, "journal_items") == [2, 3]
        assert [each.record_id for each in known(engine)] == [1]

    @pytest.mark.parametrize(
        "following",
        [
            batch_of("journal_items", [journal_item(1)], sequence=10**15),
            batch_of("journal_items", deletions=(1,), sequence=10**15),
            batch_of("journal_items", range=(0, 5), sequence=10**15),
        ],
        ids=["it came", "it is deleted", "it is gone from its range"],
    )
    def test_it_forgets_a_record_of_which_a_batch_says_something_else(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, following: Batch
    ) -> None:
        both = (stated("journal_items", 1), stated("journal_items", 9))
        post(client, acme, batch_of("journal_items")._replace(set_aside=both))

        post(client, acme, following)

        assert [each.record_id for each in known(engine)] == [9]

    def test_it_stays_known_since_when(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        aside = (stated("journal_items", 1),)
        post(client, acme, batch_of("journal_items")._replace(set_aside=aside))
        [first] = known(engine)

        post(client, acme, batch_of("journal_items")._replace(set_aside=aside))

        [second] = known(engine)
        assert first.since == second.since

    def test_records_of_other_streams_stay(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        aside = (stated("journal_entries", 1),)
        post(client, acme, batch_of("journal_entries")._replace(set_aside=aside))

        post_records(client, acme, "journal_items", journal_items(2), range=(0, None))

        assert [each.stream for each in known(engine)] == ["journal_entries"]


class TestProving:
    @pytest.fixture
    def short(self, client: FlaskClient, acme: ConnectionKey) -> Books:
        """Two items here, a third set aside."""
        aside: SetAside = stated(
            "journal_items", 3, company_id=1, account_id=10, date=JANUARY, debit=Decimal("0.3")
        )._replace(credit="0")
        batch = batch_of("journal_items", journal_items(2), range=(0, None))
        post(client, acme, batch._replace(set_aside=(aside,)))
        return {"journal_items": journal_items(2)}

    def test_it_never_ties_out_while_a_record_is_set_aside(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, short: Books
    ) -> None:
        answer = prove(client, acme, short, {"journal_items": [3]})

        assert (answer["ties_out"], answer["differing_count"]) == (False, 0)
        assert (answer["set_aside_count"], answer["to_state"]) == (1, [])
        with reading(engine) as db:
            connection_id = get_connection(db, "acme").id
            proof = find_last_proof(db, connection_id)
            assert proof
            [shortfall] = list_shortfalls_of_proof(db, connection_id, proof.proof_id)
        assert (proof.ties_out, proof.is_equal, proof.set_aside_count) == (False, True, 1)
        assert (shortfall.account_id, shortfall.month) == (10, "2026-01")
        assert (shortfall.record_count, shortfall.balance) == (1, Decimal("0.3"))

    def test_what_nobody_has_said_anything_of_is_asked_for(
        self, client: FlaskClient, acme: ConnectionKey, short: Books
    ) -> None:
        answer = prove(client, acme, short, {"journal_items": [3, 8], "partners": [5]})

        assert answer["to_state"] == [
            {"stream": "partners", "ids": [5]},
            {"stream": "journal_items", "ids": [8]},
        ]
        assert answer["set_aside_count"] == 3

    def test_of_very_many_the_first_are_reconciled_and_all_are_counted(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, short: Books
    ) -> None:
        """What was said of those beyond stays known, the others are as the statement has them."""
        ids = range(2, MOST_SET_ASIDE + 5)
        last = tuple(stated("partners", id) for id in (1, ids[-1]))
        post(client, acme, batch_of("partners")._replace(set_aside=last))

        answer = prove(client, acme, short, {"partners": [*ids], "journal_items": [3]})

        assert answer["set_aside_count"] == len(ids) + 1
        assert answer["to_state"] == [{"stream": "partners", "ids": [*ids[:MOST_SET_ASIDE]]}]
        assert [each.record_id for each in known(engine)] == [ids[-1], 3]

    def test_what_odoo_no_longer_states_is_forgotten(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, short: Books
    ) -> None:
        answer = prove(client, acme, short, {})

        assert answer["ties_out"] is True
        assert known(engine) == []

    def test_an_older_addon_leaves_it_out(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        assert b"set_aside" not in body_of("journal_items")
        response = post_batch(client, acme, body_of("journal_items", journal_items(1)))

        assert response.status_code == 200
        assert known(engine) == []
