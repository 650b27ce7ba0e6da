"""The cash flow by the direct method: what cash was exchanged for, line by line.

Each posted entry balances, so what it moved on cash accounts is what its other items say with the
opposite sign. Those items are shown in the lines that their accounts are mapped to: the net total
is, to the cent, by how much cash grew. Nothing is estimated, and nothing is left unanalysed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection as Database

from receiver.accounting.shared.amounts import Amounts
from receiver.accounting.shared.columns import Column, span_of
from receiver.accounting.shared.period_balances import Span, in_slices, sliced_balances
from receiver.accounting.shared.periods import days_before
from receiver.accounting.shared.report_parameters import StatementQuestion, results_asked
from receiver.accounting.shared.statement_kinds import CASH, CASH_FLOW
from receiver.accounting.statements.statement_lines import statement_lines
from receiver.accounting.statements.statements import Statement, head_of, sums_of, total_of
from receiver.accounting.structures.structure import Structure
from receiver.db.accounting.balances import list_counterpart_balances
from receiver.db.accounting.ledger import Company, list_accounts
from receiver.db.connections.connections import Connection


@dataclass(frozen=True, kw_only=True)
class CashFlow(Statement):
    """The closing balance is the opening one and the net total."""

    opening: Amounts  # of all cash accounts, before each column's first day
    closing: Amounts

    def total(self, name: str) -> Amounts:
        held = {"opening": self.opening, "closing": self.closing}
        return held[name] if name in held else super().total(name)


def cash_flow(
    db: Database, connection: Connection, structure: Structure, question: StatementQuestion
) -> CashFlow:
    """Make the cash flow with the columns of the profit and loss. Raises as profit_and_loss
    does."""
    asked = results_asked(db, connection, question)
    spans, before, until = asked.spans(), asked.spans(_before), asked.spans(_until)
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    cash_ids = [id for id, account in accounts.items() if account.type == CASH]
    range = asked.range(spans)
    flows = in_slices(range.cuts, list_counterpart_balances(db, range, cash_ids))
    sums = sums_of(flows, [*flows.keys], spans)
    sheet = asked.sheet(accounts)
    lines, totals = statement_lines(sheet, structure, CASH_FLOW, sums, {})
    held = sliced_balances(db, asked.range(before, until), cash_ids)
    return CashFlow(
        CASH_FLOW,
        *head_of(asked),
        lines,
        totals,
        opening=sheet.amounts(total_of(held, cash_ids, before), is_credit_positive=False),
        closing=sheet.amounts(total_of(held, cash_ids, until), is_credit_positive=False),
    )


def _before(company: Company, column: Column) -> Span:
    first = span_of(company, column).from_date
    assert first is not None  # none of a result's columns goes back to the beginning
    return Span(*days_before(first))


def _until(_company: Company, column: Column) -> Span:
    return Span(None, column.to_date)
