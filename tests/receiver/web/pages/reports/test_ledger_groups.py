"""The general ledger's pages: each account begins once, ends once, and none is left out."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from receiver.accounting.ledger.general_ledger import LedgerQuestion
from receiver.accounting.ledger.paging import ledger_page
from receiver.db.accounting.ledger import Account, Company
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.web.pages.reports.ledger_groups import LedgerGroup, account_options, ledger_groups
from tests.receiver.report_books.small import add_books, entry

BANK, RECEIVABLE, PAYABLE, EQUITY = 10, 12, 13, 14
BEFORE, DAY = date(2023, 12, 1), date(2024, 1, 10)


@pytest.fixture
def database(sqlite_database: str) -> str:
    """What the ledger asks the database is tested in report/, on both kinds."""
    return sqlite_database


@pytest.fixture
def books(engine: Engine) -> Connection:
    """The bank is at its closing balance in between; two accounts have an opening balance alone,
    one of them the last."""
    return add_books(
        engine,
        [
            entry(BEFORE, (RECEIVABLE, "40"), (EQUITY, "-40")),
            entry(DAY, (BANK, "100"), (PAYABLE, "-100")),
            entry(DAY, (BANK, "-100"), (PAYABLE, "100")),
            entry(DAY, (BANK, "100"), (PAYABLE, "-100")),
        ],
    )


def pages_of(engine: Engine, books: Connection, limit: int) -> list[list[LedgerGroup]]:
    question, after = LedgerQuestion((1,), DAY, DAY), None
    pages = []
    with reading(engine) as db:
        while True:
            page = ledger_page(db, books, question, after=after, limit=limit)
            pages.append(ledger_groups(page))
            if page.next_place is None:
                return pages
            after = page.next_place


@pytest.mark.parametrize("limit", range(1, 8))
def test_every_account_begins_once_and_ends_once(
    engine: Engine, books: Connection, limit: int
) -> None:
    groups = [group for page in pages_of(engine, books, limit) for group in page]

    every_one = [BANK, RECEIVABLE, PAYABLE, EQUITY]
    assert [each.account.id for each in groups if not each.is_continued] == every_one
    assert [each.account.id for each in groups if each.is_ended] == every_one
    assert sum(len(each.lines) for each in groups) == 6


@pytest.mark.parametrize("limit", range(1, 8))
def test_what_is_brought_forward_and_its_items_are_the_balance_of_an_ended_account(
    engine: Engine, books: Connection, limit: int
) -> None:
    groups = [group for page in pages_of(engine, books, limit) for group in page]

    for group in groups:
        balance = group.brought + sum((line.balance for line in group.lines), Decimal(0))
        if group.is_ended:
            assert balance == group.account.closing_balance
        if not group.is_continued:
            assert group.brought == group.account.opening_balance


def test_only_accounts_of_the_chosen_companies_are_offered() -> None:
    """Two companies may have an account of the same code and name each; a branch has its root's."""
    shared = Account(1, "Sales", '{"1": "700000", "2": "7000"}', "income", "1,2")
    own = Account(2, "Bank", '{"1": "550000"}', "asset_cash", "1")
    others = Account(3, "Bank", '{"2": "550000"}', "asset_cash", "2")
    branch = Company(9, "Branch", 1, "EUR", 2, 12, 31)

    offered = account_options([shared, own, others], [branch])

    assert offered == [("550000", "Bank", 2), ("700000", "Sales", 1)]
