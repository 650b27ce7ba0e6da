"""/outstanding: the API's figures, as people read them, for who may see them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from openpyxl import load_workbook

from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO, post_hello, post_records
from tests.receiver.web.pages.conftest import SECURE, Browser

CUSTOMERS, SUPPLIERS = 10, 20
DAY = "2025-06-30"
RECEIVABLES = f"/outstanding/acme/?as_of={DAY}"
PAYABLES = f"{RECEIVABLES}&type=payable"


@pytest.fixture
def books(client: FlaskClient, acme: ConnectionKey) -> None:
    """Zoe owes 1,200.50, of which 200.50 is overdue for 50 days; Adam is owed 75."""
    post_hello(client, acme, HELLO._replace(series="18.0", odoo_url="https://odoo.acme.example"))
    named = {"number": "INV/2025/5", "reference": "Order 9", "invoice_date": date(2025, 3, 12)}
    entry = record_of("journal_entries", id=5, **named)
    for stream, records in {
        "currencies": [record_of("currencies", id=1, code="EUR", decimal_places=2)],
        "companies": [record_of("companies", id=1, name="Acme BV", currency_id=1)],
        "accounts": [
            record_of("accounts", id=CUSTOMERS, name="Customers", type="asset_receivable"),
            record_of("accounts", id=SUPPLIERS, name="Suppliers", type="liability_payable"),
        ],
        "partners": [
            record_of("partners", id=7, name="Zoe & Sons"),
            record_of("partners", id=8, name="Adam"),
        ],
        "journal_entries": [entry],
        "journal_items": [
            _item(1, "1000", date(2025, 7, 31), partner_id=7),
            _item(2, "200.5", date(2025, 5, 11), partner_id=7),
            _item(3, "-75", date(2025, 7, 1), account_id=SUPPLIERS, partner_id=8),
        ],
    }.items():
        post_records(client, acme, stream, records)


def test_it_shows_who_owes_what_since_when(books: None, bob: Browser) -> None:
    page = bob.get(RECEIVABLES).text

    assert "Zoe &amp; Sons" in page
    assert "Adam" not in page
    assert _cells(page) >= {"1,200.50", "1,000.00", "200.50"}
    assert "Equals the balance sheet's receivable line at Jun 30, 2025: difference 0.00" in page


def test_it_leads_to_the_balance_sheet_of_the_day(books: None, bob: Browser) -> None:
    page = bob.get(RECEIVABLES).text

    address = f"/reports/acme/balance-sheet?company_id=1&from={DAY}&to={DAY}&by=total"
    assert address.replace("&", "&amp;") in page
    assert bob.get(address).status_code == 200


def test_ages_count_from_the_invoice_date_where_that_is_chosen(books: None, bob: Browser) -> None:
    """All was invoiced 110 days before, whenever it is due; what is overdue stays so."""
    address = f"/outstanding/acme/?company_id=1&type=receivable&as_of={DAY}&aged_from=invoice_date"
    assert address.replace("&", "&amp;") in bob.get(RECEIVABLES).text

    page = bob.get(address).text
    [row] = _csv(bob, f"{address}&format=csv")
    items = _csv(bob, f"{address.replace('?', 'partners/7?')}&format=csv")

    assert "by invoice date" in page
    assert "At date" in page
    assert _cells(page) >= {"1,200.50", "1,000.00", "200.50"}
    assert (row["days_91_120"], row["not_due"]) == ("1200.50", "0.00")
    assert {item["age"] for item in items} == {"days_91_120"}
    assert address.replace("?", "partners/7?").replace("&", "&amp;") in page


def test_a_basis_that_no_age_has_is_refused(books: None, bob: Browser) -> None:
    answer = bob.get(f"{RECEIVABLES}&aged_from=x")

    assert answer.status_code == 422
    assert "Choose due_date or invoice_date." in answer.text


def test_payables_are_what_is_to_be_paid(books: None, bob: Browser) -> None:
    page = bob.get(PAYABLES).text

    assert "Adam" in page
    assert "75.00" in _cells(page)
    assert "\N{MINUS SIGN}75.00" not in page
    assert "Equals the balance sheet's payable line" in page


def test_the_last_year_end_is_that_of_the_companys_fiscal_year(
    books: None, client: FlaskClient, acme: ConnectionKey, bob: Browser
) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    month, day = yesterday.month, yesterday.day
    fiscal_year = {"fiscal_year_last_month": month, "fiscal_year_last_day": day}
    post_records(client, acme, "companies", [record_of("companies", id=1, **fiscal_year)])

    page = bob.get(RECEIVABLES).text

    link = re.search(r'href="([^"]*)"[^>]*>Last year end', page)
    assert link
    assert f"as_of={yesterday}" in link[1]


def test_a_wrong_day_is_told_and_what_to_do(books: None, bob: Browser) -> None:
    answer = bob.get("/outstanding/acme/?as_of=x")

    assert answer.status_code == 422
    assert "Name the day like 2025-12-31." in answer.text
    assert "Go back and choose another value." in answer.text
    assert "tell whoever runs this receiver" not in answer.text


def test_an_earlier_day_shows_less(books: None, bob: Browser) -> None:
    page = bob.get("/outstanding/acme/?as_of=2024-12-31").text

    assert "Nothing was open on this day." in page


def test_a_difference_is_shown_and_explained(
    books: None, bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    """Item 2 was reconciled with one from before the start date."""
    gone = record_of(
        "reconciliations",
        id=1,
        debit_item_id=2,
        credit_item_id=99,
        amount=Decimal("200.5"),
        debit_amount_currency=Decimal("200.5"),
        date=date(2025, 5, 12),
    )
    post_records(client, acme, "reconciliations", [gone])

    page = bob.get(RECEIVABLES).text

    assert "line at Jun 30, 2025 by \N{MINUS SIGN}200.50." in page
    assert "it is dated before the start date" in page


def test_a_search_finds_partners_by_a_part_of_their_name(books: None, bob: Browser) -> None:
    assert "Zoe &amp; Sons" in bob.get(f"{RECEIVABLES}&search=SON").text
    assert "No partner of that name" in bob.get(f"{RECEIVABLES}&search=nobody").text


def test_more_partners_come_in_parts(
    books: None, bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    ids = range(100, 160)
    items = [_item(id, str(id), date(2025, 7, 1), partner_id=id) for id in ids]
    post_records(client, acme, "journal_items", items)
    headers = {"HX-Request": "true"}

    first = bob.get(RECEIVABLES).text
    rest = bob.client.get(f"{RECEIVABLES}&first=50", base_url=SECURE, headers=headers).text

    assert "Partner 159" in first
    assert "Partner 100" not in first
    assert f"first=50&amp;company_id=1&amp;type=receivable&amp;as_of={DAY}" in first
    assert "Partner 100" in rest
    assert "<html" not in rest
    assert "More partners" not in rest


def test_a_partner_opens_their_invoices_with_a_link_into_odoo(books: None, bob: Browser) -> None:
    page = bob.get(f"/outstanding/acme/partners/7?as_of={DAY}").text

    assert page.count("INV/2025/5") == 2
    assert "https://odoo.acme.example/odoo/account.move/5" in page
    assert _cells(page) >= {"1,000.00", "200.50", "50"}


def test_what_has_no_partner_is_not_lost(
    books: None, bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    post_records(client, acme, "journal_items", [_item(9, "33", date(2025, 7, 1))])

    assert "/outstanding/acme/partners/none?" in bob.get(RECEIVABLES).text
    assert "33.00" in _cells(bob.get(f"/outstanding/acme/partners/none?as_of={DAY}").text)


def test_it_is_downloaded_as_csv_and_xlsx(books: None, bob: Browser) -> None:
    rows = _csv(bob, f"{PAYABLES}&format=csv")
    book = load_workbook(io.BytesIO(bob.get(f"{RECEIVABLES}&format=xlsx").data))
    items = _csv(bob, f"/outstanding/acme/partners/7?as_of={DAY}&format=csv")

    assert [(row["partner"], row["not_due"], row["total"]) for row in rows] == [
        ("Adam", "75.00", "75.00")
    ]
    assert [cell.value for cell in book.active[2]][1] == "Zoe & Sons"  # type: ignore[index]
    assert [row["open_amount"] for row in items] == ["200.50", "1000.00"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("as_of=yesterday", "Name the day like 2025-12-31."),
        ("as_of=0000-01-01", "Name the day like 2025-12-31."),
        ("type=both", "Choose receivables or payables."),
        ("aged_from=birth", "Choose due_date or invoice_date."),
        ("format=pdf", "Choose csv or xlsx."),
    ],
)
@pytest.mark.parametrize("path", ["", "partners/7"])
def test_it_says_what_it_cannot_read(
    books: None, bob: Browser, path: str, query: str, sentence: str
) -> None:
    answer = bob.get(f"/outstanding/acme/{path}?{query}")

    assert answer.status_code == 422
    assert sentence in answer.text


def test_nobody_sees_what_they_may_not(
    books: None, bob: Browser, globex: ConnectionKey, browser: Browser
) -> None:
    assert bob.get("/outstanding/globex/").status_code == 404
    assert bob.get("/outstanding/globex/partners/7").status_code == 404
    assert bob.get("/outstanding/acme/?company_id=2").status_code == 404
    assert browser.get("/outstanding/acme/").status_code == 302


def test_it_is_calm_before_anything_has_arrived(bob: Browser, anna: Browser) -> None:
    assert "No company has arrived yet." in bob.get("/outstanding/").text
    assert "No company has arrived yet." in anna.get("/outstanding/acme/").text


def _item(id: int, balance: str, due_date: date, **values: object) -> Record:
    amount = Decimal(balance)
    values = {"account_id": CUSTOMERS, "entry_id": 5, "amount_currency": amount, **values}
    debit, credit = str(max(amount, Decimal(0))), str(max(-amount, Decimal(0)))
    days = {"date": date(2025, 5, 1), "due_date": due_date}
    return journal_item(id, debit, credit, **days, **values)


def _csv(browser: Browser, address: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(browser.get(address).text))]


def _cells(page: str) -> set[str]:
    """The texts of the page's elements."""
    return {text.strip() for part in page.split(">") for text in part.split("<")[:1]}
