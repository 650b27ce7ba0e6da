"""Closings on the pages: an administrator chooses, and each report says what it leaves out."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.store.store import store
from tests.receiver.batches import incoming_of
from tests.receiver.records import journal_item, record_of
from tests.receiver.report_books.two_years import add_year_books
from tests.receiver.web.pages.conftest import Browser
from tests.receiver.web.pages.rows import as_written, get, rows_of

SETTINGS = "/connections/acme/settings"
CLOSING, SALES_JOURNAL = 7, 8
SALES, EQUITY = 20, 15
LAST = date(2025, 12, 31)
YEAR = "from=2025-01-01&to=2025-12-31&company_id=2"
RESULT = f"/reports/acme/profit-and-loss?{YEAR}"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """What the reports ask the database is tested in report/, on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture(autouse=True)
def closed(engine: Engine, acme: ConnectionKey) -> None:
    """Company 2 moves 500.00 of its sales into equity, by an entry in a journal of its own."""
    add_year_books(engine, "acme")
    records = {
        "journals": [
            record_of("journals", id=CLOSING, name="Year end", code="CLO", type="general"),
            record_of("journals", id=SALES_JOURNAL, name="Shop sales", type="sale"),
        ],
        "journal_entries": [
            record_of("journal_entries", id=9001, company_id=2, date=LAST, journal_id=CLOSING)
        ],
        "journal_items": [item(90001, SALES, debit="500"), item(90002, EQUITY, credit="500")],
    }
    with writing(engine) as db:
        for stream, some in records.items():
            store(db, get_connection(db, "acme").id, incoming_of(stream, some))


def item(id: int, account_id: int, **values: str) -> dict[str, object]:
    more = {"entry_id": 9001, "company_id": 2, "date": LAST, "journal_id": CLOSING}
    return journal_item(id, account_id=account_id, **more, **values)  # type: ignore[arg-type]


def chosen(engine: Engine) -> tuple[bool, str | None]:
    with reading(engine) as db:
        found = get_connection(db, "acme")
    return found.leaves_out_closings, found.closing_journal_ids


def result_on(page: str) -> Decimal:
    """Of the whole period."""
    [total] = [row.amounts for row in rows_of(page) if row.kind == "total"]
    return Decimal(as_written(total[-1]))


def test_an_administrator_chooses_among_general_journals(carol: Browser, engine: Engine) -> None:
    page = get(carol, SETTINGS)
    assert "Year end (CLO)" in page
    assert "Shop sales" not in page

    form = {"leaves_out": "yes", "journal_ids": str(CLOSING)}
    assert carol.post("/connections/acme/closings", form).status_code == 303

    assert chosen(engine) == (True, str(CLOSING))
    assert re.search(rf'value="{CLOSING}" checked', get(carol, SETTINGS))
    assert carol.post("/connections/acme/closings", {}).status_code == 303
    assert chosen(engine) == (False, None)


def test_a_journal_that_is_not_offered_is_not_taken(carol: Browser, engine: Engine) -> None:
    form = {"leaves_out": "yes", "journal_ids": str(SALES_JOURNAL)}
    assert carol.post("/connections/acme/closings", form).status_code == 303

    assert chosen(engine) == (True, None)


def test_the_result_says_what_it_leaves_out_and_shows_it_when_asked(carol: Browser) -> None:
    closed = result_on(get(carol, RESULT))
    assert "closing entr" not in get(carol, RESULT)
    carol.post("/connections/acme/closings", {"leaves_out": "yes", "journal_ids": str(CLOSING)})

    page = get(carol, RESULT)

    assert result_on(page) == closed + 500
    assert "1 closing entry of journal Year end is left out." in page
    shown = get(carol, address_of("With closing entries", page))
    assert result_on(shown) == closed
    assert "1 closing entry of journal Year end is in the figures." in shown
    assert 'name="with_closings" value="yes"' in shown
    assert result_on(get(carol, address_of("Without closing entries", shown))) == closed + 500


@pytest.mark.parametrize("more", ["", "&with_closings=yes"])
@pytest.mark.parametrize("report", ["/reports/acme/profit-and-loss", "/dimensions/acme/"])
def test_each_result_opens_its_items(carol: Browser, report: str, more: str) -> None:
    carol.post("/connections/acme/closings", {"leaves_out": "yes", "journal_ids": str(CLOSING)})
    page = get(carol, f"{report}?{YEAR}&by=total{more}")
    row = next(row for row in rows_of(page) if row.kind == "total")

    opened = get(carol, row.links[0])

    [figure] = re.findall(r'<strong id="figure">([^<]*)<', opened)
    assert as_written(figure) == as_written(row.amounts[0])


def address_of(text: str, page: str) -> str:
    [address] = re.findall(rf'<a href="([^"]*)">{text}</a>', page)
    return unescape(address)
