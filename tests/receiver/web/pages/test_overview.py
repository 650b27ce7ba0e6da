"""/: what each of the cast sees of the connections, and the chosen company at a glance."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from tests.receiver.proofs import prove
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO, post_hello, post_records
from tests.receiver.web.pages.conftest import Browser
from tests.receiver.web.pages.rows import get, rows_of

BANK, CUSTOMERS, SUPPLIERS, SALES = 1, 2, 3, 4
TYPES = {
    BANK: "asset_cash",
    CUSTOMERS: "asset_receivable",
    SUPPLIERS: "liability_payable",
    SALES: "income",
}


def test_an_administrator_sees_every_connection(
    anna: Browser, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    page = anna.get("/").text

    assert "acme" in page
    assert "globex" in page


def test_a_viewer_sees_their_own_alone(bob: Browser, globex: ConnectionKey) -> None:
    page = bob.get("/").text

    assert "acme" in page
    assert "globex" not in page


def test_nobody_keeps_a_copy_and_forms_lead_here_alone(anna: Browser) -> None:
    headers = anna.get("/").headers

    assert headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


class TestProblem:
    """An error as a page, or as JSON for programs."""

    def test_a_browser_gets_a_page_that_says_what_to_do(self, browser: Browser) -> None:
        answer = browser.get("/nowhere")

        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "Check the address." in answer.text
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]

    def test_it_speaks_the_viewers_language(self, bob: Browser) -> None:
        bob.post("/account/language", {"language": "nl"})

        assert "Alleen een beheerder mag dit." in bob.get("/users").text

    def test_who_is_signed_in_keeps_the_sidebar(self, bob: Browser) -> None:
        assert "sidebar" in bob.get("/users").text

    def test_a_program_gets_a_problem(self, browser: Browser) -> None:
        for path, accept in (("/nowhere", "*/*"), ("/v1/connections", "text/html")):
            answer = browser.client.get(path, headers={"Accept": accept})
            assert answer.mimetype == "application/problem+json"


def test_it_shows_the_chosen_company_at_a_glance(
    client: FlaskClient, acme: ConnectionKey, bob: Browser
) -> None:
    _book(client, acme)

    page = bob.get("/").text

    for figure in ("1,000.00", "600.25", "450.00", "50.25"):  # result, cash, receivable, payable
        assert f">{figure}<" in page
    assert "450.00 overdue" in page
    assert "0.00 overdue" in page
    assert "Not proven yet" in page


def test_the_result_leads_to_the_report_that_has_it(
    client: FlaskClient, acme: ConnectionKey, bob: Browser, engine: Engine
) -> None:
    _book(client, acme)
    with writing(engine) as db:
        id = get_connection(db, "acme").id
        create_structure(db, id, Starter("international"), datetime.now(UTC))

    link = re.search(r'href="(/reports/acme/profit-and-loss[^"]*)"', bob.get("/").text)

    assert link
    [total] = [row for row in rows_of(get(bob, unescape(link[1]))) if row.kind == "total"]
    assert total.amounts == ["1000.00"]


PAGES_OF_PROOFS = ("/", "/health/", "/health/acme/", "/health/acme/proofs", "/integrations")


@pytest.mark.parametrize("path", PAGES_OF_PROOFS)
def test_every_page_says_alike_whether_the_books_tie_out(
    client: FlaskClient, acme: ConnectionKey, bob: Browser, path: str
) -> None:
    items = _book(client, acme)
    assert prove(client, acme, {"journal_items": items})["ties_out"] is False
    assert re.search(r'class="badge bad">\d+ slices? differ', bob.get(path).text)

    prove(client, acme, _books(items))

    assert 'class="badge good">Tied out with Odoo' in bob.get(path).text


def test_it_warns_of_accounts_without_a_line(
    client: FlaskClient, acme: ConnectionKey, bob: Browser, engine: Engine
) -> None:
    _book(client, acme)
    with writing(engine) as db:
        id = get_connection(db, "acme").id
        create_structure(db, id, Starter("international", "Ours"), datetime.now(UTC))
    assert "no line in the reporting structure" not in bob.get("/").text

    new = record_of("accounts", id=9, name="New", type="income")
    post_records(client, acme, "accounts", [new])

    assert "1 account has no line in the reporting structure Ours" in bob.get("/").text


def test_another_connection_is_chosen_by_name(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, anna: Browser, bob: Browser
) -> None:
    _book(client, globex)

    assert "Result by month" not in anna.get("/").text
    assert "Result by month" in anna.get("/?connection=globex").text
    assert bob.get("/?connection=globex").status_code == 404


def _books(items: list[Record]) -> dict[str, list[Record]]:
    """All that _book stores."""
    return {
        "currencies": [record_of("currencies", id=1, code="EUR", decimal_places=2)],
        "companies": [record_of("companies", id=1, name="Acme BV", fiscal_year_last_month=12)],
        "accounts": [
            record_of("accounts", id=id, name=f"Account {id}", type=type)
            for id, type in TYPES.items()
        ],
        "journal_items": items,
    }


def _book(client: FlaskClient, key: ConnectionKey) -> list[Record]:
    """Items of today: sales of 1,000, paid in part; and a supplier that is not yet due."""
    post_hello(client, key, HELLO)
    today = datetime.now(UTC).date()
    overdue = {"date": today, "due_date": today - timedelta(days=1)}
    items = [
        _item(1, SALES, "-1000", date=today),
        _item(2, BANK, "600.25", date=today),
        _item(3, CUSTOMERS, "450", **overdue),
        _item(4, SUPPLIERS, "-50.25", date=today, due_date=today),
    ]
    for stream, records in _books(items).items():
        post_records(client, key, stream, records)
    return items


def _item(id: int, account_id: int, balance: str, **values: object) -> Record:
    amount = Decimal(balance)
    debit, credit = str(max(amount, Decimal(0))), str(max(-amount, Decimal(0)))
    return journal_item(id, debit, credit, account_id=account_id, **values)
