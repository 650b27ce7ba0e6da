"""GET /v1/connections/{name}/open-items."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO, post_hello, post_records

URL = "/v1/connections/acme/open-items"
CUSTOMERS, SUPPLIERS, SALES = 10, 20, 30
EUR, USD, JPY = 1, 2, 3

Keep = Callable[..., None]


@pytest.fixture
def book(client: FlaskClient, acme: ConnectionKey) -> Keep:
    """Stores a company in euro with three accounts, and the given items and reconciliations."""

    def book(items: Iterable[Record], reconciliations: Iterable[Record] = ()) -> None:
        for stream, records in {
            "currencies": [_currency(EUR, "EUR", 2), _currency(USD, "USD", 2)],
            "companies": [record_of("companies", id=1, name="Acme BV", currency_id=EUR)],
            "accounts": [
                _account(CUSTOMERS, "asset_receivable"),
                _account(SUPPLIERS, "liability_payable"),
                _account(SALES, "income"),
            ],
            "journal_items": items,
            "reconciliations": reconciliations,
        }.items():
            post_records(client, acme, stream, records)

    return book


def test_an_invoice_is_open_until_it_is_paid(book: Keep, acme_reader: FlaskClient) -> None:
    book(
        [
            _item(1, debit="100", date=date(2025, 1, 10)),
            _item(2, credit="100", date=date(2025, 3, 1)),
        ],
        [_reconciled(1, 2, "100", date=date(2025, 3, 1))],
    )

    assert _open(_get(acme_reader, "?as_of=2025-01-09")) == {}
    assert _open(_get(acme_reader, "?as_of=2025-01-10")) == {1: "100.00"}
    assert _open(_get(acme_reader, "?as_of=2025-02-28")) == {1: "100.00"}
    assert _open(_get(acme_reader, "?as_of=2025-03-01")) == {}


def test_a_payment_in_part_leaves_the_rest_open(book: Keep, acme_reader: FlaskClient) -> None:
    book(
        [
            _item(1, debit="100", date=date(2025, 1, 10)),
            _item(2, credit="30.1", date=date(2025, 2, 1)),
            _item(3, credit="60.2", date=date(2025, 3, 1)),
        ],
        [
            _reconciled(1, 2, "30.1", date=date(2025, 2, 1)),
            _reconciled(1, 3, "60.2", date=date(2025, 3, 1)),
        ],
    )

    assert _open(_get(acme_reader, "?as_of=2025-02-01")) == {1: "69.90"}
    assert _open(_get(acme_reader, "?as_of=2025-03-01")) == {1: "9.70"}


@pytest.mark.parametrize("stored_date", [date(2025, 3, 1), None], ids=["dated", "undated"])
def test_a_payment_in_advance_is_open_until_the_invoice_is_there(
    book: Keep, acme_reader: FlaskClient, stored_date: date | None
) -> None:
    """A reconciliation without a date counts from its later item all the same."""
    book(
        [
            _item(1, debit="100", date=date(2025, 3, 1)),
            _item(2, credit="100", date=date(2025, 1, 10)),
        ],
        [_reconciled(1, 2, "100", date=stored_date)],
    )

    before, then = (_get(acme_reader, f"?as_of={day}") for day in ("2025-02-28", "2025-03-01"))

    assert (_open(before), _open(then)) == ({2: "-100.00"}, {})
    assert before["accounts"][0]["difference"] == "0.00"


def test_a_credit_note_that_is_not_used_lowers_the_total(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        [
            _item(1, debit="100", partner_id=7, due_date=date(2026, 1, 31)),
            _item(2, credit="40", partner_id=7, due_date=date(2025, 12, 31)),
        ]
    )

    found = _get(acme_reader, "?as_of=2026-01-31")

    assert _open(found) == {1: "100.00", 2: "-40.00"}
    assert _aged(found["partners"][0]) == {
        "total": "60.00",
        "not_due": "100.00",
        "days_31_60": "-40.00",
    }


def test_an_exchange_difference_closes_what_the_currency_has_closed(
    book: Keep, acme_reader: FlaskClient
) -> None:
    """100 dollars, booked at 90 euro, paid at 95; the entry for the 5 euro comes a month later."""
    dollars = {"currency_id": USD, "amount_currency": Decimal(100)}
    book(
        [
            _item(1, debit="90", date=date(2025, 1, 1), **dollars),
            _item(2, credit="95", date=date(2025, 2, 1), currency_id=USD, amount_currency=-100),
            _item(3, debit="5", date=date(2025, 3, 1), currency_id=USD, amount_currency=0),
        ],
        [
            _reconciled(1, 2, "90", date=date(2025, 2, 1), **_in_currency(100)),
            _reconciled(3, 2, "5", date=date(2025, 3, 1), **_in_currency(0)),
        ],
    )

    found = _get(acme_reader, "?as_of=2025-02-01")

    [rest] = found["items"]
    assert (rest["id"], rest["open_amount"], rest["open_amount_currency"]) == (2, "-5.00", "0.00")
    assert found["accounts"][0]["difference"] == "0.00"
    assert _open(_get(acme_reader, "?as_of=2025-03-01")) == {}


def test_an_item_is_open_while_anything_is_left_in_its_own_currency(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        [
            _item(1, debit="90", currency_id=USD, amount_currency=100),
            _item(2, credit="90", currency_id=USD, amount_currency="-99.5"),
        ],
        [_reconciled(1, 2, "90", **_in_currency("99.5"))],
    )

    [item] = _get(acme_reader)["items"]

    assert (item["id"], item["currency"]) == (1, "USD")
    assert (item["amount"], item["open_amount"]) == ("90.00", "0.00")
    assert (item["amount_currency"], item["open_amount_currency"]) == ("100.00", "0.50")


def test_each_item_is_shown_in_its_own_currency_and_with_its_decimals(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "currencies", [_currency(JPY, "JPY", 0)])
    book(
        [
            _item(1, debit="90.5", currency_id=USD, amount_currency="100.1"),
            _item(2, debit="60", currency_id=JPY, amount_currency=9000),
            _item(3, credit="60", currency_id=EUR, amount_currency=-60),
        ],
        [_reconciled(2, 3, "60", debit_amount_currency=8999, credit_amount_currency=60)],
    )

    found = _get(acme_reader)

    assert found["currency"] == "EUR"
    in_currency = [(item["currency"], item["open_amount_currency"]) for item in found["items"]]
    assert in_currency == [("USD", "100.10"), ("JPY", "1")]


def test_it_ages_by_due_date_or_else_by_accounting_date(
    book: Keep, acme_reader: FlaskClient
) -> None:
    book(
        [
            _item(1, debit="1", date=date(2025, 1, 1), due_date=date(2025, 7, 9)),
            _item(2, debit="2", date=date(2025, 1, 1), due_date=date(2025, 6, 29)),
            _item(3, debit="4", date=date(2025, 1, 1), due_date=None),
        ]
    )

    found = _get(acme_reader, "?as_of=2025-06-30")

    ages = {item["id"]: (item["days_overdue"], item["age"]) for item in found["items"]}
    assert ages == {1: (0, "not_due"), 2: (1, "days_1_30"), 3: (180, "over_120")}
    assert _aged(found["totals"][0]) == {
        "total": "7.00",
        "not_due": "1.00",
        "days_1_30": "2.00",
        "over_120": "4.00",
    }


def test_it_ages_by_invoice_date_or_else_by_accounting_date_where_asked(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    invoiced = record_of("journal_entries", id=5, invoice_date=date(2025, 5, 1))
    post_records(client, acme, "journal_entries", [invoiced])
    due = {"due_date": date(2025, 6, 29)}
    book(
        [
            _item(1, debit="1", date=date(2025, 6, 20), entry_id=5, **due),
            _item(2, debit="2", date=date(2025, 6, 20), entry_id=6, **due),
        ]
    )

    found = _get(acme_reader, "?as_of=2025-06-30&aged_from=invoice_date")

    ages = {item["id"]: (item["days_overdue"], item["age"]) for item in found["items"]}
    assert ages == {1: (1, "days_31_60"), 2: (1, "days_1_30")}
    assert _aged(found["totals"][0]) == {
        "total": "3.00",
        "days_1_30": "2.00",
        "days_31_60": "1.00",
    }


def test_it_sums_per_partner_and_type(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    partners = [record_of("partners", id=7, name="Zoe"), record_of("partners", id=8, name="Adam")]
    post_records(client, acme, "partners", partners)
    book(
        [
            _item(1, debit="100", partner_id=7),
            _item(2, debit="10", partner_id=8),
            _item(3, credit="3", partner_id=8, account_id=SUPPLIERS),
            _item(4, debit="0.5", partner_id=None),
            _item(5, debit="1", partner_id=7),
        ]
    )

    found = _get(acme_reader)

    per_partner = [(each["partner"], each["type"], each["total"]) for each in found["partners"]]
    assert per_partner == [
        ("Adam", "receivable", "10.00"),
        ("Adam", "payable", "-3.00"),
        ("Zoe", "receivable", "101.00"),
        (None, "receivable", "0.50"),
    ]
    totals = [(each["type"], each["total"]) for each in found["totals"]]
    assert totals == [("receivable", "111.50"), ("payable", "-3.00")]


def test_the_total_of_each_account_equals_its_balance(book: Keep, acme_reader: FlaskClient) -> None:
    book(
        [
            _item(1, debit="100"),
            _item(2, credit="30"),
            _item(3, credit="5", account_id=SUPPLIERS),
            _item(4, debit="7", account_id=SALES),
        ],
        [_reconciled(1, 2, "30")],
    )

    found = _get(acme_reader)

    assert found["accounts"] == [
        {
            "id": CUSTOMERS,
            "code": "000010",
            "name": "Account 10",
            "type": "receivable",
            "open_amount": "70.00",
            "balance": "70.00",
            "difference": "0.00",
        },
        {
            "id": SUPPLIERS,
            "code": "000020",
            "name": "Account 20",
            "type": "payable",
            "open_amount": "-5.00",
            "balance": "-5.00",
            "difference": "0.00",
        },
    ]


def test_a_difference_is_shown_where_what_was_reconciled_is_not_here(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    """The invoice is dated before the start date, its payment is not."""
    post_hello(client, acme, HELLO)
    book([_item(2, credit="100", date=date(2024, 2, 1))], [_reconciled(1, 2, "100")])

    found = _get(acme_reader)

    assert found["items"] == []
    assert found["start_date"] == "2024-01-01"
    [account] = found["accounts"]
    amounts = [account[name] for name in ("open_amount", "balance", "difference")]
    assert amounts == ["0.00", "-100.00", "100.00"]


def test_an_item_says_what_it_is(
    book: Keep, client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    numbered = {"number": "INV/1", "reference": "R 1", "invoice_date": date(2026, 1, 30)}
    post_records(client, acme, "journal_entries", [record_of("journal_entries", id=5, **numbered)])
    post_records(client, acme, "partners", [record_of("partners", id=7, name="Zoe")])
    values = {"entry_id": 5, "partner_id": 7, "label": "Goods", "due_date": date(2026, 2, 28)}
    book([_item(1, debit="100", currency_id=USD, amount_currency=110, **values)])

    [item] = _get(acme_reader, "?as_of=2026-03-01")["items"]

    assert item == {
        "id": 1,
        "entry_id": 5,
        "number": "INV/1",
        "reference": "R 1",
        "date": "2026-01-31",
        "invoice_date": "2026-01-30",
        "due_date": "2026-02-28",
        "partner_id": 7,
        "partner": "Zoe",
        "account_id": CUSTOMERS,
        "account_code": "000010",
        "account": "Account 10",
        "type": "receivable",
        "label": "Goods",
        "amount": "100.00",
        "open_amount": "100.00",
        "currency": "USD",
        "amount_currency": "110.00",
        "open_amount_currency": "110.00",
        "days_overdue": 1,
        "age": "days_1_30",
    }


def test_it_is_as_of_today_unless_told_otherwise(book: Keep, acme_reader: FlaskClient) -> None:
    book([_item(1, debit="1"), _item(2, debit="2", date=date(9999, 12, 31))])
    before = datetime.now(UTC).date()

    found = _get(acme_reader)

    assert before <= date.fromisoformat(found["as_of"]) <= datetime.now(UTC).date()
    assert _open(found) == {1: "1.00"}


@pytest.mark.parametrize(
    ("query", "ids", "accounts"),
    [
        ("", [1, 2, 3], [CUSTOMERS, SUPPLIERS]),
        ("?type=receivable", [1, 2], [CUSTOMERS]),
        ("?type=payable", [3], [SUPPLIERS]),
        (f"?account_id={SUPPLIERS}", [3], [SUPPLIERS]),
        (f"?account_id={SALES}", [], []),
        ("?partner_id=7", [1, 3], [CUSTOMERS, SUPPLIERS]),
        ("?partner_id=7&type=receivable", [1], [CUSTOMERS]),
        ("?partner_id=99", [], []),
    ],
)
def test_it_answers_for_a_type_an_account_or_a_partner(
    book: Keep, acme_reader: FlaskClient, query: str, ids: list[int], accounts: list[int]
) -> None:
    book(
        [
            _item(1, debit="100", partner_id=7),
            _item(2, debit="50", partner_id=8),
            _item(3, credit="20", partner_id=7, account_id=SUPPLIERS),
        ]
    )

    found = _get(acme_reader, query)

    assert [item["id"] for item in sorted(found["items"], key=lambda item: item["id"])] == ids
    assert [account["id"] for account in found["accounts"]] == accounts
    assert {account["difference"] for account in found["accounts"]} <= {"0.00"}


def test_it_names_only_the_type_that_was_asked_for(book: Keep, acme_reader: FlaskClient) -> None:
    book([_item(1, debit="100")])

    found = _get(acme_reader, "?type=payable")

    assert [_aged(total) for total in found["totals"]] == [{}]


def test_it_is_empty_where_nothing_is_open(book: Keep, acme_reader: FlaskClient) -> None:
    book([_item(1, debit="100"), _item(2, credit="100")], [_reconciled(1, 2, "100")])

    found = _get(acme_reader)

    assert (found["items"], found["partners"], found["accounts"]) == ([], [], [])
    assert [total["total"] for total in found["totals"]] == ["0.00", "0.00"]


def test_it_is_exact_where_floating_point_and_64_bits_are_not(
    book: Keep, acme_reader: FlaskClient
) -> None:
    large = "9000000000000.9"
    book(
        [
            _item(1, debit=large),
            _item(2, debit=large),
            _item(3, debit="0.3"),
            _item(4, credit="0.1"),
            _item(5, credit="0.2"),
        ],
        [_reconciled(3, 4, "0.1"), _reconciled(3, 5, "0.2")],
    )

    found = _get(acme_reader)

    assert _open(found) == {1: large + "0", 2: large + "0"}
    assert found["accounts"][0]["open_amount"] == "18000000000001.80"
    assert found["accounts"][0]["difference"] == "0.00"


def test_what_odoo_14_reconciles_unrounded_leaves_nothing_open(
    book: Keep, acme_reader: FlaskClient
) -> None:
    """1000 paid by 100.1 and 899.9, which is stored as a floating point number leaves it."""
    book(
        [
            _item(1, debit="1000"),
            _item(2, credit="100.1", due_date=date(2025, 1, 1)),
            _item(3, credit="950", due_date=date(2026, 1, 1)),
        ],
        [_reconciled(1, 2, "100.1"), _reconciled(1, 3, "899.9000000000001")],
    )

    found = _get(acme_reader, "?as_of=2026-01-31")

    assert _open(found) == {3: "-50.10"}
    assert [_aged(partner) for partner in found["partners"]] == [
        {"total": "-50.10", "days_1_30": "-50.10"}
    ]
    assert found["accounts"][0]["open_amount"] == "-50.10"
    assert found["accounts"][0]["difference"] == "0.00"


def test_it_keeps_companies_and_connections_apart(
    book: Keep,
    client: FlaskClient,
    acme: ConnectionKey,
    globex: ConnectionKey,
    acme_reader: FlaskClient,
) -> None:
    book([_item(1, debit="100"), _item(2, debit="5", company_id=2)])
    post_records(client, acme, "companies", [record_of("companies", id=2, name="Acme Ltd")])
    foreign = [_item(1, debit="7"), _item(2, credit="7"), _item(3, debit="8")]
    post_records(client, globex, "journal_items", foreign)
    post_records(client, globex, "reconciliations", [_reconciled(1, 2, "7")])

    assert _open(_get(acme_reader, "?company_id=1")) == {1: "100.00"}
    assert _open(_get(acme_reader, "?company_id=2")) == {2: "5.00"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("company_id=2", "company_id"),
        ("as_of=2025-1-1", "as_of"),
        ("as_of=yesterday", "as_of"),
        ("type=asset_receivable", "type"),
        ("account_id=0", "account_id"),
        ("partner_id=x", "partner_id"),
        ("format=ndjson", "format"),
        ("date=2025-01-01", "date"),
        ("as_of=2025-01-01&as_of=2025-01-02", "as_of"),
    ],
)
def test_it_names_the_wrong_parameter(
    book: Keep, acme_reader: FlaskClient, query: str, path: str
) -> None:
    book([_item(1, debit="1")])

    refused = acme_reader.get(f"{URL}?{query}")

    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_query")
    assert refused.get_json()["path"] == path


def test_it_hides_from_a_foreign_token(book: Keep, globex_reader: FlaskClient) -> None:
    book([_item(1, debit="1")])

    assert globex_reader.get(URL).status_code == 404


def test_it_gives_the_same_items_as_csv(book: Keep, acme_reader: FlaskClient) -> None:
    book([_item(1, debit="1.5", label='=1, "2"'), _item(2, credit="7", account_id=SUPPLIERS)])

    answer = acme_reader.get(f"{URL}?raw_text=true", headers={"Accept": "text/csv"})

    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    expected = [
        {name: "" if value is None else str(value) for name, value in item.items()}
        for item in _get(acme_reader)["items"]
    ]
    assert rows == expected
    assert len(rows) == 2
    assert acme_reader.get(f"{URL}?format=csv&raw_text=true").text == answer.text


def _currency(id: int, code: str, decimal_places: int) -> Record:
    return record_of("currencies", id=id, code=code, decimal_places=decimal_places)


def _account(id: int, type: str) -> Record:
    codes = {"1": f"{id:06}"}
    return record_of("accounts", id=id, name=f"Account {id}", type=type, codes=codes)


def _item(id: int, debit: str = "0", credit: str = "0", **values: Any) -> Record:
    """A journal item on the customers' account, in euro."""
    amount_currency = Decimal(values.pop("amount_currency", Decimal(debit) - Decimal(credit)))
    values = {"account_id": CUSTOMERS, "currency_id": EUR, **values}
    return journal_item(id, debit, credit, amount_currency=amount_currency, **values)


def _reconciled(debit_item_id: int, credit_item_id: int, amount: str, **values: Any) -> Record:
    """So much of both items, in both of their currencies."""
    names = ("debit_amount_currency", "credit_amount_currency")
    in_currency = {name: Decimal(values.pop(name, amount)) for name in names}
    return record_of(
        "reconciliations",
        id=debit_item_id * 1000 + credit_item_id,
        debit_item_id=debit_item_id,
        credit_item_id=credit_item_id,
        amount=Decimal(amount),
        **{"date": date(2026, 1, 31), **values, **in_currency},
    )


def _in_currency(amount: object) -> dict[str, object]:
    return {"debit_amount_currency": amount, "credit_amount_currency": amount}


def _get(reader: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = reader.get(URL + query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def _open(found: dict[str, Any]) -> dict[int, str]:
    return {item["id"]: item["open_amount"] for item in found["items"]}


def _aged(found: dict[str, Any]) -> dict[str, str]:
    """What is not zero."""
    names = ("type", "partner_id", "partner")
    return {name: value for name, value in found.items() if name not in names and Decimal(value)}
