"""What record rules hide is said wherever a proof is, and entries that do not balance are named."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import PROOFS_PATH, DigestLines, Statement, encode_digests, encode_proof
from sqlalchemy import Engine

from receiver.prove.check import check
from tests.receiver.batches import sequences
from tests.receiver.proofs import Books, digests_of, prove
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import post_hello, post_records, signed_post
from tests.receiver.stored_rows import ids_of
from tests.receiver.web.pages.conftest import Browser

HEALTH, NEWEST = "/v1/connections/acme/health", "/v1/connections/acme/proofs/newest"
TRIAL_BALANCE = "/reports/acme/trial-balance?from=2026-01-01&to=2026-01-31"


def entry(id: int, *amounts: tuple[str, str], first_item: int) -> list[Record]:
    """Items of one entry, each by debit and credit."""
    return [
        journal_item(first_item + place, *amount, entry_id=id, account_id=10)
        for place, amount in enumerate(amounts)
    ]


CUT = entry(70, ("100", "0"), first_item=1)
WHOLE = entry(71, ("0.1", "0"), ("0.2", "0"), ("0", "0.3"), first_item=11)
DUST = entry(72, ("5", "0"), ("0", "5.004"), first_item=21)
HUGE = entry(73, ("9e17", "0"), ("1e-9", "0"), ("0", "9e17"), ("0", "1e-9"), first_item=31)


def books_of(*items: Record) -> Books:
    return {
        "currencies": [record_of("currencies", code="EUR", decimal_places=2)],
        "companies": [record_of("companies", name="Acme")],
        "accounts": [record_of("accounts", id=10, name="Cash", codes={"1": "101000"})],
        "journal_entries": [record_of("journal_entries", id=70, number="INV/2026/0007")],
        "journal_items": items,
    }


def store(client: FlaskClient, acme: ConnectionKey, books: Books) -> None:
    post_hello(client, acme)
    for stream, records in books.items():
        post_records(client, acme, stream, list(records))


def prove_hiding(
    client: FlaskClient, acme: ConnectionKey, books: Books, hidden: dict[str, int]
) -> tuple[int, dict[str, object]]:
    digests = encode_digests(digests_of(books))
    statement = Statement("run-1", next(sequences), digests, {}, hidden)
    response = signed_post(client, acme, PROOFS_PATH, encode_proof(statement, DigestLines(digests)))
    return response.status_code, response.get_json()


@pytest.fixture
def cut(client: FlaskClient, acme: ConnectionKey) -> None:
    """Of entry 70 only the debit is seen, twelve items and one partner are hidden."""
    books = books_of(*CUT, *WHOLE)
    store(client, acme, books)
    status, answer = prove_hiding(client, acme, books, {"journal_items": 12, "partners": 1})
    assert (status, answer["ties_out"], answer["unbalanced_count"]) == (200, True, 1)


@pytest.mark.usefixtures("cut")
def test_health_names_both(acme_reader: FlaskClient) -> None:
    found = acme_reader.get(HEALTH).get_json()

    assert found["state"] == "incomplete"
    assert [reason["code"] for reason in found["reasons"]] == ["unbalanced_entries"]
    [note] = found["notes"]
    assert note["code"] == "hidden_records"
    assert note["sentence"].endswith("so they do not come: 12 Journal items, 1 Partners.")


@pytest.mark.usefixtures("cut")
def test_the_proof_lists_the_entries_with_number_amounts_and_link(acme_reader: FlaskClient) -> None:
    report = acme_reader.get(NEWEST).get_json()

    assert report["proof"]["hidden"] == {"journal_items": 12, "partners": 1}
    assert report["proof"]["unbalanced_count"] == 1
    assert report["unbalanced"] == [
        {
            "entry_id": 70,
            "number": "INV/2026/0007",
            "date": "2026-01-31",
            "company_id": 1,
            "company": "Acme",
            "debit": "100.00",
            "credit": "0.00",
            "difference": "100.00",
            "odoo_link": "https://odoo.acme.example/odoo/account.move/70",
        }
    ]


@pytest.mark.usefixtures("cut")
def test_reports_and_the_health_page_say_it(anna: Browser) -> None:
    report = anna.get(TRIAL_BALANCE).text
    health = anna.get("/health/acme/").text
    history = anna.get("/health/acme/unbalanced").text

    assert "1 entry does not balance here." in report
    assert "13 records are hidden in Odoo from the user who reads it." in report
    assert "12 Journal items, 1 Partners" in health
    assert "INV/2026/0007" in health
    assert "INV/2026/0007" in history


@pytest.mark.usefixtures("cut")
def test_the_statement_of_the_proof_says_it(acme_reader: FlaskClient) -> None:
    page = acme_reader.get(NEWEST, query_string={"format": "html"}).get_data(as_text=True)

    assert "hide 12 of the journal items and 1 of the partners from the user" in page
    assert "1 entry does not balance" in page
    assert "INV/2026/0007 (70)" in page


def test_entries_that_balance_to_the_last_decimal_of_the_currency_are_none(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    books = books_of(*WHOLE, *DUST, *HUGE)
    store(client, acme, books)

    assert prove_hiding(client, acme, books, {})[1]["unbalanced_count"] == 0
    found = acme_reader.get(HEALTH).get_json()
    assert (found["state"], found["reasons"], found["notes"]) == ("alive", [], [])


def test_the_smallest_difference_of_huge_amounts_is_found(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    items = entry(70, ("9e17", "0"), ("0", "9e17"), ("0.01", "0"), first_item=1)
    store(client, acme, books_of(*items))

    assert prove(client, acme, books_of(*items))["unbalanced_count"] == 1
    [found] = acme_reader.get(NEWEST).get_json()["unbalanced"]
    assert Decimal(found["difference"]) == Decimal("0.01")


def test_an_entry_that_is_mended_is_forgotten_by_the_next_proof(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    store(client, acme, books_of(*CUT))
    assert prove(client, acme, books_of(*CUT))["unbalanced_count"] == 1
    mended = books_of(*CUT, *entry(70, ("0", "100"), first_item=2))
    post_records(client, acme, "journal_items", list(mended["journal_items"]))

    assert prove(client, acme, mended)["unbalanced_count"] == 0
    assert acme_reader.get(NEWEST).get_json()["unbalanced"] == []


def test_an_addon_that_does_not_count_is_understood(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    store(client, acme, books_of(*WHOLE))
    prove(client, acme, books_of(*WHOLE))

    assert acme_reader.get(NEWEST).get_json()["proof"]["hidden"] is None


def test_a_stream_that_the_user_may_not_read_stays_as_it_is(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    """Rights that are withdrawn delete nothing, and are no difference."""
    store(client, acme, {"analytic_accounts": [record_of("analytic_accounts", id=5)]})
    statement = Statement("run-1", next(sequences), b"", left_out=("analytic_accounts",))

    body = encode_proof(statement, DigestLines(b""))
    answer = signed_post(client, acme, PROOFS_PATH, body).get_json()

    assert (answer["ties_out"], answer["to_repair"]) == (True, [])
    assert check(engine, "acme").is_right
    assert ids_of(engine, "analytic_accounts") == [5]


@pytest.mark.parametrize("hidden", [{"rubbish": 1}, {"partners": 0}, {"partners": "1"}])
def test_it_refuses_what_is_no_count(
    client: FlaskClient, acme: ConnectionKey, hidden: dict[str, int]
) -> None:
    post_hello(client, acme)

    assert prove_hiding(client, acme, {}, hidden)[0] == 422
