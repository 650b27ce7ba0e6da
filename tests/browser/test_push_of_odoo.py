"""A real Odoo with the addon, walked by its administrator in both programs: from Add to delete.

The figures in the browser are compared with Odoo's own. One story a test, in the order of a day.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from monitr_wire.streams import STREAMS
from playwright.sync_api import Browser, Locator, Page, expect

from receiver.web.pages.shared.jinja_filters import MINUS
from tests.browser.odoo_screen import PATIENCE, OdooScreen
from tests.browser.visitor import Visitor, add_user, keep_picture, visit
from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.books_script import COMPANY_A, COMPANY_B
from tests.odoo.figures import (
    BOOKS,
    LONG_AGO,
    allocated_in_odoo,
    balances_in_odoo,
    currency_in_odoo,
    fiscal_year_start,
    results_in_odoo,
    set_fiscal_years,
)
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, running_receiver
from tests.postgres import PostgresServer

FIRST, LAST, DAY_BEFORE = "2025-01-01", "2025-12-31", "2024-12-31"
RECEIVABLE = "121000 Account Receivable"
RECEIVABLES = ("asset_receivable", "receivable")  # since 16, and before
SIDES = {"Receivables": RECEIVABLES, "Payables": ("liability_payable", "payable")}
CREDIT_IS_POSITIVE = ("income", "liability", "equity")  # Odoo's internal groups
ROWS = """(rows, name) => rows.map(row => [
  (row.querySelector(name) ?? row.cells[0]).innerText.trim(),
  [...row.querySelectorAll("td.number")].map(cell => cell.innerText.trim()),
])"""

Amounts = list[Decimal | None]

each_company = pytest.mark.parametrize("company", [COMPANY_A, COMPANY_B])


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """An Odoo with the addon and a receiver, which have not heard of each other."""
    folder = tmp_path_factory.mktemp("walk")
    with (
        copy_of_books_with_addon(installation, postgres, folder / "odoo") as odoo,
        running_receiver(installation.series, postgres, folder, odoo.database) as receiver,
    ):
        odoo.start()
        pair = Paired(odoo, receiver)
        set_fiscal_years(pair)
        add_user(receiver, "anna", is_administrator=True)
        yield pair


@pytest.fixture(scope="module")
def anna(chromium: Browser, pair: Paired) -> Iterator[Visitor]:
    """She administers Monitr and, in another tab of the same browser, Odoo."""
    visitor = visit(chromium, pair.receiver)
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.sign_in("anna")
    visitor.page.wait_for_url(visitor.receiver.url + "/")
    yield visitor
    visitor.page.context.close()


@pytest.fixture(scope="module")
def screen(anna: Visitor, pair: Paired) -> OdooScreen:
    """Odoo's Settings > Monitr."""
    screen = OdooScreen(pair.odoo, anna.page.context.new_page())
    screen.sign_in()
    screen.open_settings()
    return screen


@pytest.fixture(scope="module")
def pushed(pair: Paired, anna: Visitor, screen: OdooScreen) -> Paired:
    """Connected and pushed by hand, accounts mapped."""
    key = add_odoo(anna)
    connect(screen, key)
    expect(anna.page.get_by_text("Odoo was heard")).to_be_visible()
    anna.page.get_by_role("button", name="Go to onboarding").click()
    push(anna, screen)
    map_accounts(anna, pair.odoo.series)
    return pair


def add_odoo(anna: Visitor) -> str:
    """The connection key, as it comes from the clipboard."""
    page = anna.page
    anna.goto("/")
    page.get_by_role("link", name="Integrations").click()
    expect(page.get_by_role("link", name="Accounting Software")).to_be_visible()
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Self-hosted").click()
    page.get_by_role("link", name="Push, with the addon").click()
    page.get_by_label("Name of the connection").fill(NAME)
    page.get_by_role("button", name="Make the connection key").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def connect(screen: OdooScreen, key: str) -> None:
    screen.paste_key(key)
    screen.choose_companies(COMPANY_A, COMPANY_B)
    screen.choose_user("Accountant Ab")
    screen.save()
    screen.press("Test connection")
    screen.expect_notification(
        f'knows this Odoo as "{NAME}". Accountant Ab can read the books of .*{COMPANY_A}',
        "odoo-connected",
    )


