"""The report pages: figures equal the API's, lead to their items, and are seen by who may."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import (
    Starter,
    create_structure,
    delete_structure,
)
from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.store.store import store
from receiver.db.tables import STREAM_TABLES, proofs
from tests.receiver.batches import incoming_of
from tests.receiver.records import journal_item, record_of
from tests.receiver.report_books.two_years import NOW, add_year_books
from tests.receiver.web.pages.conftest import Browser
from tests.receiver.web.pages.rows import YEAR, amounts_of, as_written, get, rows_of

PAGES = "/reports/acme"
STATEMENTS = ("profit-and-loss", "balance-sheet", "cash-flow")


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """What the reports ask the database is tested in report/, on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_database"))


def api_rows(report: dict[str, Any], columns: list[int]) -> Iterator[tuple[str, list[str]]]:
    for line in report["lines"]:
        amounts = [line["amounts"][number] for number in columns]
        if line["kind"] != "unmapped" or any(Decimal(each) for each in line["amounts"]):
            yield line["name"] or "Unmapped", amounts
        for account in line["accounts"]:
            name = account["name"] or f"Account {account['id']}, not arrived yet"
            words = [account["code"] or "", name]
            yield " ".join(filter(None, words)), [account["amounts"][n] for n in columns]


@pytest.mark.parametrize("report", STATEMENTS)
@pytest.mark.parametrize("company_id", ["1", "2", "1,2"])
def test_a_statement_has_the_figures_of_the_api(
    api: FlaskClient, bob: Browser, report: str, company_id: str
) -> None:
    asked = f"{YEAR}&company_id={company_id}"
    found = api.get(f"/v1/connections/acme/reports/{report}?{asked}").get_json()

    page = get(bob, f"{PAGES}/{report}?{asked}&detail=accounts&zeros=yes")

    rows = [row for row in rows_of(page) if row.kind != "total"]
    count = len(rows[0].amounts)
    assert count >= 12
    assert sorted((row.name.removesuffix(" Map accounts"), row.amounts) for row in rows) == sorted(
        api_rows(found, [*range(count)])
    )
    totals = [row.amounts for row in rows_of(page) if row.kind == "total"]
    assert found["totals"]["net"]["amounts"][:count] in totals


def test_a_comparison_stands_beside_with_the_difference(api: FlaskClient, bob: Browser) -> None:
    asked = f"{YEAR}&by=quarter&comparison=previous_year&company_id=2"
    found = api.get(f"/v1/connections/acme/reports/profit-and-loss?{asked}").get_json()

    page = get(bob, f"{PAGES}/profit-and-loss?{asked}")

    [total] = [row.amounts for row in rows_of(page) if row.kind == "total"]
    net = found["totals"]["net"]
    assert total[0::4] == net["amounts"][:5]
    assert total[1::4] == net["compared"][:5]
    for this, before, difference, percentage in zip(*(total[n::4] for n in range(4)), strict=True):
        assert Decimal(this) - Decimal(before) == Decimal(difference)
        is_something = Decimal(before) != 0
        expected = Decimal(difference) / abs(Decimal(before) or 1) * 100
        assert percentage == (f"{expected:.1f}%" if is_something else "")


@pytest.mark.parametrize("report", STATEMENTS)
@pytest.mark.parametrize("company_id", ["1", "3", "1,2"])  # from July; in dollars; of two kinds
def test_every_figure_opens_the_items_that_it_is_made_of(
    books: None, bob: Browser, report: str, company_id: str
) -> None:
    asked = f"{YEAR}&by=year&comparison=previous_year&detail=accounts&company_id={company_id}"
    checked = 0
    for row in rows_of(get(bob, f"{PAGES}/{report}?{asked}")):
        for number, (amount, link) in enumerate(row.pairs):
            if number % 4 > 1:
                continue  # differences and percentages
            if not link:
                assert (company_id, report != "balance-sheet") == ("1,2", True)  # no common year
                continue
            ledger = get(bob, link)
            figure = re.search(r'id="figure">([^<]*)<', ledger)
            assert figure
            assert as_written(figure[1]) == amount, row
            totals = [each.amounts[2] for each in rows_of(ledger)] or ["0"]
            assert abs(Decimal(totals[-1])) == abs(Decimal(amount)), row
            checked += 1
    assert checked > 20


