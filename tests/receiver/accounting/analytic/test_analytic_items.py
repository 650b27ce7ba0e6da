"""What a figure of the dimensional report opens, on every ledger that can be made."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from receiver.accounting.analytic.analytic_items import dimension_items
from receiver.accounting.analytic.analytic_report import dimensional_report
from receiver.accounting.ledger.general_ledger import LedgerQuestion, general_ledger, ledger_lines
from receiver.accounting.shared.columns import By
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from tests.receiver.report_books.builder import Entry
from tests.receiver.report_books.small import FIRST_DAY, LAST_DAY, LEDGERS, add_books

WHOLE = StatementQuestion(FIRST_DAY, LAST_DAY, by=By.TOTAL)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEDGERS)
def test_each_figure_is_the_sum_of_its_items_parts(engine: Engine, ledger: list[Entry]) -> None:
    assert_opened(engine, add_books(engine, ledger), with_closings=False)


def assert_opened(engine: Engine, connection: Connection, *, with_closings: bool) -> None:
    asked = LedgerQuestion((), FIRST_DAY, LAST_DAY, with_closings=with_closings)

    with reading(engine) as db:
        whole = replace(WHOLE, with_closings=with_closings)
        report = dimensional_report(db, connection, whole)
        for dimension in report.dimensions:
            for line in (*dimension.lines, dimension.not_allocated):
                id = line.analytic_account_id
                found = dimension_items(db, connection, asked, dimension.plan_id, id)
                opened = general_ledger(db, connection, found.question)
                parts = [
                    found.allocated(item.shares, item.balance)
                    for lines in ledger_lines(db, opened)
                    for item in lines
                ]
                assert found.total == line.amounts[0]
                assert sum(parts, Decimal(0)) == line.amounts[0]
                assert all(found.percentages[item] for item in found.question.shares or ())
