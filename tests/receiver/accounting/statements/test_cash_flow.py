"""The cash flow: exactly by how much cash grew, in the lines of what it was exchanged for."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from receiver.accounting.shared.columns import By
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.statements.statements import cash_flow
from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.structure_json import TEMPLATES, from_template
from receiver.db.accounting.ledger import list_accounts
from receiver.db.engine import reading
from tests.receiver.report_books.builder import Entry
from tests.receiver.report_books.small import (
    COMPANIES,
    FIRST_DAY,
    LAST_DAY,
    LEDGERS,
    TYPES,
    add_books,
    entry,
)

BANK, CASH, RECEIVABLE, SALES, COSTS = 10, 11, 12, 20, 22
DAYS = st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)).map(sorted)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEDGERS, DAYS, st.sampled_from([(1,), (2,), ()]), st.sampled_from(TEMPLATES))
def test_it_is_by_how_much_cash_grew(
    engine: Engine,
    books: list[Entry],
    days: list[date],
    company_ids: tuple[int, ...],
    template: str,
) -> None:
    connection = add_books(engine, books)
    first, last = days
    question = StatementQuestion(first, last, company_ids)
    with reading(engine) as db:
        structure = map_automatically(from_template(template), list_accounts(db, connection.id))
        report = cash_flow(db, connection, structure, question)

    total = next(number for number, each in enumerate(report.columns) if each.kind == "total")
    before = date.fromordinal(first.toordinal() - 1)
    assert report.opening.amounts[total] == cash_until(books, company_ids, before)
    assert report.closing.amounts[total] == cash_until(books, company_ids, last)
    flows = zip(
        report.opening.amounts, report.totals.net.amounts, report.closing.amounts, strict=True
    )
    assert all(opening + net == closing for opening, net, closing in flows)
    for number in range(len(report.columns)):
        tops = [line.amounts[number] for line in report.lines if not line.level]
        assert sum(tops, Decimal(0)) == report.totals.net.amounts[number]


def cash_until(books: list[Entry], company_ids: tuple[int, ...], day: date) -> Decimal:
    return sum(
        (
            item.balance
            for entry in books
            if entry.company_id in (company_ids or COMPANIES) and entry.day <= day
            for item in entry.items
            if TYPES.get(item.account_id) == "asset_cash"
        ),
        Decimal(0),
    )


def test_it_shows_what_cash_was_exchanged_for(engine: Engine) -> None:
    day = date(2024, 5, 5)
    books = [
        entry(day, (RECEIVABLE, "100"), (SALES, "-100")),  # no cash yet
        entry(day, (BANK, "97"), (COSTS, "3"), (RECEIVABLE, "-100")),
        entry(day, (CASH, "20"), (BANK, "-20")),  # from one to the other
    ]
    connection = add_books(engine, books)
    question = StatementQuestion(day, day, (1,), by=By.TOTAL)
    with reading(engine) as db:
        structure = map_automatically(
            from_template("international"), list_accounts(db, connection.id)
        )
        report = cash_flow(db, connection, structure, question)

    shown = {line.name: line.amounts[0] for line in report.lines if line.amounts[0]}
    assert shown == {
        "Cash flow from operations": 97,
        "Receipts from customers": 100,
        "Payments to suppliers": -3,
    }
    assert report.closing.amounts[0] == 97


def test_the_first_day_is_of_the_period_and_not_before_it(engine: Engine) -> None:
    eve, day = date(2024, 5, 4), date(2024, 5, 5)
    books = [
        entry(eve, (BANK, "10"), (SALES, "-10")),
        entry(day, (BANK, "97"), (SALES, "-97")),
    ]
    connection = add_books(engine, books)
    with reading(engine) as db:
        question = StatementQuestion(day, day, (1,), by=By.TOTAL)
        report = cash_flow(db, connection, from_template("international"), question)

    kept = report.opening.amounts[0], report.totals.net.amounts[0], report.closing.amounts[0]
    assert kept == (10, 97, 107)
