"""The financial statements, in the lines of a reporting structure: profit and loss, balance sheet,
cash flow.

The balance sheet holds the earnings that no account holds yet: those of the fiscal year so far, and
those of earlier years that nobody has allocated. Each posted entry balances, so on every day assets
equal liabilities and equity, and the net total is zero. Odoo keeps off-balance accounts to entries
of their own, so that holds without them too: they stand apart.

The cash flow is made by the direct method: what cash was exchanged for, line by line. Each posted
entry balances, so what it moved on cash accounts is what its other items say with the opposite
sign. Those items are shown in the lines that their accounts are mapped to: the net total is, to the
cent, by how much cash grew. Nothing is estimated, and nothing is left unanalysed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.shared.amounts import NOTHING, Amounts, Sums
from receiver.accounting.shared.closings import (
    NO_CLOSINGS,
    ClosingEntries,
    closing_entries,
    without_closings,
)
from receiver.accounting.shared.columns import Column, span_of
from receiver.accounting.shared.period_balances import (
    SlicedBalances,
    Span,
    in_slices,
    sliced_balances,
)
from receiver.accounting.shared.periods import days_before, fiscal_year_start
from receiver.accounting.shared.report_parameters import (
    Asked,
    Spans,
    StatementQuestion,
    balances_asked,
    results_asked,
)
from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CASH,
    CASH_FLOW,
    CURRENT_YEAR_EARNINGS,
    OFF_BALANCE,
    PREVIOUS_YEARS_EARNINGS,
    PROFIT_AND_LOSS,
)
from receiver.accounting.statements.statement_lines import (
    StatementLine,
    Totals,
    apart_lines,
    statement_lines,
)
from receiver.accounting.structures.mapping import belongs_to
from receiver.accounting.structures.structure import Structure
from receiver.db.accounting.balances import list_counterpart_balances
from receiver.db.accounting.ledger import Account, Company, list_accounts
from receiver.db.connections.connections import Connection


@dataclass(frozen=True)
class Statement:
    statement: str
    companies: tuple[Company, ...]
    currency: str | None
    start_date: date | None  # earlier entries are not here
    columns: tuple[Column, ...]
    compared_columns: tuple[Column, ...]  # one for each column, or none at all
    lines: tuple[StatementLine, ...]
    totals: Totals
    off_balance: tuple[StatementLine, ...] = ()  # of a balance sheet: in no total
    closings: ClosingEntries = NO_CLOSINGS  # of a profit and loss

    def total(self, name: str) -> Amounts:
        """Amounts of one of its kind's totals."""
        found: Amounts = getattr(self.totals, name)
        return found


@dataclass(frozen=True, kw_only=True)
class CashFlow(Statement):
    """The closing balance is the opening one and the net total."""

    opening: Amounts  # of all cash accounts, before each column's first day
    closing: Amounts

    def total(self, name: str) -> Amounts:
        held = {"opening": self.opening, "closing": self.closing}
        return held[name] if name in held else super().total(name)


def report_statement(
    db: Database,
    connection: Connection,
    statement: str,
    structure: Structure,
    question: StatementQuestion,
) -> Statement:
    """``statement`` is one of STATEMENTS. Raises InvalidQuery, and DifferentCurrencies."""
    added_up_by = {
        PROFIT_AND_LOSS: profit_and_loss,
        BALANCE_SHEET: balance_sheet,
        CASH_FLOW: cash_flow,
    }
    return added_up_by[statement](db, connection, structure, question)


