"""The profit and loss and the balance sheet: they add up, and tie to the trial balance."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from receiver.accounting.ledger.trial_balance import trial_balance
from receiver.accounting.shared.columns import By, Comparison
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import BALANCE_SHEET, PROFIT_AND_LOSS
from receiver.accounting.statements.statement_lines import StatementLine
from receiver.accounting.statements.statements import (
    Statement,
    balance_sheet,
    profit_and_loss,
)
from receiver.accounting.structures.mapping import belongs_to, map_automatically
from receiver.accounting.structures.structure import Structure, map_accounts, unmap_accounts
from receiver.accounting.structures.structure_json import TEMPLATES, from_template
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.errors import DifferentCurrencies, InvalidQuery
from tests.receiver.records import record_of
from tests.receiver.report_books.builder import Entry, add_records
from tests.receiver.report_books.small import (
    COMPANIES,
    FIRST_DAY,
    LAST_DAY,
    LEDGERS,
    TYPES,
    add_books,
    entry,
)

CASH, LOAN, SALES, COSTS, EQUITY = 10, 13, 20, 22, 14
YEAR = StatementQuestion(date(2024, 1, 1), date(2024, 12, 31))

both_databases = settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

questions = st.builds(
    lambda days, **more: StatementQuestion(min(days), max(days), **more),
    st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)),
    company_ids=st.lists(st.sampled_from([*COMPANIES]), unique=True).map(tuple),
    comparison=st.none() | st.sampled_from(Comparison),
    by=st.sampled_from(By),
)


def mapped(engine: Engine, connection: Connection, template: str) -> Structure:
    with reading(engine) as db:
        return map_automatically(from_template(template), list_accounts(db, connection.id))


def account_amounts(report: Statement, column: int) -> dict[int, Decimal]:
    """Debit less credit of each account in the column, however its line is signed."""
    return {
        account.id: -account.amounts[column] if line.is_credit_positive else account.amounts[column]
        for line in (*report.lines, *report.off_balance)
        for account in line.accounts
        if account.amounts[column]
    }


@both_databases
@given(LEDGERS, questions, st.sampled_from(TEMPLATES), st.sets(st.sampled_from([*TYPES])))
def test_every_column_equals_the_trial_balance_whatever_is_mapped(
    engine: Engine,
    ledger: list[Entry],
    question: StatementQuestion,
    template: str,
    unmapped: set[int],
) -> None:
    connection = add_books(engine, ledger)
    structure = mapped(engine, connection, template)
    left = {
        statement: {id: line for id, line in line_of.items() if id not in unmapped}
        for statement, line_of in structure.mapping.items()
    }
    structure = Structure(structure.lines, left)

    with reading(engine) as db:
        result = profit_and_loss(db, connection, structure, question)
        sheet = balance_sheet(db, connection, structure, question)

        for number, column in enumerate(result.columns[:-1]):  # the year to date is told apart
            assert column.from_date
            moved = balances(db, connection, result, column.from_date, column.to_date)
            assert account_amounts(result, number) == of_statement(moved, PROFIT_AND_LOSS)
            total = sum(of_statement(moved, PROFIT_AND_LOSS).values(), Decimal(0))
            assert result.totals.net.amounts[number] == -total
        for number, column in enumerate(sheet.columns):
            held = balances(db, connection, sheet, date(1990, 1, 1), column.to_date)
            assert account_amounts(sheet, number) == of_statement(held, BALANCE_SHEET)
            totals = sheet.totals
            other = totals.credit.amounts[number] + totals.unmapped.amounts[number]
            assert totals.debit.amounts[number] == other
            assert not sheet.totals.net.amounts[number]
            assert not sheet.totals.net.compared or not sheet.totals.net.compared[number]
    for lines in (result.lines, sheet.lines, sheet.off_balance):
        assert_each_line_is_what_is_below_it(lines)
    assert {account.type for line in sheet.off_balance for account in line.accounts} <= {
        "off_balance"
    }


def balances(
    db: object, connection: Connection, report: Statement, first: date, last: date
) -> dict[int, Decimal]:
    """What moved on each account, as the trial balances of all the report's companies say."""
    moved: dict[int, Decimal] = {}
    for company in report.companies:
        found = trial_balance(db, connection, company.id, first, last)  # type: ignore[arg-type]
        for account in found.accounts:
            moved[account.id] = moved.get(account.id, Decimal(0)) + account.debit - account.credit
    return {id: amount for id, amount in moved.items() if amount}


def of_statement(amounts: dict[int, Decimal], statement: str) -> dict[int, Decimal]:
    return {id: amount for id, amount in amounts.items() if belongs_to(TYPES.get(id), statement)}


