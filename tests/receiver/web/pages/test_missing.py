"""What is set aside is said wherever a proof is: API, health, badges, reports, statement."""

from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from monitr_wire.batch import encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import PROOFS_PATH, DigestLines, Statement, encode_digests, encode_proof

from tests.receiver.batches import batch_of, sequences
from tests.receiver.proofs import digests_of
from tests.receiver.records import journal_items, record_of
from tests.receiver.set_aside import stated
from tests.receiver.signed import post_batch, post_hello, post_records, signed_post
from tests.receiver.web.pages.conftest import Browser


@pytest.fixture
def short(client: FlaskClient, acme: ConnectionKey) -> None:
    """Items 1 and 2 are here, 3 is set aside: 12.50 of account 10 in January."""
    post_hello(client, acme)
    books = {
        "currencies": [record_of("currencies", code="EUR", decimal_places=2)],
        "companies": [record_of("companies", name="Acme")],
        "accounts": [record_of("accounts", id=10, name="Cash", codes={"1": "101000"})],
        "journal_entries": [record_of("journal_entries", id=70, number="INV/2026/0007")],
        "journal_items": journal_items(2),
    }
    for stream, records in books.items():
        post_records(client, acme, stream, records)
    aside = stated(
        "journal_items",
        3,
        entry_id=70,
        company_id=1,
        account_id=10,
        date=date(2026, 1, 31),
        debit=Decimal("12.5"),
        credit=Decimal(0),
    )
    batch = batch_of("journal_items")._replace(set_aside=(aside,))
    assert post_batch(client, acme, encode_batch(batch)).status_code == 200
    digests = encode_digests(digests_of(books))
    statement = Statement("run-1", next(sequences), digests, {"journal_items": [3]})
    body = encode_proof(statement, DigestLines(digests))
    assert signed_post(client, acme, PROOFS_PATH, body).get_json()["differing_count"] == 0


@pytest.mark.usefixtures("short")
def test_the_api_names_each_with_entry_field_value_reason_and_link(
    acme_reader: FlaskClient,
) -> None:
    answer = acme_reader.get("/v1/connections/acme/set-aside-records").get_json()

    assert (answer["total_count"], answer["next_cursor"]) == (1, None)
    [record] = answer["records"]
    assert record.pop("since")
    assert record == {
        "stream": "journal_items",
        "record_id": 3,
        "name": "INV/2026/0007",
        "field": "journal_id",
        "value": None,
        "reason": "Expected a positive whole number.",
        "company_id": 1,
        "account_id": 10,
        "date": "2026-01-31",
        "debit": "12.5",
        "credit": "0",
        "odoo_link": "https://odoo.acme.example/odoo/account.move.line/3",
    }


def test_the_api_gives_many_in_pages(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    aside = tuple(stated("partners", id) for id in range(1, 6))
    post_batch(client, acme, encode_batch(batch_of("partners")._replace(set_aside=aside)))

    path, ids = "/v1/connections/acme/set-aside-records?limit=2", []
    cursor = ""
    while cursor is not None:
        page = acme_reader.get(path + cursor).get_json()
        ids += [record["record_id"] for record in page["records"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert ids == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("short")
def test_a_proof_says_by_how_much_which_account_is_short(acme_reader: FlaskClient) -> None:
    report = acme_reader.get("/v1/connections/acme/proofs/newest").get_json()

    proof, [shortfall] = report["proof"], report["shortfalls"]
    assert (proof["ties_out"], proof["set_aside_count"], proof["differing_count"]) == (False, 1, 0)
    assert (shortfall["account_code"], shortfall["month"]) == ("101000", "2026-01")
    assert (shortfall["debit"], shortfall["credit"]) == ("12.50", "0.00")


@pytest.mark.usefixtures("short")
def test_health_is_not_well(acme_reader: FlaskClient) -> None:
    health = acme_reader.get("/v1/connections/acme/health").get_json()

    assert health["state"] == "incomplete"
    assert [r["code"] for r in health["reasons"]] == ["set_aside", "unbalanced_entries"]
    assert health["reasons"][0]["sentence"].startswith("1 record is set aside")


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("path", ["/", "/health/", "/health/acme/", "/health/acme/proofs"])
def test_pages_say_except_and_never_that_it_ties_out(bob: Browser, path: str) -> None:
    page = bob.get(path).text

    assert "Ties out except 1 record" in page
    assert "Tied out with Odoo" not in page


@pytest.mark.usefixtures("short")
def test_the_health_page_lists_them_with_links_into_odoo(bob: Browser) -> None:
    page = bob.get("/health/acme/missing").text

    assert 'href="https://odoo.acme.example/odoo/account.move.line/3"' in page
    for text in ("INV/2026/0007", "Journal", "empty", "Expected a positive whole number.", "12.50"):
        assert text in page
    assert "INV/2026/0007" in bob.get("/health/acme/missing.csv").text


@pytest.mark.usefixtures("short")
def test_a_report_says_that_something_is_missing(bob: Browser) -> None:
    page = bob.get("/reports/acme/trial-balance?company_id=1").text

    assert "Ties out with Odoo except 1 record" in page
    assert "/health/acme/missing" in page


@pytest.mark.usefixtures("short")
def test_the_printed_statement_says_what_is_missing(acme_reader: FlaskClient) -> None:
    page = acme_reader.get("/v1/connections/acme/proofs/newest?format=html").text

    assert "Ties out with Odoo except 1 record" in page
    assert "Tied out" not in page
    for text in ("101000 Cash", "2026-01", "12.50", "INV/2026/0007", "Expected a positive"):
        assert text in page