def push(anna: Visitor, screen: OdooScreen) -> None:
    """The onboarding page follows by itself."""
    expect(anna.page.get_by_text("Press Push now in Odoo")).to_be_visible()
    anna.check(f"push-onboarding-begins-{screen.odoo.series}")
    screen.press("Push now")
    expect(anna.page.get_by_text("Tied out")).to_be_visible()
    expect(screen.status).to_contain_text(re.compile("^Tied out at .*difference 0.00"))
    screen.keep_picture("odoo-tied-out")


def map_accounts(anna: Visitor, series: str) -> None:
    page = anna.page
    page.get_by_role("link", name="Go to the account mapping").click()
    page.get_by_role("button", name="Make the structure").click()
    expect(page.get_by_text("Every account of this statement is mapped.").first).to_be_visible()
    anna.check(f"push-mapping-{series}")


def test_odoo_says_what_is_wrong_with_a_key_and_a_user(pair: Paired, screen: OdooScreen) -> None:
    screen.paste_key("a password")
    screen.expect_refusal("it starts with monitr_", "odoo-wrong-key")
    key = pair.receiver.add_connection("elsewhere")
    screen.paste_key(key[:-5])
    screen.expect_refusal("incomplete: copy it again", "odoo-half-a-key")
    screen.paste_key(key)
    screen.press("Push now")
    screen.expect_push_refusal("Choose the user whose rights are used", "odoo-no-user")
    screen.choose_user("Billing Only")
    screen.press("Test connection")
    screen.expect_refusal('"Billing Only" may not see .*Globex', "odoo-missing-permissions")
    screen.choose_companies(COMPANY_A)
    screen.choose_user("Plain User")
    screen.press("Test connection")
    screen.expect_refusal("has less than Accountant access", "odoo-no-accountant")
    pair.receiver.monitr("connection", "delete", "elsewhere", "--yes")
    screen.choose_user("Accountant Ab")
    screen.press("Test connection")
    screen.expect_refusal("refused: ", "odoo-unknown-key")


def test_both_ends_say_that_the_books_tie_out(
    pushed: Paired, anna: Visitor, screen: OdooScreen
) -> None:
    page = anna.page
    anna.goto("/integrations")
    card = page.get_by_role("article", name=NAME)
    expect(card).to_contain_text("Acme, Globex")
    expect(card).to_contain_text("Configured")
    expect(card).to_contain_text("Tied out")
    anna.check(f"push-card-{pushed.odoo.series}")
    page.get_by_role("link", name="Health").first.click()
    expect(page.get_by_role("row", name=NAME)).to_contain_text("Alive")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_text(f"{pushed.odoo.series}, {pushed.odoo.database}")).to_be_visible()
    expect(page.get_by_text("Pushes failed")).to_have_count(0)
    anna.check(f"push-health-{pushed.odoo.series}")
    [(count,)] = pushed.odoo.sql("SELECT sent_count FROM monitr_run ORDER BY id DESC LIMIT 1")
    sent = f"{count:,} records sent"
    expect(screen.status).to_contain_text(sent)
    expect(page.get_by_role("table", name="Proofs")).to_contain_text(f"{count:,}")


