"""Accounts mapped to lines: with the mouse, with the keyboard alone, and without JavaScript."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from receiver.accounting.shared.statement_kinds import PROFIT_AND_LOSS
from receiver.accounting.structures.structure_store import (
    Starter,
    create_structure,
    delete_structure,
    get_structure,
)
from receiver.db.connections.connections import get_connection
from receiver.db.engine import make_engine, reading, writing
from tests.browser.visitor import PHONE, Visitor, visit
from tests.odoo.receiver import Receiver
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.report_books.builder import add_records

MANY = 2_000  # accounts
SALES, STRANGE, STRANGER = 1, 2, 3
URL = "/mapping/acme/1/"


@pytest.fixture(scope="module")
def ledger(receiver: Receiver) -> None:
    """2,000 accounts of acme, two of which no template knows."""
    engine = make_engine(receiver.database_url)
    with reading(engine) as db:
        id = get_connection(db, "acme").id
    for stream, records in _records().items():
        add_records(engine, id, stream, records)
    engine.dispose()


@pytest.fixture
def structure(receiver: Receiver, ledger: None) -> Iterator[None]:
    """Structure 1, fresh from the international template."""
    engine = make_engine(receiver.database_url)
    with writing(engine) as db:
        id = get_connection(db, "acme").id
        assert create_structure(db, id, Starter("international"), datetime.now(UTC)) == 1
    yield
    with writing(engine) as db:
        delete_structure(db, id, 1)
    engine.dispose()


def _records() -> dict[str, list[Record]]:
    return {
        "currencies": [record_of("currencies", id=1, code="EUR", decimal_places=2)],
        "companies": [record_of("companies", id=1, name="Acme", root_company_id=1, currency_id=1)],
        "accounts": [
            _account(SALES, "700000", "Sales", "income"),
            _account(STRANGE, "799000", "Gifts received", "income_of_a_later_odoo"),
            _account(STRANGER, "799100", "Prizes won", "income_of_a_later_odoo"),
            *(
                _account(id, f"{600000 + id}", f"Costs {id}", "expense")
                for id in range(4, MANY + 1)
            ),
        ],
        "journal_items": [
            journal_item(1, debit="1234.50", account_id=10),
            journal_item(2, credit="1000", account_id=SALES),
            journal_item(3, credit="234.50", account_id=STRANGE),
        ],
    }


def _account(id: int, code: str, name: str, type: str) -> Record:
    return record_of("accounts", id=id, name=name, codes={"1": code}, type=type)


def line_of(receiver: Receiver, account_id: int) -> str | None:
    engine = make_engine(receiver.database_url)
    with reading(engine) as db:
        found = get_structure(db, get_connection(db, "acme").id, 1).structure
    engine.dispose()
    id = found.mapping[PROFIT_AND_LOSS].get(account_id)
    return next((line.name for line in found.lines if line.id == id), None)


def said(page: Page, sentence: str) -> Locator:
    """On the page, apart from what a screen reader is told."""
    return page.locator("main").get_by_text(sentence)


def line(page: Page, name: str) -> Locator:
    return page.locator(".line", has_text=name).first


@pytest.mark.usefixtures("ledger")
def test_a_structure_is_made_from_a_template(anna: Visitor) -> None:
    anna.goto("/mapping/acme/")
    anna.check("mapping-none")
    anna.page.get_by_label("Start from").select_option("Template: international")
    anna.page.get_by_label("Name").fill("Throwaway")
    anna.page.get_by_role("button", name="Make the structure").click()

    expect(said(anna.page, "2 accounts of this statement are unmapped.")).to_be_visible()
    anna.goto("/mapping/acme/")
    anna.check("mapping-list")
    anna.goto(URL)
    anna.page.get_by_label("Yes, delete Throwaway").check()
    anna.page.get_by_role("button", name="Delete the structure").click()
    expect(said(anna.page, "There is no reporting structure yet.")).to_be_visible()


@pytest.mark.usefixtures("structure")
def test_chosen_accounts_are_dragged_onto_a_line_and_undone(anna: Visitor) -> None:
    page = anna.page
    anna.goto(URL)
    anna.check("mapping-editor")
    page.get_by_label("799000 Gifts received", exact=True).check()
    page.get_by_label("799100 Prizes won", exact=True).click(modifiers=["Shift"])
    expect(page.locator("[data-chosen]")).to_have_text("(2)")

    page.locator(f"tr[data-account='{STRANGER}'] th").drag_to(line(page, "Revenue"))

    expect(said(page, "Every account of this statement is mapped.")).to_be_visible()
    expect(line(page, "Revenue").locator("summary .badge")).to_have_text("3")
    assert line_of(anna.receiver, STRANGE) == line_of(anna.receiver, STRANGER) == "Revenue"
    page.get_by_role("button", name="Undo the last change").click()
    expect(said(page, "2 accounts of this statement are unmapped.")).to_be_visible()
    assert line_of(anna.receiver, STRANGE) is None


@pytest.mark.usefixtures("structure")
def test_an_account_is_dragged_from_its_line_to_unmapped(anna: Visitor) -> None:
    page = anna.page
    anna.goto(URL)
    line(page, "Revenue").locator("summary").first.click()

    page.locator(f".mapped [data-account='{SALES}']").drag_to(page.locator("#line-unmapped"))

    expect(said(page, "3 accounts of this statement are unmapped.")).to_be_visible()
    assert line_of(anna.receiver, SALES) is None


@pytest.mark.usefixtures("structure")
def test_the_keyboard_alone_maps_and_moves(anna: Visitor) -> None:
    page, keyboard = anna.page, anna.page.keyboard
    anna.goto(URL)
    page.get_by_label("Search by code or name").focus()
    keyboard.type("prizes")
    expect(page.locator("#accounts-heading .badge")).to_have_text("1")
    expect(page.get_by_label("Search by code or name")).to_be_focused()
    for _ in range(4):
        keyboard.press("Tab")
    expect(page.locator("#all")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.type("Rev")
    keyboard.press("Tab")
    keyboard.press("Enter")

    announced = page.locator("body > [role=status]")
    expect(announced).to_contain_text("1 account is mapped to Revenue.")
    assert line_of(anna.receiver, STRANGER) == "Revenue"
    expect(page.locator("#map-chosen")).to_be_focused()
    names = page.locator(".tree .line > :first-child")
    before = names.all_text_contents()
    line(page, "Cost of sales").locator(".line-menu summary").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Move up")).to_be_focused()
    keyboard.press("Enter")
    expect(said(page, "The line is moved.")).to_be_visible()
    assert names.all_text_contents() != before
    anna.check("mapping-moved")


@pytest.mark.usefixtures("structure")
def test_all_that_a_search_finds_are_mapped_at_once(anna: Visitor) -> None:
    anna.goto(f"{URL}?type=expense")
    anna.page.locator("#all").check()
    anna.page.get_by_label("Map to line").select_option("\u2003\u2003Cost of sales")
    anna.page.get_by_role("button", name="Map", exact=True).click()

    expect(said(anna.page, "1997 accounts are mapped to Cost of sales.")).to_be_visible()
    assert line_of(anna.receiver, MANY) == "Cost of sales"


@pytest.mark.usefixtures("structure")
def test_a_line_is_renamed_copied_and_deleted(anna: Visitor) -> None:
    page = anna.page
    anna.goto(URL)
    page.get_by_label("New line").fill("Grants")
    page.get_by_role("button", name="Add the line").click()
    expect(line(page, "Grants")).to_be_visible()

    line(page, "Revenue").locator(".line-menu summary").click()
    anna.check("mapping-line-menu")
    page.locator(".line-menu[open]").get_by_role("link").click()
    anna.check("mapping-line")
    expect(said(page, "1 account becomes unmapped")).to_be_visible()
    page.get_by_role("button", name="Delete the line").click()

    expect(said(page, "3 accounts of this statement are unmapped.")).to_be_visible()
    assert line_of(anna.receiver, SALES) is None


@pytest.mark.usefixtures("structure")
def test_two_people_do_not_overwrite_each_other(anna: Visitor) -> None:
    other = anna.page.context.new_page()
    anna.goto(URL)
    other.goto(anna.receiver.url + URL)
    other.get_by_label("New line").fill("Grants")
    other.get_by_role("button", name="Add the line").click()
    expect(line(other, "Grants")).to_be_visible()

    anna.page.get_by_label("New line").fill("Gifts")
    anna.page.get_by_role("button", name="Add the line").click()

    expect(anna.page.get_by_role("alert")).to_contain_text("Someone else changed this")
    expect(line(anna.page, "Grants")).to_be_visible()
    expect(anna.page.locator(".line", has_text="Gifts")).to_have_count(0)


@pytest.mark.usefixtures("structure")
def test_a_viewer_only_looks(bob: Visitor) -> None:
    bob.goto(URL)

    expect(said(bob.page, "An administrator of the connection can change it.")).to_be_visible()
    expect(bob.page.get_by_role("button", name="Map")).to_have_count(0)
    bob.check("mapping-viewer")


@pytest.mark.usefixtures("structure")
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_phone_shows_it_too(chromium: Browser, receiver: Receiver, is_dark: bool) -> None:
    visitor = visit(chromium, receiver, width=PHONE, is_dark=is_dark)
    visitor.sign_in("anna")
    visitor.page.wait_for_url(receiver.url + "/")

    for name, path in (
        ("list", "/mapping/acme/"),
        ("editor", URL),
        ("line", f"{URL}lines/1"),
        ("automatic", f"{URL}automatic"),
    ):
        visitor.goto(path)
        visitor.check(f"phone-mapping-{name}-{is_dark}")
