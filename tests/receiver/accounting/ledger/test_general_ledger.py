"""The general ledger: it opens and closes as the trial balance does, page after page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.ledger.general_ledger import (
    GeneralLedger,
    LedgerLine,
    LedgerQuestion,
    general_ledger,
    ledger_lines,
    open_entry,
    place_of,
)
from receiver.accounting.ledger.trial_balance import trial_balance
from receiver.accounting.shared.odoo_links import entry_link, odoo_url
from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import OdooAccess, save_odoo_access
from receiver.db.engine import reading, writing
from receiver.errors import InvalidQuery, NotFound
from tests.receiver.report_books.builder import Entry
from tests.receiver.report_books.small import (
    COMPANIES,
    FIRST_DAY,
    LAST_DAY,
    LEDGERS,
    add_books,
    entry,
)

CASH, SALES, COSTS = 10, 20, 22
DAYS = st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)).map(sorted)

both_databases = settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def all_lines(
    db: Database, ledger: GeneralLedger, page_size: int | None = None
) -> list[LedgerLine]:
    """Read in pages of that size, or at once."""
    if page_size is None:
        return [line for part in ledger_lines(db, ledger) for line in part]
    lines: list[LedgerLine] = []
    while True:
        after = place_of(lines[-1]) if lines else None
        page = [
            line for part in ledger_lines(db, ledger, after=after, limit=page_size) for line in part
        ]
        lines += page
        if len(page) < page_size:
            return lines


@both_databases
@given(LEDGERS, DAYS, st.sampled_from([*COMPANIES]), st.integers(1, 5))
def test_it_ties_to_the_trial_balance_and_pages_are_one_whole(
    engine: Engine, books: list[Entry], days: list[date], company_id: int, page_size: int
) -> None:
    connection = add_books(engine, books)
    with reading(engine) as db:
        ledger = general_ledger(db, connection, LedgerQuestion((company_id,), *days))
        lines = all_lines(db, ledger)
        paged = all_lines(db, ledger, page_size)
        expected = trial_balance(db, connection, company_id, *days)

    assert [vars(account) for account in ledger.accounts] == [
        vars(account) for account in expected.accounts
    ]
    assert paged == lines
    assert [line.account_id for line in lines] == sorted(
        (line.account_id for line in lines), key=ledger.account_ids.index
    )
    for account in ledger.accounts:
        theirs = [line for line in lines if line.account_id == account.id]
        balances = [account.opening_balance, *(line.running_balance for line in theirs)]
        assert [after - before for before, after in pairwise(balances)] == [
            line.balance for line in theirs
        ]
        assert balances[-1] == account.closing_balance
        assert [(line.date, line.id) for line in theirs] == sorted(
            (line.date, line.id) for line in theirs
        )


@pytest.fixture
def sold(engine: Engine) -> Connection:
    return add_books(
        engine,
        [
            entry(date(2024, 1, 10), (CASH, "100"), (SALES, "-100")),
            entry(date(2024, 2, 10), (COSTS, "30.5"), (CASH, "-30.5")),
        ],
    )


def test_it_shows_an_accounts_items_with_a_running_balance(
    engine: Engine, sold: Connection
) -> None:
    question = LedgerQuestion((1,), date(2024, 2, 1), date(2024, 2, 29), (CASH,))

    with reading(engine) as db:
        ledger = general_ledger(db, sold, question)
        [line] = all_lines(db, ledger)

    [account] = ledger.accounts
    assert (account.code, account.opening_balance, account.closing_balance) == (
        "000010",
        100,
        Decimal("69.5"),
    )
    assert (line.number, line.account, line.credit) == ("MISC/2", "Account 10", Decimal("30.50"))
    assert str(line.running_balance) == "69.50"


def test_it_is_empty_where_nothing_is_stored(engine: Engine) -> None:
    connection = add_books(engine, [])

    with reading(engine) as db:
        ledger = general_ledger(db, connection, LedgerQuestion())

        assert (ledger.accounts, all_lines(db, ledger)) == ((), [])


def test_a_place_on_an_account_that_it_lacks_is_refused(engine: Engine, sold: Connection) -> None:
    with reading(engine) as db:
        ledger = general_ledger(db, sold, LedgerQuestion((1,), account_ids=(CASH,)))
        [*lines] = all_lines(db, ledger)
        elsewhere = replace(place_of(lines[0]), account_id=SALES)

        with pytest.raises(InvalidQuery, match="not a cursor"):
            list(ledger_lines(db, ledger, after=elsewhere))


def test_an_entry_opens_with_all_its_items(engine: Engine, sold: Connection) -> None:
    with reading(engine) as db:
        opened = open_entry(db, sold, 2)
        with pytest.raises(NotFound, match="no journal entry 3"):
            open_entry(db, sold, 3)

    assert (opened.number, opened.date, opened.currency) == ("MISC/2", date(2024, 2, 10), "EUR")
    assert [(line.account_code, str(line.debit), str(line.credit)) for line in opened.lines] == [
        ("000022", "30.50", "0.00"),
        ("000010", "0.00", "30.50"),
    ]
    assert opened.odoo_link is None


@pytest.mark.parametrize(
    ("series", "link"),
    [
        ("14.0", "https://odoo.example/web#id=7&model=account.move&view_type=form"),
        ("17.0", "https://odoo.example/web#id=7&model=account.move&view_type=form"),
        ("18.0", "https://odoo.example/odoo/account.move/7"),
        ("19.0", "https://odoo.example/odoo/account.move/7"),
        (None, None),
    ],
)
def test_a_link_leads_into_odoo_as_its_series_has_it(series: str | None, link: str | None) -> None:
    assert entry_link("https://odoo.example", series, 7) == link
    assert entry_link(None, series, 7) is None


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("https://odoo.example/", "https://odoo.example"),
        ("http://10.0.0.5:8069", "http://10.0.0.5:8069"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_an_odoo_is_where_the_addon_says(
    engine: Engine, sold: Connection, told: str | None, url: str | None
) -> None:
    with reading(engine) as db:
        assert odoo_url(db, replace(sold, odoo_url=told)) == url


def test_a_pulled_odoo_is_where_it_is_read(engine: Engine, sold: Connection) -> None:
    access = OdooAccess(
        url="https://acme.odoo.com",
        database_name="acme",
        username="accountant",
        encrypted_api_key="encrypted",
        language="en_US",
        company_ids="1",
        checked_at=datetime(2026, 1, 31, tzinfo=UTC),
    )
    with writing(engine) as db:
        save_odoo_access(db, sold.id, access)

        assert odoo_url(db, sold) == "https://acme.odoo.com"