@each_company
def test_the_profit_and_loss_equals_odoos(pushed: Paired, anna: Visitor, company: str) -> None:
    """One company's fiscal year ends in June, and its currency is another."""
    shown = figures(show(anna, "Profit and loss", company))

    results = results_in_odoo(pushed, company, FIRST, LAST)
    this_year = results_in_odoo(pushed, company, fiscal_year_start(company, LAST), LAST)
    assert of_accounts(shown) == by_code(pushed, company, results)
    assert shown["Result"][0] == -sum(results.values())
    assert shown["Result"][-1] == -sum(this_year.values())
    expect(anna.page.locator(".page-head")).to_contain_text(currency_in_odoo(pushed, company))
    anna.check(f"push-profit-and-loss-{company}-{pushed.odoo.series}")


@each_company
def test_the_balance_sheet_equals_odoos(pushed: Paired, anna: Visitor, company: str) -> None:
    shown = figures(show(anna, "Balance sheet", company))

    results = results_in_odoo(pushed, company, LONG_AGO, LAST)
    this_year = results_in_odoo(pushed, company, fiscal_year_start(company, LAST), LAST)
    balances = balances_in_odoo(pushed, company, LONG_AGO, LAST)
    lasting = {id: balance for id, balance in balances.items() if id not in results}
    assert of_accounts(shown) == by_code(pushed, company, lasting)
    assert shown["Current year earnings"] == [-sum(this_year.values())]
    earlier = sum(this_year.values()) - sum(results.values())
    assert shown["Unallocated earnings of previous years"] == [earlier]
    assert shown["Difference"] == [0]
    anna.check(f"push-balance-sheet-{company}-{pushed.odoo.series}")


def test_the_cash_flow_is_by_how_much_odoos_cash_grew(pushed: Paired, anna: Visitor) -> None:
    """The other company's payments are not on its bank yet, so it has no cash."""
    company = COMPANY_A

    shown = figures(show(anna, "Cash flow", company))

    is_cash = is_of_type(pushed, "asset_cash", "liquidity")
    grown = balances_in_odoo(pushed, company, FIRST, LAST, is_cash)
    held = balances_in_odoo(pushed, company, LONG_AGO, LAST, is_cash)
    assert shown["Change in cash"][0] == sum(grown.values())
    assert shown["Cash at the end"][0] == sum(held.values())
    anna.check(f"push-cash-flow-{pushed.odoo.series}")


@each_company
def test_the_trial_balance_equals_odoos(pushed: Paired, anna: Visitor, company: str) -> None:
    shown = figures(show(anna, "Trial balance", company))

    before = balances_in_odoo(pushed, company, LONG_AGO, DAY_BEFORE)
    until = balances_in_odoo(pushed, company, LONG_AGO, LAST)
    for column, in_odoo in ((0, before), (-1, until)):
        codes = codes_in_odoo(pushed, company, in_odoo)
        assert {code: row[column] for code, row in shown.items() if row[column]} == {
            codes[id]: balance for id, balance in in_odoo.items()
        }
    anna.check(f"push-trial-balance-{company}-{pushed.odoo.series}")


@each_company
def test_the_general_ledger_of_an_account_equals_odoos(
    pushed: Paired, anna: Visitor, company: str
) -> None:
    page = anna.page
    show(anna, "General ledger", company)
    page.get_by_role("combobox", name="Account").select_option(label=RECEIVABLE)
    press_show(page)

    shown = rows_of(page.locator("#ledger tr:has(td a)"), name="td a")
    in_odoo = pushed.odoo.sql(
        f"SELECT move_name, NULLIF(debit, 0), NULLIF(credit, 0) FROM {BOOKS}"
        f" WHERE company_id = %s AND date BETWEEN %s AND %s AND {is_of_type(pushed, *RECEIVABLES)}",
        [pushed.company_id(company), FIRST, LAST],
    )
    assert sorted(str((name, debit, credit)) for name, (debit, credit, _) in shown) == sorted(
        str(item) for item in in_odoo
    )
    anna.check(f"push-general-ledger-{company}-{pushed.odoo.series}")


