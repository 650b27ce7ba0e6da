"""The closings of a connection: chosen, refused, left out of results and of what these open."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.records import journal_item, record_of
from tests.receiver.signed import post_hello, post_records

BASE = "/v1/connections/acme"
URL = f"{BASE}/closings"
YEAR = "from=2025-01-01&to=2025-12-31&by=total"
CASH, SALES, EQUITY = 10, 20, 14
JOURNAL = 7


@pytest.fixture
def closed(client: FlaskClient, acme: ConnectionKey, acme_manager: FlaskClient) -> FlaskClient:
    """Sales of 100 in 2025, closed by an entry in a journal of its own."""
    post_hello(client, acme)
    last = date(2025, 12, 31)
    post_records(client, acme, "currencies", [record_of("currencies", id=1, decimal_places=2)])
    company = {"fiscal_year_last_month": 12, "fiscal_year_last_day": 31}
    post_records(client, acme, "companies", [record_of("companies", id=1, **company)])
    types = {CASH: "asset_cash", EQUITY: "equity", SALES: "income"}
    accounts = [record_of("accounts", id=id, type=type) for id, type in types.items()]
    post_records(client, acme, "accounts", accounts)
    journal = record_of("journals", id=JOURNAL, name="Closing", code="CLO", type="general")
    post_records(client, acme, "journals", [journal])
    items = [
        journal_item(1, entry_id=1, account_id=CASH, date=date(2025, 5, 5), debit="100"),
        journal_item(2, entry_id=1, account_id=SALES, date=date(2025, 5, 5), credit="100"),
        journal_item(3, "100", entry_id=2, account_id=SALES, date=last, journal_id=JOURNAL),
        journal_item(4, credit="100", entry_id=2, account_id=EQUITY, date=last, journal_id=JOURNAL),
    ]
    post_records(client, acme, "journal_items", items)
    made = acme_manager.post(f"{BASE}/structures", json={"template": "international"})
    assert made.status_code == 201
    return acme_manager


def choose(manager: FlaskClient, *journal_ids: int) -> None:
    body = {"leaves_out_marked": True, "journal_ids": journal_ids}
    assert manager.put(URL, json=body).status_code == 200


def result(reader: FlaskClient, more: str = "") -> dict[str, Any]:
    answer = reader.get(f"{BASE}/reports/profit-and-loss?{YEAR}{more}")
    return dict(answer.get_json())


def test_what_is_marked_is_left_out_until_somebody_chooses(acme_reader: FlaskClient) -> None:
    assert acme_reader.get(URL).get_json() == {"leaves_out_marked": True, "journal_ids": []}


def test_what_is_chosen_is_what_reports_leave_out(closed: FlaskClient) -> None:
    assert result(closed)["totals"]["net"]["amounts"][0] == "0.00"

    choose(closed, JOURNAL)

    assert closed.get(URL).get_json() == {"leaves_out_marked": True, "journal_ids": [JOURNAL]}
    report = result(closed)
    assert report["totals"]["net"]["amounts"][0] == "100.00"
    journals = [{"id": JOURNAL, "name": "Closing", "entry_count": 1}]
    assert report["closings"] == {"are_left_out": True, "journals": journals}
    shown = result(closed, "&with_closings=true")
    assert shown["totals"]["net"]["amounts"][0] == "0.00"
    assert shown["closings"] == {"are_left_out": False, "journals": journals}


@pytest.mark.parametrize(("more", "total"), [("", "-100.00"), ("&with_closings=true", "0.00")])
def test_a_result_opens_the_items_that_it_is_made_of(
    closed: FlaskClient, more: str, total: str
) -> None:
    choose(closed, JOURNAL)

    found = closed.get(
        f"{BASE}/reports/general-ledger?{YEAR.removesuffix('&by=total')}"
        f"&total=profit_and_loss.net{more}"
    ).get_json()

    assert [each["closing_balance"] for each in found["accounts"]] == [total]


def test_a_table_says_what_is_not_in_it(closed: FlaskClient) -> None:
    choose(closed, JOURNAL)

    text = closed.get(f"{BASE}/reports/profit-and-loss?{YEAR}&format=csv").text
    shown = closed.get(f"{BASE}/reports/profit-and-loss?{YEAR}&format=csv&with_closings=true").text

    assert "left out: 1 closing entries of Closing" in text
    assert "left out" not in shown


def test_the_balance_sheet_takes_no_such_parameter(closed: FlaskClient) -> None:
    answer = closed.get(f"{BASE}/reports/balance-sheet?{YEAR}&with_closings=true")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"leaves_out_marked": True}, "/journal_ids"),
        ({"leaves_out_marked": "yes", "journal_ids": []}, "/leaves_out_marked"),
        ({"leaves_out_marked": True, "journal_ids": ["x"]}, "/journal_ids/0"),
        ({"leaves_out_marked": True, "journal_ids": [JOURNAL, 99]}, "/journal_ids/1"),
    ],
)
def test_it_says_what_is_wrong_and_stores_nothing(
    closed: FlaskClient, body: dict[str, object], path: str
) -> None:
    answer = closed.put(URL, json=body)

    assert (answer.status_code, answer.get_json()["path"]) == (422, path)
    assert closed.get(URL).get_json()["journal_ids"] == []


def test_a_token_that_may_only_read_chooses_nothing(acme_reader: FlaskClient) -> None:
    body = {"leaves_out_marked": False, "journal_ids": []}

    assert acme_reader.put(URL, json=body).status_code == 403
    assert acme_reader.get(URL).get_json()["leaves_out_marked"]
