"""The profit and loss and the balance sheet, in the lines of a reporting structure.

The balance sheet holds the earnings that no account holds yet: those of the fiscal year so far, and
those of earlier years that nobody has allocated. Each posted entry balances, so on every day assets
equal liabilities and equity, and the net total is zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.ledger import Account, Company, find_period, list_accounts
from receiver.errors import InvalidQuery
from receiver.report.columns import (
    BALANCE,
    Column,
    Comparison,
    balance_columns,
    compared_period,
    result_columns,
    span_of,
)
from receiver.report.companies import get_companies
from receiver.report.mapping import belongs_to
from receiver.report.periods import DAY, Period, checked_period, fiscal_year_start
from receiver.report.sheet import NOTHING, Sheet, Sums
from receiver.report.sliced import SlicedBalances, Span, range_of, sliced_balances
from receiver.report.statement_lines import StatementLine, Totals, statement_lines
from receiver.report.structure import (
    BALANCE_SHEET,
    CURRENT_YEAR_EARNINGS,
    FIGURES,
    PREVIOUS_YEARS_EARNINGS,
    PROFIT_AND_LOSS,
    Structure,
)


@dataclass(frozen=True)
class StatementQuestion:
    from_date: date | None  # None: the start of the fiscal year of the last day
    to_date: date | None  # included; None: the last day of the ledger
    company_ids: tuple[int, ...] = ()  # none: all of them
    comparison: Comparison | None = None
    is_by_month: bool = True


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


def profit_and_loss(
    db: Database, connection: Connection, structure: Structure, question: StatementQuestion
) -> Statement:
    """By month, over the whole period, and from the start of the fiscal year to its end.

    Raises InvalidQuery, and DifferentCurrencies.
    """
    return _statement(db, connection, structure, question, PROFIT_AND_LOSS)


def balance_sheet(
    db: Database, connection: Connection, structure: Structure, question: StatementQuestion
) -> Statement:
    """At the end of each month, or of the period alone. Raises as profit_and_loss does."""
    return _statement(db, connection, structure, question, BALANCE_SHEET)


def _statement(
    db: Database,
    connection: Connection,
    structure: Structure,
    question: StatementQuestion,
    statement: str,
) -> Statement:
    companies = tuple(get_companies(db, connection, question.company_ids))
    period = period_asked(db, connection, companies, question)
    columns = _columns(statement, companies, period, question.is_by_month)
    before = compared_period(period, question.comparison)
    compared = _columns(statement, companies, before, question.is_by_month) if before else []
    all_columns = [*columns, *compared]
    spans = [span for c in companies for column in all_columns for span in _spans(c, column)]
    company_ids = [company.id for company in companies]
    sliced = sliced_balances(db, range_of(connection.id, company_ids, spans))
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    sheet = Sheet(companies, accounts, len(columns), len(all_columns))
    ledger = _Ledger(companies, accounts, sliced)
    figures = ledger.earnings(all_columns) if statement == BALANCE_SHEET else {}
    sums = ledger.sums(statement, all_columns)
    lines, totals = statement_lines(sheet, structure, statement, sums, figures)
    return Statement(
        statement,
        companies,
        companies[0].currency,
        connection.start_date,
        tuple(columns),
        tuple(compared),
        lines,
        totals,
    )


def period_asked(
    db: Database, connection: Connection, companies: Sequence[Company], question: StatementQuestion
) -> Period:
    """Raises InvalidQuery."""
    last = question.to_date
    if last is None:
        _, last = find_period(db, connection.id, [company.id for company in companies])
    if last is None:
        raise InvalidQuery("Nothing is stored yet. Name the last day.", path="to")
    return checked_period(question.from_date or fiscal_year_start(companies[0], last), last)


def _columns(
    statement: str, companies: Iterable[Company], period: Period, is_by_month: bool
) -> list[Column]:
    if statement == BALANCE_SHEET:
        return balance_columns(period, is_by_month)
    return result_columns(companies, period, is_by_month)


def _spans(company: Company, column: Column) -> list[Span]:
    """All that the column needs of the company."""
    if column.kind == BALANCE:
        return [span_of(company, column), *_earnings_spans(company, column).values()]
    return [span_of(company, column)]


def _earnings_spans(company: Company, column: Column) -> dict[str, Span]:
    year_start = fiscal_year_start(company, column.to_date)
    return {
        CURRENT_YEAR_EARNINGS: Span(year_start, column.to_date),
        PREVIOUS_YEARS_EARNINGS: Span(None, year_start - DAY),
    }


@dataclass(frozen=True)
class _Ledger:
    companies: Sequence[Company]
    accounts: dict[int, Account]
    sliced: SlicedBalances[int]

    def sums(self, statement: str, columns: Sequence[Column]) -> dict[int, Sums]:
        """Of each account of the statement."""
        spans = [{c.id: span_of(c, column) for c in self.companies} for column in columns]
        ids = self._account_ids(statement)
        return {id: tuple(self.sliced.over(id, each) for each in spans) for id in ids}

    def earnings(self, columns: Sequence[Column]) -> dict[str, Sums]:
        spans = [{c.id: _earnings_spans(c, column) for c in self.companies} for column in columns]
        return {
            figure: tuple(
                self._result({id: found[figure] for id, found in each.items()}) for each in spans
            )
            for figure in FIGURES
        }

    def _result(self, spans: dict[int, Span]) -> Decimal:
        ids = self._account_ids(PROFIT_AND_LOSS)
        return sum((self.sliced.over(id, spans) for id in ids), NOTHING)

    def _account_ids(self, statement: str) -> list[int]:
        """Those with journal items; one that has not arrived has no type."""
        types = {id: account.type for id, account in self.accounts.items()}
        return [id for id in self.sliced.keys if belongs_to(types.get(id), statement)]