def test_the_dimensions_equal_odoos_shares(pushed: Paired, anna: Visitor) -> None:
    page = anna.page
    page.get_by_role("link", name="Dimensions", exact=True).click()
    ask(page, COMPANY_A, first=LONG_AGO)

    shown = dict(rows_of(page.locator("#report tr:has(a.turn)")))
    allocated = allocated_in_odoo(pushed, COMPANY_A, LONG_AGO, LAST)
    accounts = pushed.odoo.call(
        "account.analytic.account", "search_read", [["id", "in", [*allocated]]], ["code"]
    )
    assert accounts
    for account in accounts:
        assert shown[account["code"]][0] == round(allocated[account["id"]], 2)
    anna.check(f"push-dimensions-{pushed.odoo.series}")


@each_company
@pytest.mark.parametrize("side", ["Receivables", "Payables"])
def test_the_outstanding_items_equal_odoos_residuals(
    pushed: Paired, anna: Visitor, company: str, side: str
) -> None:
    page = anna.page
    page.get_by_role("link", name="Outstanding", exact=True).click()
    choose_company(page, company)
    page.get_by_role("link", name=side, exact=True).click()

    in_odoo = residuals_in_odoo(pushed, company, side)
    shown = figures(page.get_by_role("table", name=side))
    assert shown.pop("Total")[-1] == sum(in_odoo.values())
    # Who owes as much as is owed to them, at different ages, is shown too.
    assert {name: row[-1] for name, row in shown.items() if row[-1]} == in_odoo
    expect(page.get_by_text("Equals the balance sheet's")).to_be_visible()
    anna.check(f"push-outstanding-{side}-{company}-{pushed.odoo.series}")


@each_company
def test_the_overview_is_of_odoos_fiscal_year(pushed: Paired, anna: Visitor, company: str) -> None:
    page = anna.page
    page.get_by_role("link", name="Overview", exact=True).click()
    choose_company(page, company)

    today = datetime.now(UTC).date().isoformat()
    since = fiscal_year_start(company, today)
    results = results_in_odoo(pushed, company, since, today)
    figure = page.get_by_role("article").filter(has_text="Result of this fiscal year")
    expect(figure).to_contain_text(f"since {date.fromisoformat(since):%-d %b %Y}")
    assert amount_of(figure.locator(".value").inner_text()) == -sum(results.values())
    for label in ("Receivables", "Payables"):
        figure = page.get_by_role("article").filter(has_text=label)
        total = sum(residuals_in_odoo(pushed, company, label).values())
        assert amount_of(figure.locator(".value").inner_text()) == total
    anna.check(f"push-overview-{company}-{pushed.odoo.series}")


def test_a_figure_leads_to_its_items_and_on_to_the_entry_in_odoo(
    pushed: Paired, anna: Visitor
) -> None:
    page = anna.page
    revenue = show(anna, "Profit and loss", COMPANY_A).get_by_role("row", name="Product Sales")
    revenue.get_by_role("link").last.click()
    expect(page.get_by_role("heading", name="General ledger")).to_be_visible()
    entry = page.locator("#ledger a").first
    name = entry.inner_text()
    entry.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    anna.check(f"push-entry-{pushed.odoo.series}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Open in Odoo").click()

    odoo = opened.value
    odoo.set_default_timeout(PATIENCE)
    expect(odoo.locator(".o_form_view").get_by_text(name, exact=True).first).to_be_visible(
        timeout=PATIENCE
    )
    keep_picture(odoo, f"odoo-entry-{pushed.odoo.series}")
    odoo.close()


@each_company
def test_csv_and_xlsx_hold_the_figures_of_the_page(
    pushed: Paired, anna: Visitor, company: str
) -> None:
    for report in ("Profit and loss", "Trial balance"):
        shown = of_accounts(figures(show(anna, report, company)), column=-1)

        for rows in (downloaded_csv(anna.page), downloaded_xlsx(anna.page)):
            assert taken_away(rows) == shown
            assert len(shown) > 3


