"""Figures of statements: each opens exactly the journal items that it is made of."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.ledger.general_ledger import LedgerQuestion, general_ledger, ledger_lines
from receiver.accounting.shared.amounts import Amounts
from receiver.accounting.shared.columns import By
from receiver.accounting.shared.periods import DAY
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CURRENT_YEAR_EARNINGS,
    PREVIOUS_YEARS_EARNINGS,
)
from receiver.accounting.statements.drill_down import (
    OFF_BALANCE_TOTAL,
    Figure,
    figure_of_line,
    figure_of_total,
    figure_of_unmapped,
    items_of,
    off_balance_of,
)
from receiver.accounting.statements.statement_lines import StatementLine
from receiver.accounting.statements.statements import (
    CashFlow,
    Statement,
    balance_sheet,
    cash_flow,
    profit_and_loss,
)
from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.structure import (
    Structure,
    children_of,
    map_accounts,
    move_line,
    unmap_accounts,
)
from receiver.accounting.structures.structure_json import TEMPLATES, from_template
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.errors import InvalidQuery, NotFound
from tests.receiver.report_books.builder import Entry, add_records
from tests.receiver.report_books.small import (
    FIRST_DAY,
    LAST_DAY,
    LEDGERS,
    OFF_BALANCE,
    TYPES,
    account_record,
    add_books,
    entry,
)

CASH, RECEIVABLE, SALES, COSTS = 10, 12, 20, 22
GUARANTEE, CONTRA = OFF_BALANCE
DAYS = st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)).map(sorted)
ASSETS = 0  # the first of the balance sheet's top lines
STATEMENTS = (profit_and_loss, balance_sheet, cash_flow)

Opened = tuple[Figure, tuple[int, ...] | None, Decimal]  # of which accounts, and how much


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    LEDGERS,
    DAYS,
    st.sampled_from([(1,), (2,), (3,), ()]),
    st.sampled_from(TEMPLATES),
    st.sampled_from([None, CURRENT_YEAR_EARNINGS, PREVIOUS_YEARS_EARNINGS]),
    st.sets(st.sampled_from([*TYPES])),
)
def test_every_figure_opens_the_items_that_it_is_made_of(  # noqa: PLR0913 what can be drawn
    engine: Engine,
    books: list[Entry],
    days: list[date],
    company_ids: tuple[int, ...],
    template: str,
    moved: str | None,
    unmapped: set[int],
) -> None:
    connection = add_books(engine, books)
    with reading(engine) as db:
        structure = map_automatically(from_template(template), list_accounts(db, connection.id))
        structure = unmap_accounts(structure, BALANCE_SHEET, unmapped)
        structure = with_earnings_among_assets(structure, moved) if moved else structure

        for statement in STATEMENTS:
            assert_opened(db, connection, structure, statement, LedgerQuestion(company_ids, *days))


def test_figures_know_their_first_day_and_what_stands_apart(engine: Engine) -> None:
    first, last = date(2024, 2, 1), date(2024, 2, 29)
    days = (first - DAY, first, last, last + DAY)
    books = [
        *(entry(day, (CASH, "10"), (SALES, "-10")) for day in days),
        *(entry(day, (RECEIVABLE, "3"), (SALES, "-3")) for day in days),  # no cash yet
        *(entry(day, (GUARANTEE, "7"), (CONTRA, "-7")) for day in days),
    ]
    connection = add_books(engine, books)
    with reading(engine) as db:
        structure = map_automatically(
            from_template("international"), list_accounts(db, connection.id)
        )
        receivables = next(line for line in structure.lines if line.name == "Receivables")
        structure = map_accounts(structure, receivables.id, [GUARANTEE])

        for statement in STATEMENTS:
            assert_opened(db, connection, structure, statement, LedgerQuestion((1,), first, last))


def assert_opened(
    db: Database,
    connection: Connection,
    structure: Structure,
    statement: Callable[..., Statement],
    asked: LedgerQuestion,
) -> None:
    """All the figures of a statement, in a column of the days asked for."""
    question = StatementQuestion(
        asked.from_date,
        asked.to_date,
        asked.company_ids,
        by=By.TOTAL,
        with_closings=asked.with_closings,
    )
    report = statement(db, connection, structure, question)
    for figure, account_ids, amount in figures_in(report, structure):
        narrowed = replace(asked, account_ids=account_ids)
        found = added_up(db, connection, structure, figure, narrowed)
        assert found == amount, (figure, account_ids)


def with_earnings_among_assets(structure: Structure, figure: str) -> Structure:
    """So that some of the earnings are elsewhere than the others."""
    line = next(line for line in structure.lines if line.figure == figure)
    return move_line(structure, line.id, children_of(structure, BALANCE_SHEET)[ASSETS].id)


def figures_in(report: Statement, structure: Structure) -> Iterator[Opened]:
    """Of its first column."""
    for line in report.lines:
        yield from line_and_accounts(figure_of(report, structure, line), line)
    for name, total in totals_in(report):
        figure = figure_of_total(structure, f"{report.statement}.{name}")
        yield figure, None, total.amounts[0]
    for line in report.off_balance:
        yield from line_and_accounts(off_balance_of(figure_of(report, structure, line)), line)
        whole = replace(
            figure_of_total(structure, OFF_BALANCE_TOTAL),
            is_credit_positive=line.is_credit_positive,
        )
        yield from (each for each in line_and_accounts(whole, line) if each[1])


def figure_of(report: Statement, structure: Structure, line: StatementLine) -> Figure:
    if line.line_id is None:
        return figure_of_unmapped(structure, report.statement)
    return figure_of_line(structure, line.line_id)


def line_and_accounts(figure: Figure, line: StatementLine) -> Iterator[Opened]:
    yield figure, None, line.amounts[0]
    for account in line.accounts:
        yield figure, (account.id,), account.amounts[0]


def totals_in(report: Statement) -> Iterator[tuple[str, Amounts]]:
    yield from ((name, getattr(report.totals, name)) for name in ("debit", "credit", "net"))
    if isinstance(report, CashFlow):
        yield "opening", report.opening
        yield "closing", report.closing


def added_up(
    db: Database,
    connection: Connection,
    structure: Structure,
    figure: Figure,
    asked: LedgerQuestion,
) -> Decimal:
    """The items, and what there was before them, with the sign of the figure."""
    ledger = general_ledger(db, connection, items_of(db, connection, structure, figure, asked))
    items = sum((each.balance for part in ledger_lines(db, ledger) for each in part), Decimal(0))
    assert ledger.totals.opening_balance + items == ledger.totals.closing_balance
    balance = ledger.totals.closing_balance
    return -balance if figure.is_credit_positive else balance


@pytest.fixture
def sold(engine: Engine) -> Connection:
    """Of company 2, whose fiscal year begins in July."""
    return add_books(
        engine,
        [
            entry(date(2024, 1, 10), (CASH, "100"), (SALES, "-100"), company_id=2),
            entry(date(2024, 8, 10), (COSTS, "30.5"), (CASH, "-30.5"), company_id=2),
        ],
    )


@pytest.mark.parametrize(
    ("figure", "item_ids"), [(CURRENT_YEAR_EARNINGS, [3]), (PREVIOUS_YEARS_EARNINGS, [2])]
)
def test_earnings_open_the_items_of_their_fiscal_years(
    engine: Engine, sold: Connection, figure: str, item_ids: list[int]
) -> None:
    structure = from_template("international")
    line = next(line for line in structure.lines if line.figure == figure)
    asked = LedgerQuestion((2,), date(2024, 7, 1), date(2024, 12, 31))

    with reading(engine) as db:
        opened = figure_of_line(structure, line.id)
        ledger = general_ledger(db, sold, items_of(db, sold, structure, opened, asked))
        items = [each for part in ledger_lines(db, ledger) for each in part]

    assert [item.id for item in items] == item_ids
    assert not ledger.totals.opening_balance


def test_a_line_opens_only_accounts_that_are_still_of_its_statement(
    engine: Engine, sold: Connection
) -> None:
    asked = LedgerQuestion((2,), date(2024, 1, 1), date(2024, 12, 31))
    with reading(engine) as db:
        structure = map_automatically(from_template("international"), list_accounts(db, sold.id))
    add_records(engine, sold.id, "accounts", [account_record(COSTS, "asset_current")])

    with reading(engine) as db:
        assert_opened(db, sold, structure, profit_and_loss, asked)


@pytest.mark.parametrize(
    ("total", "asked", "sentence"),
    [
        ("balance_sheet.credit", LedgerQuestion(), "Name the day of the balance sheet"),
        ("cash_flow.opening", LedgerQuestion(), "Name the first day"),
        ("cash_flow.net", LedgerQuestion((9,)), "no such company"),
    ],
)
def test_it_says_what_a_figure_needs(
    engine: Engine, sold: Connection, total: str, asked: LedgerQuestion, sentence: str
) -> None:
    structure = from_template("international")
    figure = figure_of_total(structure, total)

    with reading(engine) as db, pytest.raises(InvalidQuery, match=sentence):
        items_of(db, sold, structure, figure, asked)


def test_there_is_no_figure_of_a_line_that_is_gone() -> None:
    with pytest.raises(NotFound, match="no such line"):
        figure_of_line(from_template("international"), 999)