def assert_each_line_is_what_is_below_it(lines: Sequence[StatementLine]) -> None:
    for line in lines:
        for number in range(len(line.amounts)):
            sign = -1 if line.is_credit_positive else 1
            below = [each for each in lines if each.parent_id == line.line_id is not None]
            parts = [
                each.amounts[number] * (-1 if each.is_credit_positive else 1) for each in below
            ]
            parts += [account.amounts[number] * sign for account in line.accounts]
            if line.kind in ("line", "unmapped"):
                assert line.amounts[number] * sign == sum(parts, Decimal(0)), line


def test_what_is_unmapped_is_in_neither_total_of_the_balance_sheet(engine: Engine) -> None:
    day = date(2024, 5, 5)
    connection = add_books(engine, [entry(day, (CASH, "1000"), (LOAN, "-1000"))])
    structure = unmap_accounts(mapped(engine, connection, "international"), BALANCE_SHEET, [LOAN])

    with reading(engine) as db:
        question = StatementQuestion(day, day, (1,), by=By.TOTAL)
        report = balance_sheet(db, connection, structure, question)

    totals = report.totals
    parts = (totals.debit, totals.credit, totals.unmapped, totals.net)
    assert [each.amounts for each in parts] == [(1000,), (0,), (1000,), (0,)]
    unmapped = report.lines[-1]
    assert (unmapped.amounts, unmapped.level) == (totals.unmapped.amounts, 0)


@pytest.mark.parametrize("line_name", ["Off-balance items", "Receivables"])
def test_off_balance_accounts_stand_apart_wherever_they_are_mapped(
    engine: Engine, line_name: str
) -> None:
    day = date(2024, 5, 5)
    guarantee, contra = 30, 31
    books = [
        entry(day, (CASH, "1000"), (LOAN, "-1000")),
        entry(day, (guarantee, "70"), (contra, "-70")),
    ]
    connection = add_books(engine, books)
    structure = mapped(engine, connection, "international")
    line_id = next(line.id for line in structure.lines if line.name == line_name)
    structure = map_accounts(structure, line_id, [guarantee])

    with reading(engine) as db:
        question = StatementQuestion(day, day, (1,), by=By.TOTAL)
        report = balance_sheet(db, connection, structure, question)

    assert report.totals.debit.amounts == report.totals.credit.amounts == (1000,)
    assert all(line.name != "Receivables" or not any(line.amounts) for line in report.lines)
    apart = {account.id: line.name for line in report.off_balance for account in line.accounts}
    assert apart == {guarantee: line_name, contra: "Off-balance items"}


@both_databases
@given(LEDGERS, st.dates(FIRST_DAY, LAST_DAY), st.sampled_from([*COMPANIES]))
def test_earnings_are_the_results_of_the_fiscal_years(
    engine: Engine, ledger: list[Entry], day: date, company_id: int
) -> None:
    connection = add_books(engine, ledger)
    structure = mapped(engine, connection, "international")
    question = StatementQuestion(day, day, (company_id,), by=By.TOTAL)

    with reading(engine) as db:
        result = profit_and_loss(db, connection, structure, question)
        sheet = balance_sheet(db, connection, structure, question)

    year_start = result.columns[-1].from_date
    assert year_start
    held = {line.kind: line.amounts[0] for line in sheet.lines}
    assert held["current_year_earnings"] == result.totals.net.amounts[-1]
    assert held["current_year_earnings"] == earned(ledger, company_id, year_start, day)
    before = earned(
        ledger, company_id, date(1990, 1, 1), date.fromordinal(year_start.toordinal() - 1)
    )
    assert held["previous_years_earnings"] == before


def earned(ledger: list[Entry], company_id: int, first: date, last: date) -> Decimal:
    return -sum(
        (
            item.balance
            for entry in ledger
            if entry.company_id == company_id and first <= entry.day <= last
            for item in entry.items
            if TYPES.get(item.account_id, "").startswith(("income", "expense"))
        ),
        Decimal(0),
    )


