"""GET /v1/connections/{name}/trial-balance."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO, post_hello, post_records

URL = "/v1/connections/acme/trial-balance"
CASH, SALES = 10, 20

Keep = Callable[..., None]


@pytest.fixture
def book(client: FlaskClient, acme: ConnectionKey) -> Keep:
    """Stores a company with two accounts and the given journal items."""

    def book(*items: Record, currency: str = "EUR", decimal_places: int = 2) -> None:
        money = record_of("currencies", id=1, code=currency, decimal_places=decimal_places)
        post_records(client, acme, "currencies", [money])
        post_records(client, acme, "companies", [record_of("companies", id=1, name="Acme BV")])
        post_records(client, acme, "accounts", [_account(CASH, "Cash"), _account(SALES, "Sales")])
        post_records(client, acme, "journal_items", items)

    return book


def test_it_sums_exactly_what_floating_point_cannot(book: Keep, acme_reader: FlaskClient) -> None:
    book(
        journal_item(1, debit="0.1", account_id=CASH),
        journal_item(2, debit="0.2", account_id=CASH),
        journal_item(3, credit="0.3", account_id=SALES),
    )

    found = _get(acme_reader)

    assert found["accounts"] == [
        {
            "id": CASH,
            "code": "000010",
            "name": "Cash",
            "type": "text",
            "opening_balance": "0.00",
            "debit": "0.30",
            "credit": "0.00",
            "closing_balance": "0.30",
        },
        {
            "id": SALES,
            "code": "000020",
            "name": "Sales",
            "type": "text",
            "opening_balance": "0.00",
            "debit": "0.00",
            "credit": "0.30",
            "closing_balance": "-0.30",
        },
    ]
    assert found["totals"] == {
        "opening_balance": "0.00",
        "debit": "0.30",
        "credit": "0.30",
        "closing_balance": "0.00",
    }


def test_it_opens_with_all_that_was_booked_before_the_period(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        journal_item(1, debit="100", account_id=CASH, date=date(2024, 12, 31)),
        journal_item(2, debit="10", account_id=CASH, date=date(2025, 1, 1)),
        journal_item(3, credit="4", account_id=CASH, date=date(2025, 1, 31)),
        journal_item(4, debit="1", account_id=CASH, date=date(2025, 2, 1)),
    )

    found = _get(acme_reader, "?from=2025-01-01&to=2025-01-31")

    assert (found["from"], found["to"]) == ("2025-01-01", "2025-01-31")
    assert _amounts(found["accounts"][0]) == ["100.00", "10.00", "4.00", "106.00"]


def test_it_covers_everything_stored_unless_told_otherwise(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        journal_item(1, debit="5", account_id=CASH, date=date(2019, 5, 4)),
        journal_item(2, debit="6", account_id=CASH, date=date(2026, 3, 2)),
    )

    found = _get(acme_reader)

    assert (found["from"], found["to"]) == ("2019-05-04", "2026-03-02")
    assert _amounts(found["accounts"][0]) == ["0.00", "11.00", "0.00", "11.00"]


@pytest.mark.parametrize(
    ("currency", "decimal_places", "shown"),
    [
        ("KWD", 3, ["0.000", "0.000", "1200.500", "-1200.500"]),
        ("EUR", 2, ["0.00", "0.00", "1200.50", "-1200.50"]),
        ("JPY", 0, ["0", "0", "1200.5", "-1200.5"]),
    ],
)
def test_it_writes_amounts_with_the_currencys_decimals_and_never_rounds(
    book: Keep, acme_reader: FlaskClient, currency: str, decimal_places: int, shown: list[str]
) -> None:
    item = journal_item(1, credit="1200.5", account_id=CASH)
    book(item, currency=currency, decimal_places=decimal_places)

    found = _get(acme_reader)

    assert found["currency"] == currency
    assert _amounts(found["accounts"][0]) == shown


def test_it_sums_more_than_64_bits_of_millionths_hold(book: Keep, acme_reader: FlaskClient) -> None:
    book(*(journal_item(id, debit="9000000000000.99", account_id=CASH) for id in range(1, 4)))

    found = _get(acme_reader)

    assert found["accounts"][0]["debit"] == "27000000000002.97"


def test_it_leaves_out_accounts_without_movement_and_balance(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        journal_item(1, debit="7", account_id=CASH, date=date(2025, 1, 1)),
        journal_item(2, credit="7", account_id=CASH, date=date(2025, 1, 2)),
        journal_item(3, debit="1", account_id=SALES, date=date(2025, 2, 1)),
        journal_item(4, credit="1", account_id=SALES, date=date(2025, 2, 2)),
    )

    found = _get(acme_reader, "?from=2025-02-01")

    assert [account["id"] for account in found["accounts"]] == [SALES]
    assert _amounts(found["accounts"][0]) == ["0.00", "1.00", "1.00", "0.00"]


def test_it_shows_the_code_of_the_companys_root_company(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    book(journal_item(1, debit="1", account_id=CASH, company_id=4))
    branch = record_of("companies", id=4, name="Branch", root_company_id=3)
    post_records(client, acme, "companies", [branch])
    account = record_of("accounts", id=CASH, codes={"1": "000010", "3": 'É"9\\'})
    post_records(client, acme, "accounts", [account])

    found = _get(acme_reader, "?company_id=4")

    assert [account["code"] for account in found["accounts"]] == ['É"9\\']


def test_it_shows_an_account_that_has_not_arrived_without_a_name(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(journal_item(1, debit="1", account_id=99), journal_item(2, debit="1", account_id=CASH))

    found = _get(acme_reader)

    assert [(account["id"], account["code"]) for account in found["accounts"]] == [
        (CASH, "000010"),
        (99, None),
    ]


def test_it_keeps_companies_and_connections_apart(
    book: Keep, client: FlaskClient, globex: ConnectionKey, acme_reader: FlaskClient
) -> None:
    later = date(2031, 1, 1)
    book(
        journal_item(1, debit="1", account_id=CASH),
        journal_item(2, debit="20", account_id=CASH, company_id=2),
        journal_item(3, debit="20", account_id=CASH, company_id=2, date=later),
    )
    foreign = [
        journal_item(1, debit="300", account_id=CASH),
        journal_item(2, debit="300", account_id=CASH, date=later),
    ]
    post_records(client, globex, "journal_items", foreign)
    post_records(client, globex, "accounts", [_account(CASH, "Foreign cash")])
    post_records(client, globex, "currencies", [record_of("currencies", id=1, code="USD")])
    companies = [record_of("companies", id=id, name="Globex") for id in (1, 2)]
    post_records(client, globex, "companies", companies)

    found = _get(acme_reader)

    assert (found["company"], found["currency"]) == ("Acme BV", "EUR")
    assert (found["from"], found["to"]) == ("2026-01-31", "2026-01-31")
    assert [account["name"] for account in found["accounts"]] == ["Cash"]
    assert found["totals"]["debit"] == "1.00"


def test_it_tells_from_when_on_entries_are_here(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    book(journal_item(1, debit="1", account_id=CASH))
    assert _get(acme_reader)["start_date"] is None

    post_hello(client, acme, HELLO)

    assert _get(acme_reader)["start_date"] == "2024-01-01"


def test_it_is_empty_for_a_company_without_journal_items(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book()

    found = _get(acme_reader)

    assert found["accounts"] == []
    assert (found["from"], found["to"]) == (None, None)
    assert found["totals"]["closing_balance"] == "0.00"


def test_it_wants_a_company_named_where_there_are_several(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    book()
    post_records(client, acme, "companies", [record_of("companies", id=2, name="Acme Ltd")])

    refused = acme_reader.get(URL)

    assert refused.status_code == 422
    assert refused.get_json()["path"] == "company_id"
    assert "1, 2" in refused.get_json()["detail"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("company_id=2", "company_id"),
        ("company_id=0", "company_id"),
        ("company_id=1_0", "company_id"),
        ("from=2025-1-1", "from"),
        ("to=2025-02-30", "to"),
        ("from=2025-02-01&to=2025-01-31", "to"),
        ("format=xml", "format"),
        ("company=1", "company"),
        ("company_id=1&company_id=2", "company_id"),
    ],
)
def test_it_names_the_wrong_parameter(
    book: Keep, acme_reader: FlaskClient, query: str, path: str
) -> None:
    book(journal_item(1, debit="1", account_id=CASH))

    refused = acme_reader.get(f"{URL}?{query}")

    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_query")
    assert refused.get_json()["path"] == path


def test_it_says_that_an_empty_connection_has_no_company_yet(acme_reader: FlaskClient) -> None:
    refused = acme_reader.get(URL)

    assert refused.status_code == 422
    assert "none yet" in refused.get_json()["detail"]


def test_it_hides_from_a_foreign_token(book: Keep, globex_reader: FlaskClient) -> None:
    book(journal_item(1, debit="1", account_id=CASH))

    assert globex_reader.get(URL).status_code == 404


def test_it_gives_the_same_accounts_as_csv(book: Keep, acme_reader: FlaskClient) -> None:
    book(
        journal_item(1, debit="1.5", account_id=CASH),
        journal_item(2, credit="1.5", account_id=99),
    )

    answer = acme_reader.get(URL, headers={"Accept": "text/csv"})

    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    expected = [
        {name: "" if value is None else str(value) for name, value in account.items()}
        for account in _get(acme_reader)["accounts"]
    ]
    assert rows == expected
    assert acme_reader.get(f"{URL}?format=csv").text == answer.text


def _account(id: int, name: str) -> Record:
    return record_of("accounts", id=id, name=name, codes={"1": f"{id:06}"})


def _get(reader: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = reader.get(URL + query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def _amounts(account: dict[str, str]) -> list[str]:
    names = ("opening_balance", "debit", "credit", "closing_balance")
    return [account[name] for name in names]
