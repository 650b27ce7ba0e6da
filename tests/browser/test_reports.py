"""The reports: from a figure down to Odoo, taken away as CSV and XLSX, on a phone, on paper."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from receiver.db.engine import make_engine
from tests.browser.visitor import DESKTOP, PHONE, Visitor, visit
from tests.odoo.receiver import Receiver
from tests.receiver.report_books.two_years import add_year_books

YEAR = "from=2025-01-01&to=2025-12-31"
PAPER = {"width": 1031, "height": 703}  # pixels of A4 landscape between its margins
TITLES = ("Profit and loss", "Balance sheet", "Cash flow", "Trial balance", "General ledger")


@pytest.fixture(scope="module", autouse=True)
def books(receiver: Receiver) -> Iterator[None]:
    engine = make_engine(receiver.database_url)
    add_year_books(engine, "acme")
    yield
    engine.dispose()


def test_a_figure_leads_to_its_items_their_entry_and_odoo(bob: Visitor) -> None:
    page = bob.page
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", name="Profit and loss")).to_be_visible()
    page.get_by_label("From").fill("2025-01-01")
    page.get_by_label("To", exact=True).fill("2025-12-31")
    page.get_by_role("button", name="Show").click()
    bob.check("profit-and-loss")

    revenue = page.get_by_role("row", name="Revenue")
    revenue.get_by_role("link", name="62,533.89").click()
    expect(page.get_by_text("What this figure is made of: Revenue 62,533.89")).to_be_visible()
    expect(page.get_by_role("row", name="Total of 2 accounts")).to_contain_text("62,533.89")
    bob.check("items-of-a-figure")

    page.get_by_role("link", name="INV/2025/02/1", exact=True).click()
    expect(page.get_by_role("heading", name="INV/2025/02/1")).to_be_visible()
    odoo = page.get_by_role("button", name="Open in Odoo")
    expect(odoo).to_have_attribute("href", re.compile(r"^https://odoo.acme.example/odoo/account"))
    bob.check("entry")


def test_lines_open_by_keyboard_and_the_focus_stays(bob: Visitor) -> None:
    bob.goto(f"/reports/acme/profit-and-loss?{YEAR}")
    line = bob.page.get_by_role("link", name="Revenue")

    line.focus()
    bob.page.keyboard.press("Enter")

    expect(bob.page.get_by_role("row", name="700000 Sales of goods")).to_be_visible()
    expect(line).to_have_attribute("aria-expanded", "true")
    expect(line).to_be_focused()
    assert "turned=" in bob.page.url


@pytest.mark.parametrize(("width", "is_dark"), [(DESKTOP, True), (PHONE, False)])
def test_every_report_is_accessible_and_fits(
    chromium: Browser, receiver: Receiver, width: int, is_dark: bool
) -> None:
    visitor = visit(chromium, receiver, width=width, is_dark=is_dark)
    visitor.sign_in("bob")
    visitor.page.wait_for_url(visitor.receiver.url + "/")

    for title in TITLES:
        name = title.lower().replace(" ", "-")
        visitor.goto(f"/reports/acme/{name}?{YEAR}&comparison=previous_year")
        expect(visitor.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        visitor.check(f"{name}-{width}")


def test_dimensions_lead_to_the_items_with_their_shares(bob: Visitor) -> None:
    page = bob.page
    bob.goto(f"/dimensions/acme/?{YEAR}&plan_id=1&by=total")
    bob.check("dimensions")

    page.get_by_role("row", name="Workshop").get_by_role("link").nth(1).click()

    expect(page.get_by_role("heading", name="Workshop")).to_be_visible()
    expect(page.get_by_role("cell", name="33.333333 %").first).to_be_visible()
    bob.check("dimension-items")


def test_more_items_come_below_those_in_sight(bob: Visitor) -> None:
    bob.goto(f"/reports/acme/general-ledger?{YEAR}")
    entries = bob.page.locator("#ledger a[href*='/entries/']")
    expect(entries).to_have_count(100)

    bob.page.get_by_role("link", name="More items").click()

    expect(bob.page.get_by_role("link", name="More items")).to_have_count(0)
    expect(entries).to_have_count(184)


def test_csv_and_xlsx_open_with_the_figures_of_the_page(bob: Visitor, tmp_path: Path) -> None:
    bob.goto(f"/reports/acme/profit-and-loss?{YEAR}")
    result = bob.page.get_by_role("row", name="Result", exact=False).last
    wanted = [each.replace(",", "") for each in result.get_by_role("cell").all_inner_texts()]

    for kind in ("CSV", "XLSX"):
        with bob.page.expect_download() as download:
            bob.page.get_by_role("button", name=kind, exact=True).click()
        download.value.save_as(tmp_path / f"report.{kind.lower()}")

    with (tmp_path / "report.csv").open(newline="") as file:
        *_, total = csv.reader(file)
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    last = [cell.value for cell in list(sheet.rows)[-1]]
    assert total[4 : 4 + len(wanted)] == wanted
    assert [f"{value:.2f}" for value in last[4 : 4 + len(wanted)]] == wanted


def test_on_paper_there_is_no_navigation(bob: Visitor) -> None:
    bob.goto(f"/reports/acme/balance-sheet?{YEAR}&by=quarter")
    bob.page.emulate_media(media="print")

    expect(bob.page.get_by_role("table", name="Balance sheet")).to_be_visible()
    for gone in ("Overview", "Year to date"):
        expect(bob.page.get_by_role("link", name=gone)).to_be_hidden()
    for gone in ("CSV", "Show"):
        expect(bob.page.get_by_role("button", name=gone)).to_be_hidden()


def test_a_wide_statement_fits_on_sheets_of_paper(bob: Visitor) -> None:
    bob.goto(f"/reports/acme/profit-and-loss?{YEAR}&comparison=previous_year&detail=accounts")
    bob.page.emulate_media(media="print")
    bob.page.set_viewport_size(PAPER)

    tables = bob.page.get_by_role("table", name="Profit and loss")
    expect(tables).to_have_count(4)
    width = bob.page.locator("main").bounding_box()["width"]
    assert all(table.bounding_box()["width"] <= width for table in tables.all())
    chart, first = (bob.page.locator(each).first for each in ("figure.chart", "div.on-paper"))
    assert chart.bounding_box()["y"] + chart.bounding_box()["height"] <= first.bounding_box()["y"]


def test_companies_of_different_currencies_get_a_choice(bob: Visitor) -> None:
    bob.goto("/reports/acme/profit-and-loss?company_id=1,3")

    expect(bob.page.get_by_role("alert")).to_contain_text("currencies")
    bob.check("different-currencies")
    bob.page.get_by_label("Company").select_option("All in EUR (2)")
    bob.page.get_by_role("button", name="Show").click()
    expect(bob.page.get_by_text("Acme Belgium, Acme Services")).to_be_visible()