@pytest.fixture
def sold(engine: Engine) -> Connection:
    """Sales of 100 a month in 2023 and of 150 in 2024, half of it spent at once."""
    ledger = [
        entry(
            date(year, month, 15),
            (CASH, str(sales // 2)),
            (COSTS, str(sales // 2)),
            (SALES, f"-{sales}"),
        )
        for year, sales in ((2023, 100), (2024, 150))
        for month in range(1, 13)
    ]
    return add_books(engine, ledger)


def test_it_shows_months_the_whole_and_the_year_to_date(engine: Engine, sold: Connection) -> None:
    structure = mapped(engine, sold, "international")
    question = StatementQuestion(date(2024, 2, 1), date(2024, 3, 31), (1,))

    with reading(engine) as db:
        report = profit_and_loss(db, sold, structure, question)

    assert [(each.kind, each.from_date, each.to_date) for each in report.columns] == [
        ("month", date(2024, 2, 1), date(2024, 2, 29)),
        ("month", date(2024, 3, 1), date(2024, 3, 31)),
        ("total", date(2024, 2, 1), date(2024, 3, 31)),
        ("year_to_date", date(2024, 1, 1), date(2024, 3, 31)),
    ]
    shown = {line.name: line.amounts for line in report.lines}
    assert shown["Revenue"] == (150, 150, 300, 450)
    assert shown["Operating expenses"] == (75, 75, 150, 225)
    assert shown["Operating result"] == (75, 75, 150, 225)
    assert report.totals.net.amounts == (75, 75, 150, 225)
    assert shown[None] == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("comparison", "first", "revenue"),
    [
        (Comparison.PREVIOUS_YEAR, date(2023, 2, 1), (100, 100, 200, 300)),
        (Comparison.PREVIOUS_PERIOD, date(2023, 12, 1), (100, 150, 250, 150)),
    ],
)
def test_it_compares_each_column_with_one_from_before(
    engine: Engine,
    sold: Connection,
    comparison: Comparison,
    first: date,
    revenue: tuple[int, ...],
) -> None:
    structure = mapped(engine, sold, "international")
    question = StatementQuestion(date(2024, 2, 1), date(2024, 3, 31), (1,), comparison)

    with reading(engine) as db:
        report = profit_and_loss(db, sold, structure, question)

    assert report.compared_columns[0].from_date == first
    assert {line.name: line.compared for line in report.lines}["Revenue"] == revenue


def test_the_year_to_date_begins_with_each_companys_fiscal_year(engine: Engine) -> None:
    sales = ((CASH, "10"), (SALES, "-10"))
    ledger = [
        entry(date(2024, month, 1), *sales, company_id=company_id)
        for company_id in (1, 2)
        for month in (3, 8)
    ]
    connection = add_books(engine, ledger)
    structure = mapped(engine, connection, "international")

    with reading(engine) as db:
        reports = [
            profit_and_loss(
                db,
                connection,
                structure,
                StatementQuestion(date(2024, 8, 1), date(2024, 8, 31), ids),
            )
            for ids in ((1,), (2,), (1, 2))
        ]

    starts = [report.columns[-1].from_date for report in reports]
    assert starts == [date(2024, 1, 1), date(2024, 7, 1), None]
    assert [report.totals.net.amounts[-1] for report in reports] == [20, 10, 30]


def test_it_has_the_code_of_the_first_company_that_has_one(
    engine: Engine, sold: Connection
) -> None:
    structure = mapped(engine, sold, "international")

    with reading(engine) as db:
        report = profit_and_loss(db, sold, structure, YEAR)

    revenue = next(line for line in report.lines if line.name == "Revenue")
    assert [(each.id, each.code, each.name) for each in revenue.accounts] == [
        (SALES, "000020", "Account 20")
    ]
    assert (report.currency, len(report.companies)) == ("EUR", 3)


def test_it_refuses_to_add_up_different_currencies(engine: Engine, sold: Connection) -> None:
    dollars = record_of("currencies", id=2, code="USD", decimal_places=2)
    company = record_of("companies", id=4, currency_id=2)
    add_records(engine, sold.id, "currencies", [dollars])
    add_records(engine, sold.id, "companies", [company])
    structure = mapped(engine, sold, "international")

    with reading(engine) as db:
        with pytest.raises(DifferentCurrencies, match=r"1 \(EUR\).* 4 \(USD\)"):
            balance_sheet(db, sold, structure, YEAR)
        report = balance_sheet(
            db, sold, structure, StatementQuestion(date(2024, 1, 1), date(2024, 1, 31), (4,))
        )

    assert report.currency == "USD"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (StatementQuestion(date(2024, 2, 1), date(2024, 1, 1)), "ends before it begins"),
        (StatementQuestion(date(2019, 1, 1), date(2024, 1, 1)), "at most 60 months"),
        (
            StatementQuestion(date.min, date(1, 2, 1), (), Comparison.PREVIOUS_YEAR),
            "nothing so much earlier",
        ),
        (StatementQuestion(date(2024, 1, 1), date(2024, 1, 1), (9,)), "no such company"),
    ],
)
def test_it_names_what_is_wrong_with_the_question(
    engine: Engine, sold: Connection, question: StatementQuestion, sentence: str
) -> None:
    with reading(engine) as db, pytest.raises(InvalidQuery, match=sentence):
        profit_and_loss(db, sold, mapped(engine, sold, "dutch"), question)