def test_every_figure_of_the_trial_balance_opens_its_items(books: None, bob: Browser) -> None:
    page = get(bob, f"{PAGES}/trial-balance?{YEAR}")

    [bank] = [row for row in re.findall(r"<tr>(.*?)</tr>", page, re.S) if "550000" in row]
    opening, debit, credit, closing = amounts_of(bank)
    before, *others = re.findall(r'<a href="([^"]*)"', bank)
    assert rows_of(get(bob, unescape(before)))[-1].amounts[2] == opening
    for link in others:
        assert rows_of(get(bob, unescape(link)))[-1].amounts == [debit, credit, closing]


@pytest.mark.parametrize(
    ("path", "narrowed"),
    [
        ("/dimensions/acme/items", "plan_id=1&analytic_account_id=1&account_id=4"),
        (f"{PAGES}/general-ledger", "account_id=1,2"),
        (f"{PAGES}/general-ledger", "line_id=1&structure_id=1"),
        (f"{PAGES}/general-ledger", "unmapped=balance_sheet"),
    ],
)
def test_other_days_keep_what_is_narrowed(
    books: None, bob: Browser, path: str, narrowed: str
) -> None:
    page = get(bob, f"{path}?{YEAR}&{narrowed}")

    days = re.findall(
        r'<a href="([^"]*)"', page.split('<nav class="periods"')[1].split("</nav>")[0]
    )
    assert len(days) > 2
    for link in days:
        asked = parse_qs(urlsplit(unescape(link)).query)
        assert parse_qs(narrowed).items() <= asked.items()


def test_every_account_is_shown_again(books: None, bob: Browser) -> None:
    page = get(bob, f"{PAGES}/general-ledger?{YEAR}&line_id=1")

    every = re.search(r'<a href="([^"]*)">Show every account', page)

    assert every
    assert "line_id" not in every[1]
    assert "What this line is made of" not in get(bob, unescape(every[1]))


def test_the_trial_balance_has_the_figures_of_the_api(api: FlaskClient, bob: Browser) -> None:
    found = api.get(f"/v1/connections/acme/trial-balance?{YEAR}&company_id=1").get_json()
    names = ("opening_balance", "debit", "credit", "closing_balance")

    page = get(bob, f"{PAGES}/trial-balance?{YEAR}")

    rows = re.findall(r"<tr>(.*?)</tr>", page.split('class="sheet"')[1], re.S)
    assert [amounts_of(row) for row in rows[1:]] == [
        [account[name] for name in names] for account in found["accounts"]
    ]
    [total] = [row.amounts for row in rows_of(page) if row.kind == "total"]
    assert total == [found["totals"][name] for name in names]


def test_more_items_lead_to_all_items_of_the_api(api: FlaskClient, bob: Browser) -> None:
    url = f"/v1/connections/acme/reports/general-ledger?{YEAR}&company_id=1&limit=1000"
    found = api.get(url).get_json()
    seen: list[str] = []
    opened = 0
    path: str | None = f"{PAGES}/general-ledger?{YEAR}"
    while path:
        page = get(bob, path)
        seen += re.findall(r"/entries/(\d+)", page)
        opened += page.count("opening balance")
        more = re.search(r'<a href="([^"]*)" hx-get=[^\n]*>More items', page)
        path = unescape(more[1]) if more else None

    assert seen == [str(each["entry_id"]) for each in found["items"]]
    assert opened == len(found["accounts"])
    assert len(seen) > 100


def test_an_entry_shows_its_items_shares_proof_and_odoo(books: None, bob: Browser) -> None:
    page = get(bob, f"{PAGES}/entries/3")

    assert "INV/2024/07/1" in page
    assert "Workshop 60 %" in page
    assert 'href="https://odoo.acme.example/odoo/account.move/3"' in page
    assert "run-1" in page
    for no_entry in ("999999", "9" * 30, "x"):
        assert bob.get(f"{PAGES}/entries/{no_entry}").status_code == 404


@pytest.mark.parametrize("report", [*STATEMENTS, "trial-balance", "general-ledger"])
def test_csv_and_xlsx_hold_the_figures_of_the_page(books: None, bob: Browser, report: str) -> None:
    path = f"{PAGES}/{report}?{YEAR}"
    page = get(bob, f"{path}&zeros=yes&detail=accounts")

    text = bob.get(f"{path}&format=csv")
    book = bob.get(f"{path}&format=xlsx")

    rows = list(csv.reader(io.StringIO(text.text, newline="")))
    assert text.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert sheet.max_row == len(rows)
    values = {f"{Decimal(str(c.value)):.2f}" for row in sheet for c in row if is_number(c.value)}
    for row in rows_of(page):
        if row.kind in ("top", "part", "account"):
            assert {*row.amounts} <= values, row


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