def test_what_changes_in_odoo_is_seen_after_the_next_push(
    pushed: Paired, anna: Visitor, screen: OdooScreen
) -> None:
    page = anna.page
    before = figures(show(anna, "Profit and loss", COMPANY_B))["Result"][0]
    name = post_invoice(pushed, COMPANY_B, "1234.56")

    screen.push()
    after = figures(show(anna, "Profit and loss", COMPANY_B))["Result"][0]

    assert before is not None
    assert after == before + Decimal("1234.56")
    show(anna, "General ledger", COMPANY_B)
    expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
    expect(page.get_by_text("Tied out with Odoo")).to_be_visible()


def test_removing_keeps_what_was_sent_and_odoo_is_refused(
    pushed: Paired, anna: Visitor, screen: OdooScreen
) -> None:
    page = anna.page
    before = figures(show(anna, "Trial balance", COMPANY_B))
    open_settings(page)
    page.get_by_role("button", name="Remove the connection").click()
    expect(page.get_by_text(f"{NAME} is disconnected. Its data is kept.")).to_be_visible()
    anna.check(f"push-removed-{pushed.odoo.series}")

    screen.press("Push now")
    screen.expect_push_refusal("refused: ", "odoo-removed")
    assert figures(show(anna, "Trial balance", COMPANY_B)) == before


def test_deleting_takes_the_name_typed_and_leaves_nothing(pushed: Paired, anna: Visitor) -> None:
    page = anna.page
    open_settings(page)
    page.get_by_role("button", name="Delete the entire integration").click()
    page.get_by_label(f"Type {NAME} to go on").fill(NAME)
    page.get_by_role("button", name="Delete the entire integration").click()

    expect(page.get_by_text(f"{NAME} and all its data are deleted.")).to_be_visible()
    for stream in STREAMS:
        assert pushed.receiver.sql(f"SELECT count(*) FROM {stream.name}") == [(0,)]


def open_settings(page: Page) -> None:
    page.get_by_role("link", name="Integrations", exact=True).click()
    page.get_by_role("link", name=f"Settings of {NAME}").click()


def show(anna: Visitor, report: str, company: str) -> Locator:
    """The report's table, of the year, with its accounts."""
    page = anna.page
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("navigation", name="Reports").get_by_role("link", name=report).click()
    ask(page, company, detail="With accounts")
    return page.get_by_role("table", name=report).first


def ask(page: Page, company: str, *, first: str = FIRST, detail: str | None = None) -> None:
    """Fill in what the report offers, and press Show."""
    page.get_by_role("combobox", name="Company").select_option(label=company)
    page.get_by_label("From", exact=True).fill(first)
    page.get_by_label("To", exact=True).fill(LAST)
    for label, choice in (("Columns", "Total only"), ("Show", detail)):
        offer = page.get_by_role("combobox", name=label)
        if choice and offer.count():
            offer.select_option(label=choice)
    press_show(page)


def press_show(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Show", exact=True).click()


def choose_company(page: Page, company: str) -> None:
    """In the head of the page."""
    chooser = page.locator(".chooser", has_text="Company")
    chooser.locator("summary").click()
    with page.expect_navigation():
        chooser.get_by_role("link", name=company).click()


def figures(table: Locator) -> dict[str, Amounts]:
    """Each row's amounts, by the code of its account, else by its name."""
    return dict(rows_of(table.locator("tr:has(td.number)")))


def rows_of(rows: Locator, name: str = ".code") -> list[tuple[str, Amounts]]:
    read = rows.evaluate_all(ROWS, name)
    return [(called, [amount_of(text) for text in texts]) for called, texts in read]


def amount_of(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "").replace(MINUS, "-")) if text else None


def of_accounts(shown: dict[str, Amounts], column: int = 0) -> dict[str, Decimal]:
    amounts = {name: row[column] for name, row in shown.items() if name.isdigit()}
    return {name: amount for name, amount in amounts.items() if amount}


