"""The dimensional report: shares applied, and each plan adds up to the profit and loss."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from receiver.accounting.analytic.analytic_report import Dimension, dimensional_report
from receiver.accounting.shared.columns import By
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.statements.statements import profit_and_loss
from receiver.accounting.structures.structure_json import from_template
from receiver.db.engine import reading
from receiver.errors import InvalidQuery
from tests.receiver.records import record_of
from tests.receiver.report_books.builder import Entry, Item, add_records
from tests.receiver.report_books.small import (
    ANALYTIC_ACCOUNTS,
    COMPANIES,
    FIRST_DAY,
    LAST_DAY,
    LEDGERS,
    PLANS,
    TYPES,
    add_books,
)

TOPS = {1: 1, 2: 1, 3: 1, 4: 2, 5: None}  # {analytic account id: id of the plan at the top}
SALES, COSTS, CASH = 20, 22, 10
DAY = date(2024, 5, 5)
QUESTION = StatementQuestion(DAY, DAY, by=By.TOTAL)

questions = st.builds(
    lambda days, ids: StatementQuestion(min(days), max(days), ids),
    st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)),
    st.lists(st.sampled_from([*COMPANIES]), unique=True).map(tuple),
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEDGERS, questions)
def test_each_plan_adds_up_to_the_profit_and_loss(
    engine: Engine, ledger: list[Entry], question: StatementQuestion
) -> None:
    connection = add_books(engine, ledger)
    with reading(engine) as db:
        report = dimensional_report(db, connection, question)
        result = profit_and_loss(db, connection, from_template("international"), question)

    assert [each.plan_id for each in report.dimensions] == [1, 2, None]
    for dimension in report.dimensions:
        assert dimension.total == result.totals.net
        for number in range(len(report.columns)):
            parts = [*dimension.lines, dimension.not_allocated]
            shown = [line.amounts[number] for line in parts]
            assert dimension.total.amounts[number] == sum(shown, Decimal(0))
            for line in parts:
                below = sum((account.amounts[number] for account in line.accounts), Decimal(0))
                assert line.amounts[number] == below
        assert amounts_of(dimension, -2) == expected(ledger, question, dimension.plan_id)


def amounts_of(dimension: Dimension, column: int) -> dict[int, Decimal]:
    amounts = {line.analytic_account_id: line.amounts[column] for line in dimension.lines}
    return {id: amount for id, amount in amounts.items() if id and amount}


def expected(
    ledger: list[Entry], question: StatementQuestion, plan_id: int | None
) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for entry in ledger:
        is_asked = entry.company_id in (question.company_ids or COMPANIES)
        if is_asked and question.from_date <= entry.day <= question.to_date:
            for id, amount in earned_by(entry):
                sums[id] += amount if TOPS.get(id, "gone") == plan_id else 0
    return {id: amount for id, amount in sums.items() if amount}


def earned_by(entry: Entry) -> Iterator[tuple[int, Decimal]]:
    """Each analytic account in the entry's shares, with its part of a result."""
    for item in entry.items:
        if TYPES.get(item.account_id, "").startswith(("income", "expense")):
            for ids, percentage in item.shares or ():
                yield from ((id, -item.balance * percentage / 100) for id in ids)


def test_the_tops_are_those_of_the_books() -> None:
    assert {id: plan and (PLANS[plan] or plan) for id, plan in ANALYTIC_ACCOUNTS.items()} == TOPS


def test_shares_over_and_under_the_whole_leave_the_rest_unallocated(engine: Engine) -> None:
    items = (
        Item(SALES, Decimal(-100), [((1,), Decimal(100)), ((2, 4), Decimal(50))]),
        Item(COSTS, Decimal(40), [((4,), Decimal("12.5"))]),
        Item(COSTS, Decimal(8), [((99,), Decimal(100))]),  # its analytic account is gone
        Item(CASH, Decimal(52)),
    )
    connection = add_books(engine, [Entry(1, DAY, items)])

    with reading(engine) as db:
        first, second, without = dimensional_report(db, connection, QUESTION).dimensions

    assert amounts_of(first, 0) == {1: 100, 2: 50}
    assert first.not_allocated.amounts[0] == -50 - 40 - 8
    assert amounts_of(second, 0) == {4: 50 - 5}
    assert [account.amounts[0] for account in second.lines[0].accounts] == [50, -5]
    assert second.not_allocated.amounts[0] == 50 - 35 - 8
    assert (without.plan, without.lines, without.not_allocated.amounts[0]) == (None, (), 52)


def test_a_share_below_zero_is_a_share(engine: Engine) -> None:
    shares = [((1,), Decimal(150)), ((2,), Decimal(-50))]
    sold = Entry(1, DAY, (Item(SALES, Decimal(-100), shares), Item(CASH, Decimal(100))))
    connection = add_books(engine, [sold])

    with reading(engine) as db:
        [report] = dimensional_report(db, connection, QUESTION, 1).dimensions

    assert amounts_of(report, 0) == {1: 150, 2: -50}
    assert report.not_allocated.amounts[0] == 0


def test_a_plan_below_one_that_has_not_arrived_is_no_plan_yet(engine: Engine) -> None:
    shares = [((7,), Decimal(100))]
    sold = Entry(1, DAY, (Item(SALES, Decimal(-100), shares), Item(CASH, Decimal(100))))
    connection = add_books(engine, [sold])
    below = record_of("analytic_plans", id=7, name="Below", parent_id=77)
    add_records(engine, connection.id, "analytic_plans", [below])
    account = record_of("analytic_accounts", id=7, code="A7", name="Analytic 7", plan_id=7)
    add_records(engine, connection.id, "analytic_accounts", [account])

    with reading(engine) as db:
        *_, without = dimensional_report(db, connection, QUESTION).dimensions

    assert (without.plan_id, amounts_of(without, 0)) == (None, {7: 100})
    assert [(line.code, line.name) for line in without.lines] == [("A7", "Analytic 7")]


def test_it_is_of_one_plan_where_one_is_named(engine: Engine) -> None:
    connection = add_books(engine, [])

    with reading(engine) as db:
        report = dimensional_report(db, connection, QUESTION, 2)
        with pytest.raises(InvalidQuery, match="connection has: 1, 2"):
            dimensional_report(db, connection, QUESTION, 3)

    assert [each.plan for each in report.dimensions] == ["Plan 2"]