def test_lines_open_and_close_and_zeros_are_left_away(books: None, bob: Browser) -> None:
    usual = get(bob, f"{PAGES}/profit-and-loss?{YEAR}")
    turn = re.search(r'id="line-\d+" href="([^"#]*)[^>]*aria-expanded="false"[^>]*>Revenue', usual)
    assert turn

    opened = get(bob, unescape(turn[1]))
    all_lines = get(bob, f"{PAGES}/profit-and-loss?{YEAR}&zeros=yes")
    main_lines = get(bob, f"{PAGES}/profit-and-loss?{YEAR}&detail=top")

    assert "Sales of goods" not in usual
    assert "Sales of goods" in opened
    assert "Other expenses" not in usual
    assert "Other expenses" in all_lines
    assert ">Operating result<" in main_lines
    assert "Gross profit" not in main_lines


def test_cash_that_did_not_move_is_shown(books: None, bob: Browser) -> None:
    moved = rows_of(get(bob, f"{PAGES}/cash-flow?{YEAR}&company_id=2&by=total"))
    at_the_end = {row.name: row.amounts[0] for row in moved}["Cash at the end"]

    page = get(bob, f"{PAGES}/cash-flow?from=2026-01-01&to=2026-01-31&company_id=2&by=total")

    amounts = {row.name: row.amounts[0] for row in rows_of(page)}
    assert amounts["Cash at the beginning"] == amounts["Cash at the end"] == at_the_end
    assert "Nothing was booked" not in page


def test_a_ledger_of_one_account_has_one_total(books: None, bob: Browser) -> None:
    page = get(bob, f"{PAGES}/general-ledger?{YEAR}&company_id=1&account_id=10")

    assert page.count("Total of the account") == 1
    assert "Total of 1" not in page


def test_what_is_not_mapped_is_in_sight_and_what_is_proven(books: None, bob: Browser) -> None:
    page = get(bob, f"{PAGES}/balance-sheet?{YEAR}")

    [unmapped] = [row for row in rows_of(page) if row.kind == "unmapped"]
    assert unmapped.amounts[0] == "-418.20"
    assert "unmapped=balance_sheet" in unmapped.links[0]
    assert 'href="/mapping/acme/1/?statement=balance_sheet"' in page
    assert "Tied out with Odoo at" in page
    assert "difference 0.00" in page.replace("\n", " ")


def test_the_totals_of_a_balance_sheet_say_what_is_unmapped(books: None, bob: Browser) -> None:
    totals = {
        row.name: Decimal(row.amounts[0])
        for row in rows_of(get(bob, f"{PAGES}/balance-sheet?{YEAR}"))
        if row.kind == "total"
    }

    other = totals["Total liabilities and equity"] + totals["Unmapped"]
    assert totals["Total assets"] == other
    assert totals["Unmapped"] == Decimal("-418.20")
    assert totals["Difference"] == 0


def test_what_is_too_wide_for_paper_is_on_several_sheets(books: None, bob: Browser) -> None:
    narrow = get(bob, f"{PAGES}/profit-and-loss?{YEAR}")
    page = get(bob, f"{PAGES}/profit-and-loss?{YEAR}&comparison=previous_year")

    on_screen, *on_paper = page.split('<table class="sheet">')[1:]
    heads = [re.findall(r'class="over">([^<]*)', table) for table in (on_screen, *on_paper)]
    results = [amounts_of(table.split("<tfoot>")[1]) for table in (on_screen, *on_paper)]
    assert 'class="on-paper"' not in narrow
    assert len(on_paper) == 4
    assert (heads[0], results[0]) == ([*chain(*heads[1:])], [*chain(*results[1:])])
    ids = re.findall(r' id="(line-[^"]*)"', page)
    assert len(ids) == len({*ids})


