"""The charts' sums by type are those of the statements, on every ledger that can be made."""

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.statements.chart_series import chart_series
from receiver.accounting.statements.statements import balance_sheet, profit_and_loss
from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.structure_json import from_template
from receiver.db.accounting.ledger import list_accounts
from receiver.db.engine import reading
from tests.receiver.report_books.builder import Entry
from tests.receiver.report_books.small import FIRST_DAY, LAST_DAY, LEDGERS, TYPES, add_books

WHOLE = StatementQuestion(FIRST_DAY, LAST_DAY)
OTHERS = {91, 92} | {id for id, type in TYPES.items() if type == "off_balance"}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEDGERS)
def test_income_less_costs_is_the_result_and_the_sheet_balances(
    engine: Engine, ledger: list[Entry]
) -> None:
    typed = [each for each in ledger if not OTHERS & {item.account_id for item in each.items}]
    connection = add_books(engine, typed)

    with reading(engine) as db:
        structure = map_automatically(from_template("belgian"), list_accounts(db, connection.id))
        results = profit_and_loss(db, connection, structure, WHOLE)
        balances = balance_sheet(db, connection, structure, WHOLE)

    sums = (each.amounts for each in chart_series(results))
    for income, costs, result in zip(*sums, strict=True):
        assert income - costs == result
    assets, liabilities, equity = (each.amounts for each in chart_series(balances))
    for owned, owed, own in zip(assets, liabilities, equity, strict=True):
        assert owned == owed + own
