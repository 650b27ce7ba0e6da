"""The reports' endpoints: parameters, JSON, CSV and XLSX; what they say is tested in report/."""

import csv
import gc
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import post_hello, post_records

BASE = "/v1/connections/acme"
CASH, SALES, COSTS = 10, 20, 22
REPORTS = ("profit-and-loss", "balance-sheet", "cash-flow", "dimensions", "general-ledger")


@pytest.fixture
def sold(client: FlaskClient, acme: ConnectionKey, acme_manager: FlaskClient) -> FlaskClient:
    """Sales of 1000.50 in January, half of it shared out, and costs in February; one structure."""
    post_hello(client, acme)
    items = [
        item(1, 1, CASH, date(2025, 1, 15), debit="1000.5"),
        item(2, 1, SALES, date(2025, 1, 15), credit="1000.5", shares=[((5,), Decimal(50))]),
        item(3, 2, COSTS, date(2025, 2, 15), debit="200", label="=1+1"),
        item(4, 2, CASH, date(2025, 2, 15), credit="200"),
    ]
    company = record_of(
        "companies", id=1, name="Acme", fiscal_year_last_month=12, fiscal_year_last_day=31
    )
    for stream, records in {
        "currencies": [record_of("currencies", id=1, code="EUR", decimal_places=2)],
        "companies": [company],
        "accounts": [
            account(CASH, "asset_cash"),
            account(SALES, "income"),
            account(COSTS, "expense"),
        ],
        "analytic_plans": [record_of("analytic_plans", id=3, name="Regions")],
        "analytic_accounts": [record_of("analytic_accounts", id=5, name="North", plan_id=3)],
        "journal_entries": [
            record_of("journal_entries", id=id, number=f"MISC/{id}", date=date(2025, id, 15))
            for id in (1, 2)
        ],
        "journal_items": items,
    }.items():
        post_records(client, acme, stream, records)
    made = acme_manager.post(f"{BASE}/structures", json={"template": "international"})
    assert made.status_code == 201, made.text
    return acme_manager


def item(id: int, entry_id: int, account_id: int, day: date, **values: Any) -> Record:
    return journal_item(id, entry_id=entry_id, account_id=account_id, date=day, **values)


def account(id: int, type: str) -> Record:
    return record_of("accounts", id=id, name=f"Account {id}", codes={"1": f"{id:06}"}, type=type)


def get(reader: FlaskClient, path: str) -> dict[str, Any]:
    answer = reader.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_the_profit_and_loss_covers_the_fiscal_year_unless_told_otherwise(
    sold: FlaskClient,
) -> None:
    found = get(sold, "reports/profit-and-loss")

    assert [(each["kind"], each["from"], each["to"]) for each in found["columns"]] == [
        ("month", "2025-01-01", "2025-01-31"),
        ("month", "2025-02-01", "2025-02-15"),
        ("total", "2025-01-01", "2025-02-15"),
        ("year_to_date", "2025-01-01", "2025-02-15"),
    ]
    revenue = next(line for line in found["lines"] if line["name"] == "Revenue")
    assert revenue["amounts"] == ["1000.50", "0.00", "1000.50", "1000.50"]
    assert [each["code"] for each in revenue["accounts"]] == ["000020"]
    assert found["lines"][-1]["kind"] == "unmapped"
    assert found["totals"]["net"]["amounts"] == ["1000.50", "-200.00", "800.50", "800.50"]
    assert (found["currency"], found["companies"]) == ("EUR", [{"id": 1, "name": "Acme"}])


def test_the_balance_sheet_balances_and_compares(sold: FlaskClient) -> None:
    found = get(
        sold,
        "reports/balance-sheet?from=2025-02-01&to=2025-02-28&comparison=previous_period&by=total",
    )

    assert found["totals"]["debit"] == {"amounts": ["800.50"], "compared": ["1000.50"]}
    assert found["totals"]["credit"] == found["totals"]["debit"]
    assert found["totals"]["net"] == {"amounts": ["0.00"], "compared": ["0.00"]}
    assert [each["to"] for each in found["compared_columns"]] == ["2025-01-31"]


def test_the_cash_flow_leads_from_one_balance_to_the_next(sold: FlaskClient) -> None:
    found = get(sold, "reports/cash-flow?from=2025-02-01&to=2025-02-28&by=total")

    amounts = [found[name]["amounts"][0] for name in ("opening", "closing")]
    assert amounts == ["1000.50", "800.50"]
    assert found["totals"]["net"]["amounts"][0] == "-200.00"


def test_dimensions_show_what_is_not_allocated(sold: FlaskClient) -> None:
    found = get(sold, "reports/dimensions?by=total")

    [plan] = found["dimensions"]
    assert (plan["plan"], plan["lines"][0]["name"]) == ("Regions", "North")
    assert plan["lines"][0]["amounts"][0] == "500.25"
    assert plan["not_allocated"]["amounts"][0] == "300.25"
    assert plan["total"]["amounts"][0] == "800.50"


def test_the_general_ledger_comes_in_pages(sold: FlaskClient) -> None:
    first = get(sold, "reports/general-ledger?limit=2")
    second = get(sold, f"reports/general-ledger?limit=2&cursor={first['next_cursor']}")

    assert [each["id"] for each in first["items"] + second["items"]] == [1, 4, 2, 3]
    assert [each["running_balance"] for each in first["items"]] == ["1000.50", "800.50"]
    assert second["next_cursor"] is None
    assert second["accounts"] == first["accounts"]