def test_off_balance_accounts_are_below_the_totals(
    engine: Engine, books: None, bob: Browser
) -> None:
    machines = sa.update(STREAM_TABLES["accounts"]).where(STREAM_TABLES["accounts"].c.id == 16)
    with writing(engine) as db:
        db.execute(machines.values(type="off_balance"))

    rows = rows_of(get(bob, f"{PAGES}/balance-sheet?{YEAR}&by=total&zeros=yes"))

    names = [row.name for row in rows]
    apart = rows[names.index("Off-balance sheet") + 1 :]
    assert names.index("Off-balance sheet") > names.index("Total assets")
    assert [row.name for row in apart][-1] == "230000 Machines and equipment"
    for row in apart:
        ledger = get(bob, row.links[0])
        assert f'id="figure">{row.amounts[0]}' in as_written(ledger)
    totals = {row.name: Decimal(row.amounts[0]) for row in rows if row.kind == "total"}
    assert totals["Difference"] == Decimal(apart[-1].amounts[0])  # no books of Odoo's


def test_a_line_of_very_many_off_balance_accounts_opens(
    engine: Engine, books: None, bob: Browser
) -> None:
    ids = range(1001, 1103)
    accounts = [
        record_of("accounts", id=id, codes={"1": str(id)}, company_ids=(1,), type="off_balance")
        for id in ids
    ]
    items = [journal_item(id, account_id=id, date=date(2025, 3, 31), debit="2.50") for id in ids]
    with writing(engine) as db:
        connection_id = get_connection(db, "acme").id
        store(db, connection_id, incoming_of("accounts", accounts))
        store(db, connection_id, incoming_of("journal_items", items))

    rows = rows_of(get(bob, f"{PAGES}/balance-sheet?{YEAR}&by=total"))

    [line] = [row for row in rows if row.amounts == ["-255.00"]]
    ledger = get(bob, line.links[0])
    assert f'id="figure">{line.amounts[0]}' in as_written(ledger)


def test_a_comparison_is_taken_away_with_its_differences(books: None, bob: Browser) -> None:
    asked = f"{YEAR}&by=total&comparison=previous_year"
    text = bob.get(f"{PAGES}/profit-and-loss?{asked}&format=csv").text
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    [page_total] = [
        row for row in rows_of(get(bob, f"{PAGES}/profit-and-loss?{asked}")) if row.kind == "total"
    ]

    total = dict(zip(head, rows[-1], strict=True))
    column = "total 2025-01-01/2025-12-31"
    names = (column, "compared total 2024-01-01/2024-12-31", f"difference {column}")
    percentage = total[f"difference % {column}"] + "%"
    assert [*(total[name] for name in names), percentage] == page_total.amounts[:4]


@pytest.mark.parametrize(
    ("company_id", "days"), [(1, ("2025-07-01", "2025-12-31")), (2, ("2025-01-01", "2025-12-31"))]
)
def test_the_fiscal_year_up_to_the_last_month_with_items_is_shown_first(
    books: None, bob: Browser, company_id: int, days: tuple[str, str]
) -> None:
    page = get(bob, f"{PAGES}/profit-and-loss?company_id={company_id}")

    assert re.findall(r'type="date" name="\w+" value="([^"]*)"', page) == [*days]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (sa.update(proofs).values(made_by="aggregates"), "by counts and sums, no difference."),
        (sa.update(STREAM_TABLES["currencies"]).values(decimal_places=0), "no difference."),
        (sa.update(STREAM_TABLES["currencies"]).values(decimal_places=3), "difference 0.000."),
    ],
    ids=["sums", "no decimals", "three decimals"],
)
def test_it_says_how_it_was_proven(
    engine: Engine, books: None, bob: Browser, change: sa.Update, words: str
) -> None:
    with writing(engine) as db:
        db.execute(change)

    page = " ".join(get(bob, f"{PAGES}/trial-balance?{YEAR}").split())

    assert f"</a>, {words}" in page


def test_companies_of_different_currencies_get_a_choice(books: None, bob: Browser) -> None:
    answer = bob.get(f"{PAGES}/profit-and-loss?{YEAR}&company_id=1,3")

    assert answer.status_code == 422
    assert "currencies" in answer.text
    assert '<option value="1,2">All in EUR (2)</option>' in answer.text


@pytest.mark.parametrize(
    "wrong",
    ["from=2025-02-30", "from=2025-02-01&to=2025-01-01", "from=2010-01-01&to=2025-01-01",
     "company_id=9", "by=week", "comparison=never", "cursor=abc"],
)  # fmt: skip
def test_a_wrong_value_is_told_above_the_choices(books: None, bob: Browser, wrong: str) -> None:
    answer = bob.get(f"{PAGES}/profit-and-loss?{wrong}")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'name="from"' in answer.text


