"""The list of records set aside, on a screen and on a phone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from receiver.db.connections.connections import get_connection
from receiver.db.engine import make_engine, writing
from receiver.db.store.incoming import Incoming
from receiver.db.store.set_aside import renew_set_aside
from tests.browser.visitor import PHONE, Visitor
from tests.odoo.receiver import Receiver
from tests.receiver.batches import incoming_of
from tests.receiver.report_books.two_years import add_year_books
from tests.receiver.set_aside import stated


@pytest.fixture(scope="module", autouse=True)
def books(receiver: Receiver) -> Iterator[None]:
    engine = make_engine(receiver.database_url)
    add_year_books(engine, "acme")
    amounts = {"debit": Decimal("12.5"), "credit": Decimal(0), "date": date(2025, 2, 3)}
    aside = tuple(stated("journal_items", 9_000 + id, entry_id=1, **amounts) for id in range(3))
    incoming = incoming_of("journal_items", [])
    with writing(engine) as db:
        connection_id = get_connection(db, "acme").id
        shown = Incoming(**{**vars(incoming), "set_aside": aside})
        renew_set_aside(db, connection_id, shown, "run-1", datetime.now(UTC))
    yield
    engine.dispose()


def test_it_is_listed_with_links_into_odoo(bob: Visitor) -> None:
    bob.goto("/health/acme/")
    expect(bob.page.get_by_text("3 records are set aside")).to_be_visible()
    bob.check("set-aside-health")

    bob.page.get_by_role("link", name="All records set aside").click()

    expect(bob.page.get_by_role("heading", name="Records set aside")).to_be_visible()
    expect(bob.page.get_by_role("row")).to_have_count(4)
    bob.check("set-aside")


def test_it_fits_on_a_phone(bob: Visitor) -> None:
    bob.page.set_viewport_size({"width": PHONE, "height": 800})
    bob.goto("/health/acme/missing")
    bob.check("set-aside-phone")