def downloaded_csv(page: Page) -> list[list[object]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    with download.value.path().open(newline="", encoding="utf-8-sig") as file:
        return [[*row] for row in csv.reader(file)]


def downloaded_xlsx(page: Page) -> list[list[object]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="XLSX", exact=True).click()
    with download.value.path().open("rb") as file:
        sheet = openpyxl.load_workbook(file).active
        return [[cell.value for cell in row] for row in sheet.rows]


def taken_away(rows: list[list[object]]) -> dict[str, Decimal]:
    """The last amount of each account, by its code."""
    head, *body = rows
    [code] = [number for number, name in enumerate(head) if name in ("code", "account_code")]
    amounts = {str(row[code]): round(Decimal(str(row[-1])), 2) for row in body if row[code]}
    return {name: amount for name, amount in amounts.items() if amount}


def post_invoice(pair: Paired, company: str, price: str) -> str:
    """Of the last day; its number."""
    id = pair.company_id(company)
    context = {"allowed_company_ids": [id]}
    line = {
        "name": "Sold today",
        "price_unit": float(price),
        "account_id": accounts_in_odoo(pair, company, [["code", "=", "400000"]])[0]["id"],
        "tax_ids": [[6, 0, []]],
    }
    [customer] = pair.odoo.call("res.partner", "search", [["name", "=", "Customer 1"]], limit=1)
    values = {
        "move_type": "out_invoice",
        "partner_id": customer,
        "company_id": id,
        "invoice_date": LAST,
        "invoice_line_ids": [[0, 0, line]],
    }
    invoice = pair.odoo.call("account.move", "create", values, context=context)
    pair.odoo.call("account.move", "action_post", [invoice], context=context)
    [(name,)] = pair.odoo.sql("SELECT name FROM account_move WHERE id = %s", [invoice])
    return str(name)


def by_code(pair: Paired, company: str, balances: dict[int, Decimal]) -> dict[str, Decimal]:
    """Balances as statements show them: income, liabilities and equity are positive in credit."""
    accounts = accounts_in_odoo(pair, company, [["id", "in", [*balances]]])
    return {
        account["code"]: balances[account["id"]]
        * (-1 if account["internal_group"] in CREDIT_IS_POSITIVE else 1)
        for account in accounts
    }


def codes_in_odoo(pair: Paired, company: str, ids: Iterable[int]) -> dict[int, str]:
    accounts = accounts_in_odoo(pair, company, [["id", "in", [*ids]]])
    return {account["id"]: account["code"] for account in accounts}


def accounts_in_odoo(pair: Paired, company: str, domain: list[Any]) -> list[dict[str, Any]]:
    """From 18 on an account has its code in a company."""
    context = {"allowed_company_ids": [pair.company_id(company)], "active_test": False}
    fields = ["code", "internal_group"]
    found = pair.odoo.call("account.account", "search_read", domain, fields, context=context)
    return [dict(account) for account in found]


def residuals_in_odoo(pair: Paired, company: str, side: str) -> dict[str, Decimal]:
    """What each partner owes or is owed."""
    rows = pair.odoo.sql(
        f"SELECT partner_id, sum(amount_residual) FROM {BOOKS} WHERE company_id = %s"
        f" AND {is_of_type(pair, *SIDES[side])} GROUP BY 1 HAVING sum(amount_residual) <> 0",
        [pair.company_id(company)],
    )
    partners = pair.odoo.call("res.partner", "read", [id for id, _ in rows], ["display_name"])
    names = {partner["id"]: partner["display_name"] for partner in partners}
    return {names[id]: -amount if side == "Payables" else amount for id, amount in rows}


def is_of_type(pair: Paired, *types: str) -> str:
    """A condition on a journal item; types are called otherwise before 16."""
    column = "account_type" if pair.odoo.series >= "16.0" else "internal_type"
    listed = ", ".join(f"'{type}'" for type in types)
    return f"account_id IN (SELECT id FROM account_account WHERE {column} IN ({listed}))"