def test_the_first_of_several_wrong_values_is_told(books: None, bob: Browser) -> None:
    wrong = "company_id=9&from=2025-02-01&to=2025-01-01"

    assert "There is no such company here" in bob.get(f"{PAGES}/profit-and-loss?{wrong}").text


def test_it_says_what_is_needed_first(engine: Engine, acme: ConnectionKey, bob: Browser) -> None:
    nothing = get(bob, f"{PAGES}/balance-sheet")
    add_year_books(engine, "acme")
    with writing(engine) as db:
        delete_structure(db, get_connection(db, "acme").id, 1)
    no_structure = get(bob, f"{PAGES}/balance-sheet")

    assert "No company has arrived yet." in nothing
    assert "no reporting structure yet" in no_structure


def test_one_of_several_structures_is_chosen(engine: Engine, books: None, bob: Browser) -> None:
    with writing(engine) as db:
        create_structure(db, get_connection(db, "acme").id, Starter("dutch"), NOW)

    assert "Net turnover" in get(bob, f"{PAGES}/profit-and-loss?{YEAR}&structure_id=2&zeros=yes")


def test_the_sidebar_leads_to_the_profit_and_loss(books: None, bob: Browser) -> None:
    answer = bob.get("/reports/")

    assert answer.headers["Location"] == f"{PAGES}/profit-and-loss"
    assert "Acme Belgium" in get(bob, f"{PAGES}/profit-and-loss")


@pytest.mark.parametrize(
    ("path", "company_id"),
    [("/?connection=acme&", 2), ("/outstanding/acme/?", 2), (f"{PAGES}/trial-balance?", 2),
     ("/dimensions/acme/?", 2), (f"{PAGES}/balance-sheet?", "2,1"), ("/health/acme/?", 2),
     ("/mapping/acme/?", 2), ("/connections/acme/onboarding?", 2),
     ("/integrations?connection=acme&", 2)],
)  # fmt: skip
def test_the_sidebar_keeps_the_company(
    books: None, bob: Browser, path: str, company_id: object
) -> None:
    page = get(bob, f"{path}company_id={company_id}")

    menu = page.split('<nav class="sidebar"')[1].split("</nav>")[0]
    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', menu)]
    assert links
    assert all("company_id=2" in link for link in links)
    [reports] = [link for link in links if link.startswith("/reports/")]
    assert bob.get(reports).headers["Location"].endswith("?company_id=2")


def test_a_company_that_is_gone_is_not_handed_on(books: None, bob: Browser) -> None:
    page = bob.get("/outstanding/acme/?company_id=99&type=receivable")

    assert page.status_code == 404
    assert "/outstanding/acme/" in page.text
    assert "company_id=99" not in page.text


def test_links_to_another_connection_carry_no_company(
    books: None, anna: Browser, globex: ConnectionKey
) -> None:
    page = get(anna, "/health/acme/?company_id=2")

    [other] = re.findall(r'href="(/health/globex/[^"]*)"', page)
    assert other == "/health/globex/"


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/reports/acme/entries/3", "/reports/globex/"),
        ("/outstanding/acme/partners/2?type=receivable", "/outstanding/globex/"),
        ("/mapping/acme/1/", "/mapping/globex/"),
        ("/reports/acme/balance-sheet", "/reports/globex/balance-sheet"),
        ("/health/acme/proofs", "/health/globex/proofs"),
    ],
)
def test_what_has_an_id_in_one_connection_is_not_looked_for_in_another(
    books: None, anna: Browser, globex: ConnectionKey, path: str, start: str
) -> None:
    found = re.findall(r'<li><a href="(/[^"]*globex/[^"]*)"', get(anna, path))

    assert found[0] == start


@pytest.mark.parametrize(
    "path", ["profit-and-loss", "trial-balance", "general-ledger", "entries/3", "../dimensions/"]
)
def test_only_who_may_see_a_connection_sees_its_reports(
    books: None, globex: ConnectionKey, browser: Browser, bob: Browser, path: str
) -> None:
    is_dimensions = path.startswith("..")
    foreign = "/dimensions/globex/" if is_dimensions else f"/reports/globex/{path}"
    own = foreign.replace("globex", "acme")

    assert bob.get(foreign).status_code == 404
    assert browser.get(own).status_code == 302
    assert bob.get(own).status_code == 200
