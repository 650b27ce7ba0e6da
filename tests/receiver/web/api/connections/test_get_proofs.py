"""GET /v1/connections/{name}/proofs: the history of proofs, one in full, and its statement."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.proofs import post_rows, prove, rows_of
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import post_hello, post_records

PATH = "/v1/connections/acme/proofs"


def get(reader: FlaskClient, path: str, status: int = 200) -> dict[str, Any]:
    response = reader.get(path)
    assert response.status_code == status, response.get_data(as_text=True)
    return dict(response.get_json())


@pytest.fixture
def items() -> list[Record]:
    return [
        journal_item(1, debit="1000", account_id=10, date=date(2026, 1, 31)),
        journal_item(2, credit="1000", account_id=20, date=date(2026, 1, 31)),
    ]


@pytest.fixture
def differing(client: FlaskClient, acme: ConnectionKey, items: list[Record]) -> str:
    """The id of a proof that finds an amount of one item different, and asks for it."""
    post_hello(client, acme)
    post_records(
        client, acme, "currencies", [record_of("currencies", code="EUR", decimal_places=2)]
    )
    post_records(client, acme, "companies", [record_of("companies", name="Acme & Sons")])
    codes = {"1": "400000"}
    post_records(
        client, acme, "accounts", [record_of("accounts", id=10, name="Sales", codes=codes)]
    )
    post_records(client, acme, "journal_items", items)
    changed = [{**items[0], "debit": Decimal("1000.5"), "balance": Decimal("1000.5")}, items[1]]
    proof_id = prove(client, acme, {"journal_items": changed})["proof_id"]
    post_rows(client, acme, proof_id, rows_of(changed))
    return str(proof_id)


def test_it_lists_proofs_newest_first(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    ids = [prove(client, acme, {})["proof_id"] for _ in range(3)]

    answer = get(acme_reader, f"{PATH}?limit=2")

    assert [proof["proof_id"] for proof in answer["proofs"]] == ids[:0:-1]
    assert answer["proofs"][0]["ties_out"] is True


def test_it_tells_what_differed_and_what_was_done(acme_reader: FlaskClient, differing: str) -> None:
    answer = get(acme_reader, f"{PATH}/{differing}")

    assert answer["proof"]["ties_out"] is False
    sums = [each for each in answer["differences"] if each["stream"] == "journal_items"]
    assert sums == [
        {
            "stream": "journal_items",
            "bucket": "1/10/2026-01",
            "company": "Acme & Sons",
            "account_id": 10,
            "account_code": "400000",
            "account_name": "Sales",
            "month": "2026-01",
            "odoo": {
                "record_count": 1,
                "debit": "1000.50",
                "credit": "0.00",
                "residual": "0.00",
            },
            "stored": {
                "record_count": 1,
                "debit": "1000.00",
                "credit": "0.00",
                "residual": "0.00",
            },
        }
    ]
    assert answer["companies"][0]["difference"] == "0.50"
    assert answer["companies"][0]["debit"] == "1000.50"
    [repair] = answer["repairs"]
    assert (repair["stream"], repair["changed_count"], repair["ids"]) == ("journal_items", 1, [1])
    assert answer["differed_since"] is None
    assert answer["repaired_at"] is None


def test_it_tells_since_when_and_when_it_was_repaired(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], acme_reader: FlaskClient
) -> None:
    prove(client, acme, {})
    proof_id = prove(client, acme, {"journal_items": items})["proof_id"]
    post_records(client, acme, "journal_items", items)
    prove(client, acme, {"journal_items": items})

    answer = get(acme_reader, f"{PATH}/{proof_id}")

    newest, _, oldest = get(acme_reader, PATH)["proofs"]
    assert answer["differed_since"] == oldest["proven_at"]
    assert answer["repaired_at"] == newest["proven_at"]


def test_the_statement_of_a_tie_out_tells_what_was_compared(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "journal_items", items)
    prove(client, acme, {"journal_items": items})

    page = acme_reader.get(f"{PATH}/newest?format=html").get_data(as_text=True)

    assert "Tied out with Odoo: 2 slices, 2 records, no difference." in page


def test_newest_is_the_last_proof(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    prove(client, acme, {})
    proof_id = prove(client, acme, {})["proof_id"]

    assert get(acme_reader, f"{PATH}/newest")["proof"]["proof_id"] == proof_id


@pytest.mark.parametrize("proof_id", ["newest", "msg_none"])
def test_a_proof_that_is_not_there_is_not_found(acme_reader: FlaskClient, proof_id: str) -> None:
    assert get(acme_reader, f"{PATH}/{proof_id}", status=404)["code"] == "not_found"


def test_a_proof_of_another_connection_is_not_found(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, acme_reader: FlaskClient
) -> None:
    proof_id = prove(client, globex, {})["proof_id"]

    assert get(acme_reader, f"{PATH}/{proof_id}", status=404)["code"] == "not_found"


def test_the_statement_is_a_page_that_needs_nothing_else(
    acme_reader: FlaskClient, differing: str
) -> None:
    response = acme_reader.get(f"{PATH}/{differing}?format=html")

    page = response.get_data(as_text=True)
    assert response.mimetype == "text/html"
    assert "Acme &amp; Sons" in page
    assert "1,000.50" in page
    assert "400000 Sales" in page
    assert "src=" not in page
    assert "style-src 'sha256-" in response.headers["Content-Security-Policy"]
