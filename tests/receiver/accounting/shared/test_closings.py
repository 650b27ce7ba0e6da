"""What closes a year is left out of its results, counted, and in every other report."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from receiver.accounting.analytic.analytic_report import dimensional_report
from receiver.accounting.ledger.general_ledger import LedgerQuestion
from receiver.accounting.shared.closings import choose_closings
from receiver.accounting.shared.columns import By, Comparison
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import CURRENT_YEAR_EARNINGS
from receiver.accounting.statements.statements import balance_sheet, cash_flow, profit_and_loss
from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.structure import Structure
from receiver.accounting.structures.structure_json import from_template
from receiver.db.accounting.closings import update_closings
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection, get_connection
from receiver.db.engine import reading, writing
from receiver.errors import InvalidBody
from tests.receiver.accounting.analytic import test_analytic_items
from tests.receiver.accounting.statements import test_drill_down
from tests.receiver.records import record_of
from tests.receiver.report_books.builder import Entry, add_records
from tests.receiver.report_books.small import FIRST_DAY, LAST_DAY, add_books, entries, entry

CASH, SALES, COSTS, EQUITY = 10, 20, 22, 14
CLOSING_JOURNAL, OTHER_JOURNAL = 7, 8
YEAR = StatementQuestion(date(2024, 1, 1), date(2024, 12, 31), (1,), by=By.TOTAL)
STEPS = (None, "loss_profit", "closing", "opening", "other", "unheard_of")
LEFT_OUT = ("loss_profit", "closing", "opening")

closed_books = st.lists(
    st.builds(
        lambda entry, step, journal: replace(entry, closing_type=step, journal_id=journal),
        entries(),
        st.sampled_from(STEPS),
        st.sampled_from([None, CLOSING_JOURNAL, OTHER_JOURNAL]),
    ),
    max_size=12,
)
both_databases = settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_left_out(entry: Entry) -> bool:
    return entry.closing_type in LEFT_OUT or entry.journal_id == CLOSING_JOURNAL


def add_closed_books(
    engine: Engine, books: list[Entry], *, leaves_out: bool = True, journal_ids: tuple[int, ...]
) -> Connection:
    connection = add_books(engine, books)
    journals = [
        record_of("journals", id=CLOSING_JOURNAL, name="Closing", code="CLO", type="general"),
        record_of("journals", id=OTHER_JOURNAL, name="Sales", type="sale"),
    ]
    add_records(engine, connection.id, "journals", journals)
    with writing(engine) as db:
        update_closings(db, connection.id, leaves_out, journal_ids)
        return get_connection(db, connection.name)


def mapped(engine: Engine, connection: Connection) -> Structure:
    with reading(engine) as db:
        accounts = list_accounts(db, connection.id)
        return map_automatically(from_template("international"), accounts)


@both_databases
@given(closed_books, st.sampled_from([None, *Comparison]))
def test_results_are_those_of_books_that_were_never_closed(
    engine: Engine, books: list[Entry], comparison: Comparison | None
) -> None:
    closed = add_closed_books(engine, books, journal_ids=(CLOSING_JOURNAL,))
    never_closed = add_books(engine, [each for each in books if not is_left_out(each)])
    untouched = add_closed_books(engine, books, leaves_out=False, journal_ids=())
    structure = mapped(engine, closed)
    question = StatementQuestion(FIRST_DAY, LAST_DAY, comparison=comparison)
    asked_for = replace(question, with_closings=True)
    plain = add_books(engine, [replace(each, closing_type=None) for each in books])

    with reading(engine) as db:
        for connection, asked, same in (
            (closed, question, never_closed),
            (closed, asked_for, plain),
            (untouched, question, plain),
        ):
            result = profit_and_loss(db, connection, structure, asked)
            wanted = profit_and_loss(db, same, structure, question)
            assert (result.lines, result.totals) == (wanted.lines, wanted.totals)
            dimensions = dimensional_report(db, connection, asked).dimensions
            assert dimensions == dimensional_report(db, same, question).dimensions


@both_databases
@given(closed_books)
def test_balance_sheet_and_cash_flow_have_every_entry(engine: Engine, books: list[Entry]) -> None:
    closed = add_closed_books(engine, books, journal_ids=(CLOSING_JOURNAL,))
    plain = add_books(engine, books)
    structure = mapped(engine, closed)
    question = StatementQuestion(FIRST_DAY, LAST_DAY)

    with reading(engine) as db:
        for report in (balance_sheet, cash_flow):
            found = report(db, closed, structure, question)
            wanted = report(db, plain, structure, question)
            assert (found.lines, found.totals) == (wanted.lines, wanted.totals)


@both_databases
@given(closed_books, st.booleans())
def test_every_figure_opens_the_items_that_it_is_made_of(
    engine: Engine, books: list[Entry], with_closings: bool
) -> None:
    connection = add_closed_books(engine, books, journal_ids=(CLOSING_JOURNAL,))
    structure = mapped(engine, connection)
    asked = LedgerQuestion((), FIRST_DAY, LAST_DAY, with_closings=with_closings)

    with reading(engine) as db:
        for statement in test_drill_down.STATEMENTS:
            test_drill_down.assert_opened(db, connection, structure, statement, asked)
    test_analytic_items.assert_opened(engine, connection, with_closings=with_closings)


@pytest.fixture
def year() -> list[Entry]:
    """A year with a profit of 70, closed into equity twice: by a mark, and in a journal."""
    day = date(2024, 12, 31)
    return [
        entry(date(2024, 5, 5), (CASH, "100"), (SALES, "-100")),
        entry(date(2024, 6, 6), (COSTS, "30"), (CASH, "-30")),
        replace(entry(day, (SALES, "100"), (EQUITY, "-100")), closing_type="loss_profit"),
        replace(entry(day, (COSTS, "-30"), (EQUITY, "30")), journal_id=CLOSING_JOURNAL),
    ]


def test_it_counts_what_is_left_out_by_journal(engine: Engine, year: list[Entry]) -> None:
    only_balances = replace(entry(date(2024, 12, 31), (CASH, "-70"), (EQUITY, "70")))
    marked = replace(only_balances, closing_type="closing", journal_id=OTHER_JOURNAL)
    connection = add_closed_books(engine, [*year, marked], journal_ids=(CLOSING_JOURNAL,))
    structure = mapped(engine, connection)

    with reading(engine) as db:
        report = profit_and_loss(db, connection, structure, YEAR)
        shown = profit_and_loss(db, connection, structure, replace(YEAR, with_closings=True))
        before = StatementQuestion(date(2024, 1, 1), date(2024, 11, 30), (1,))
        others = profit_and_loss(db, connection, structure, before)

    assert report.closings.are_left_out
    counts = {(each.id, each.name, each.entry_count) for each in report.closings.journals}
    assert counts == {(CLOSING_JOURNAL, "Closing", 1), (None, None, 1)}
    assert not shown.closings.are_left_out
    assert shown.closings.journals == report.closings.journals
    assert not others.closings.journals


def test_a_closed_year_has_its_result_and_its_balance_sheet_the_equity(
    engine: Engine, year: list[Entry]
) -> None:
    connection = add_closed_books(engine, year, journal_ids=(CLOSING_JOURNAL,))
    structure = mapped(engine, connection)

    with reading(engine) as db:
        result = profit_and_loss(db, connection, structure, YEAR)
        shown = profit_and_loss(db, connection, structure, replace(YEAR, with_closings=True))
        sheet = balance_sheet(db, connection, structure, YEAR)

    assert result.totals.net.amounts[0] == Decimal(70)
    assert shown.totals.net.amounts[0] == 0
    lines = {line.kind: line.amounts[0] for line in sheet.lines}
    assert lines[CURRENT_YEAR_EARNINGS] == 0
    assert sheet.totals.credit.amounts[0] == Decimal(70)
    assert sheet.totals.net.amounts[0] == 0


def test_a_journal_that_is_not_there_is_refused(engine: Engine, year: list[Entry]) -> None:
    connection = add_closed_books(engine, year, journal_ids=())

    with writing(engine) as db, pytest.raises(InvalidBody, match="no journal 99"):
        choose_closings(db, connection, True, [CLOSING_JOURNAL, 99])
