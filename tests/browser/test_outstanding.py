"""The outstanding items, from the whole to an invoice, for eyes, keyboards and paper."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.trading import add_trading_company
from tests.browser.visitor import DESKTOP, PHONE, Visitor, visit
from tests.odoo.receiver import Receiver


@pytest.fixture(scope="module")
def books(receiver: Receiver) -> Receiver:
    add_trading_company(receiver, "acme")
    return receiver


def test_from_the_whole_to_the_invoices_of_a_customer(books: Receiver, bob: Visitor) -> None:
    page = bob.page
    bob.goto("/")
    page.get_by_role("link", name="Outstanding").first.click()
    expect(page.get_by_text("Equals the balance sheet's receivable line")).to_be_visible()
    expect(page.get_by_text("difference 0.00")).to_be_visible()
    bob.check("outstanding")

    page.get_by_role("link", name="Last month end").click()
    page.get_by_label("Search a partner").fill("anker")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Brouwerij Het Anker").click()

    expect(page.get_by_role("heading", name="Brouwerij Het Anker")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("INV")).first).to_have_attribute(
        "href", re.compile("https://odoo.acme.example/odoo/account.move/")
    )
    bob.check("outstanding-partner")
    page.get_by_role("link", name="Receivables").click()
    page.get_by_role("link", name="Payables").click()
    expect(page.get_by_role("link", name="EuroTrans NV")).to_be_visible()
    bob.check("outstanding-payables")


def test_the_table_is_downloaded(books: Receiver, bob: Visitor) -> None:
    bob.goto("/outstanding/acme/")

    with bob.page.expect_download() as download:
        bob.page.get_by_role("link", name="XLSX").click()

    assert re.fullmatch(r"receivables-[0-9-]{10}\.xlsx", download.value.suggested_filename)


@pytest.mark.parametrize(("width", "is_dark"), [(PHONE, False), (PHONE, True), (DESKTOP, True)])
def test_it_is_read_on_a_phone_and_in_the_dark(
    chromium: Browser, books: Receiver, width: int, is_dark: bool
) -> None:
    visitor = visit(chromium, books, width=width, is_dark=is_dark)
    visitor.sign_in("bob")
    half_a_year_ago = datetime.now(UTC).date() - timedelta(days=180)
    look = f"{width}-{'dark' if is_dark else 'light'}"

    for name, path in (
        ("overview", "/"),
        ("outstanding", "/outstanding/acme/"),
        ("outstanding-partner", f"/outstanding/acme/partners/11?as_of={half_a_year_ago}"),
    ):
        visitor.goto(path)
        visitor.check(f"{name}-{look}")