def test_a_figure_opens_its_items_and_an_item_its_entry(sold: FlaskClient) -> None:
    report = get(sold, "reports/profit-and-loss")
    line = next(line["line_id"] for line in report["lines"] if line["name"] == "Revenue")

    opened = get(sold, f"reports/general-ledger?line_id={line}&from=2025-01-01&to=2025-01-31")
    entry = get(sold, f"entries/{opened['items'][0]['entry_id']}")

    assert [each["id"] for each in opened["items"]] == [2]
    assert [each["debit"] for each in entry["lines"]] == ["1000.50", "0.00"]
    assert entry["odoo_link"] == "https://odoo.acme.example/odoo/account.move/1"
    assert get(sold, "reports/general-ledger?unmapped=balance_sheet")["items"] == []


@pytest.mark.parametrize("report", REPORTS)
def test_csv_and_xlsx_hold_the_same_values(sold: FlaskClient, report: str) -> None:
    url = f"{BASE}/reports/{report}"
    text = sold.get(f"{url}?raw_text=true", headers={"Accept": "text/csv"}).text
    rows = list(csv.reader(io.StringIO(text, newline="")))

    answer = sold.get(f"{url}?format=xlsx")

    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet.freeze_panes == "A2"
    assert [[as_text(cell) for cell in row] for row in sheet.iter_rows()] == rows
    assert len(rows) > 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("report", "totals"),
    [
        ("profit-and-loss", [("total", "-200.00")]),
        (
            "balance-sheet",
            [
                ("total assets", "800.50"),
                ("total liabilities and equity", "800.50"),
                ("total", "0.00"),
            ],
        ),
        (
            "cash-flow",
            [
                ("cash at the beginning", "1000.50"),
                ("total", "-200.00"),
                ("cash at the end", "800.50"),
            ],
        ),
    ],
)
def test_a_table_ends_with_the_totals_of_the_statement(
    sold: FlaskClient, report: str, totals: list[tuple[str, str]]
) -> None:
    asked = "from=2025-02-01&to=2025-02-28&by=total&format=csv"
    text = sold.get(f"{BASE}/reports/{report}?{asked}").text

    rows = list(csv.reader(io.StringIO(text, newline="")))

    unmapped = next(number for number, row in enumerate(rows) if row[1] == "unmapped")
    assert [(row[1], row[4]) for row in rows[unmapped + 1 :]] == totals


def as_text(cell: Any) -> str:
    """As CSV has it: the number format tells the decimals."""
    if isinstance(cell.value, datetime):
        return cell.value.date().isoformat()
    if isinstance(cell.value, int | float) and "0.00" in cell.number_format:
        return f"{cell.value:.2f}"
    return "" if cell.value is None else str(cell.value)


def test_a_text_never_becomes_a_formula(sold: FlaskClient) -> None:
    answer = sold.get(f"{BASE}/reports/general-ledger?format=xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_an_amount_too_long_for_a_number_stays_exact(
    sold: FlaskClient, client: FlaskClient, acme: ConnectionKey
) -> None:
    large = item(5, 3, CASH, date(2025, 3, 1), debit="1234567890123.456789")
    post_records(client, acme, "journal_items", [large])

    answer = sold.get(f"{BASE}/reports/general-ledger?format=xlsx&from=2025-03-01")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet["I2"].value == "1234567890123.456789"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("profit-and-loss?company_id=1,,2", "company_id"),
        ("profit-and-loss?company_id=2", "company_id"),
        ("profit-and-loss?comparison=never", "comparison"),
        ("profit-and-loss?by=week", "by"),
        ("balance-sheet?from=2025-02-01&to=2025-01-01", "to"),
        ("dimensions?plan_id=9", "plan_id"),
        ("general-ledger?cursor=abc", "cursor"),
        ("general-ledger?cursor=cGxhY2U6MTA6MjAyNS0wMi0zMDox", "cursor"),
        ("general-ledger?line_id=1&total=balance_sheet.net", "total"),
    ],
)
def test_it_names_the_wrong_parameter(sold: FlaskClient, path: str, wrong: str) -> None:
    refused = sold.get(f"{BASE}/reports/{path}")

    assert (refused.status_code, refused.get_json()["path"]) == (422, wrong), refused.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_shows_how_several_ids_are_written(sold: FlaskClient) -> None:
    refused = sold.get(f"{BASE}/reports/general-ledger?account_id=10;12")

    assert "ids joined by commas, such as 12,13" in refused.get_json()["detail"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_wants_a_structure_named_where_there_are_several(sold: FlaskClient) -> None:
    sold.post(f"{BASE}/structures", json={"template": "dutch"})

    refused = sold.get(f"{BASE}/reports/profit-and-loss")
    found = get(sold, "reports/profit-and-loss?structure_id=2")

    assert (refused.status_code, refused.get_json()["path"]) == (422, "structure_id")
    assert "Net turnover" in {line["name"] for line in found["lines"]}
    assert sold.get(f"{BASE}/reports/profit-and-loss?structure_id=3").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_says_to_make_a_structure_first(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    refused = acme_reader.get(f"{BASE}/reports/balance-sheet")

    assert "Make a reporting structure first" in refused.get_json()["detail"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", [*(f"reports/{report}" for report in REPORTS), "entries/1"])
def test_it_hides_from_a_foreign_token(
    sold: FlaskClient, globex_reader: FlaskClient, path: str
) -> None:
    assert globex_reader.get(f"{BASE}/{path}").status_code == 404


def test_a_sheet_that_nobody_reads_leaves_no_file_open(sold: FlaskClient) -> None:
    sold.head(f"{BASE}/reports/general-ledger?format=xlsx").close()

    gc.collect()  # which makes an error of a file left open