def profit_and_loss(
    db: Database, connection: Connection, structure: Structure, question: StatementQuestion
) -> Statement:
    """Make the profit and loss by month, over the whole period, and from the start of the fiscal
    year to its end.

    Without the entries that close years, unless they are asked for.
    Raises InvalidQuery, and DifferentCurrencies.
    """
    asked = results_asked(db, connection, question)
    spans = asked.spans()
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    range, closings = without_closings(
        db, connection, asked.range(spans), with_closings=question.with_closings
    )
    sliced = sliced_balances(db, range)
    sums = sums_of(sliced, ids_in(sliced, accounts, PROFIT_AND_LOSS), spans)
    lines, totals = statement_lines(asked.sheet(accounts), structure, PROFIT_AND_LOSS, sums, {})
    found = closing_entries(db, range, closings, result_accounts(accounts))
    return Statement(PROFIT_AND_LOSS, *head_of(asked), lines, totals, closings=found)


def balance_sheet(
    db: Database, connection: Connection, structure: Structure, question: StatementQuestion
) -> Statement:
    """Make the balance sheet at the end of each month, or of the period alone. Raises as
    profit_and_loss does."""
    asked = balances_asked(db, connection, question)
    spans, years, before = asked.spans(), asked.spans(_year_so_far), asked.spans(_earlier_years)
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    sliced = sliced_balances(db, asked.range(spans, years, before))
    ids = ids_in(sliced, accounts, BALANCE_SHEET)
    apart_ids = {id for id in ids if id in accounts and accounts[id].type == OFF_BALANCE}
    sums = sums_of(sliced, [id for id in ids if id not in apart_ids], spans)
    apart = sums_of(sliced, [*apart_ids], spans)
    results = ids_in(sliced, accounts, PROFIT_AND_LOSS)
    figures = {
        CURRENT_YEAR_EARNINGS: total_of(sliced, results, years),
        PREVIOUS_YEARS_EARNINGS: total_of(sliced, results, before),
    }
    sheet = asked.sheet(accounts)
    lines, totals = statement_lines(sheet, structure, BALANCE_SHEET, sums, figures)
    off_balance = apart_lines(sheet, structure, BALANCE_SHEET, apart)
    return Statement(BALANCE_SHEET, *head_of(asked), lines, totals, off_balance)


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


def head_of(
    asked: Asked,
) -> tuple[tuple[Company, ...], str | None, date | None, tuple[Column, ...], tuple[Column, ...]]:
    """Companies, currency, start date, columns and compared columns."""
    return (
        asked.companies,
        asked.companies[0].currency,
        asked.connection.start_date,
        asked.columns,
        asked.compared_columns,
    )


def ids_in(
    sliced: SlicedBalances[int], accounts: Mapping[int, Account], statement: str
) -> list[int]:
    """Accounts of the statement with journal items; one that has not arrived has no type."""
    types = {id: account.type for id, account in accounts.items()}
    return [id for id in sliced.keys if belongs_to(types.get(id), statement)]


def result_accounts(accounts: Mapping[int, Account]) -> list[int]:
    return [id for id, each in accounts.items() if belongs_to(each.type, PROFIT_AND_LOSS)]


def sums_of(
    sliced: SlicedBalances[int], account_ids: Sequence[int], spans: Sequence[Spans]
) -> dict[int, Sums]:
    return {id: tuple(sliced.over(id, each) for each in spans) for id in account_ids}


def total_of(
    sliced: SlicedBalances[int], account_ids: Sequence[int], spans: Sequence[Spans]
) -> Sums:
    """Sums of all the accounts together."""

    def total(span: Spans) -> Decimal:
        return sum((sliced.over(id, span) for id in account_ids), NOTHING)

    return tuple(total(each) for each in spans)


def _year_so_far(company: Company, column: Column) -> Span:
    return Span(fiscal_year_start(company, column.to_date), column.to_date)


def _earlier_years(company: Company, column: Column) -> Span:
    return Span(*days_before(fiscal_year_start(company, column.to_date)))


def _before(company: Company, column: Column) -> Span:
    first = span_of(company, column).from_date
    assert first is not None  # none of a result's columns goes back to the beginning
    return Span(*days_before(first))


def _until(_company: Company, column: Column) -> Span:
    return Span(None, column.to_date)
