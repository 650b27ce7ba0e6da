"""The profit and loss and the balance sheet, in the lines of a reporting structure.

The balance sheet holds the earnings that no account holds yet: those of the fiscal year so far, and
those of earlier years that nobody has allocated. Each posted entry balances, so on every day assets
equal liabilities and equity, and the net total is zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.ledger import Account, Company, list_accounts
from receiver.report.companies import get_companies
from receiver.report.mapping import belongs_to
from receiver.report.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Period,
    checked_period,
    common_fiscal_year_start,
    earlier,
    fiscal_year_start,
    months_between,
    months_of,
)
from receiver.report.sliced import SlicedBalances, Span, range_of, sliced_balances
from receiver.report.statement_lines import (
    NOTHING,
    Layout,
    StatementLine,
    Sums,
    Totals,
    statement_lines,
)
from receiver.report.structure import (
    BALANCE_SHEET,
    CURRENT_YEAR_EARNINGS,
    PREVIOUS_YEARS_EARNINGS,
    PROFIT_AND_LOSS,
    Structure,
)

MONTH, TOTAL, YEAR_TO_DATE, BALANCE = "month", "total", "year_to_date", "balance"


class Comparison(StrEnum):
    PREVIOUS_PERIOD = "previous_period"  # the same number of months, right before
    PREVIOUS_YEAR = "previous_year"


@dataclass(frozen=True)
class StatementQuestion:
    from_date: date
    to_date: date  # included
    company_ids: tuple[int, ...] = ()  # none: all of them
    comparison: Comparison | None = None
    is_by_month: bool = True


@dataclass(frozen=True)
class Column:
    kind: str  # "month", "total" or "year_to_date"; of a balance sheet "balance"
    from_date: date | None  # None: the beginning; or the fiscal years of the companies differ
    to_date: date


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
    period = checked_period(question.from_date, question.to_date)
    columns = _columns(statement, companies, period, question.is_by_month)
    before = compared_period(period, question.comparison)
    compared = _columns(statement, companies, before, question.is_by_month) if before else []
    all_columns = [*columns, *compared]
    spans = [span for c in companies for column in all_columns for span in _spans(c, column)]
    company_ids = [company.id for company in companies]
    sliced = sliced_balances(db, range_of(connection.id, company_ids, spans))
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    layout = Layout(structure, statement, companies, accounts, len(columns), len(all_columns))
    ledger = _Ledger(companies, accounts, sliced)
    figures = ledger.earnings(all_columns) if statement == BALANCE_SHEET else {}
    lines, totals = statement_lines(layout, ledger.sums(statement, all_columns), figures)
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


def compared_period(period: Period, comparison: Comparison | None) -> Period | None:
    if comparison is None:
        return None
    is_year = comparison == Comparison.PREVIOUS_YEAR
    return earlier(period, MONTHS_IN_YEAR if is_year else months_between(period) + 1)


def _columns(
    statement: str, companies: Iterable[Company], period: Period, is_by_month: bool
) -> list[Column]:
    months = months_of(period) if is_by_month else []
    if statement == BALANCE_SHEET:
        return [Column(BALANCE, None, each.to_date) for each in months or [period]]
    year_start = common_fiscal_year_start(companies, period.to_date)
    return [
        *(Column(MONTH, month.from_date, month.to_date) for month in months),
        Column(TOTAL, period.from_date, period.to_date),
        Column(YEAR_TO_DATE, year_start, period.to_date),
    ]


def _spans(company: Company, column: Column) -> list[Span]:
    """All that the column needs of the company."""
    if column.kind == BALANCE:
        return [_span(company, column), *_earnings_spans(company, column).values()]
    return [_span(company, column)]


def _span(company: Company, column: Column) -> Span:
    if column.kind == YEAR_TO_DATE:
        return Span(fiscal_year_start(company, column.to_date), column.to_date)
    return Span(column.from_date, column.to_date)


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
    sliced: SlicedBalances

    def sums(self, statement: str, columns: Sequence[Column]) -> dict[int, Sums]:
        """Of each account of the statement."""
        return {
            id: tuple(
                self._sum([id], [_span(c, column) for c in self.companies]) for column in columns
            )
            for id in self._account_ids(statement)
        }

    def earnings(self, columns: Sequence[Column]) -> dict[str, Sums]:
        results = self._account_ids(PROFIT_AND_LOSS)
        return {
            figure: tuple(
                self._sum(results, [_earnings_spans(c, column)[figure] for c in self.companies])
                for column in columns
            )
            for figure in (CURRENT_YEAR_EARNINGS, PREVIOUS_YEARS_EARNINGS)
        }

    def _account_ids(self, statement: str) -> list[int]:
        """Those with journal items; one that has not arrived has no type."""
        types = {id: account.type for id, account in self.accounts.items()}
        return [id for id in self.sliced.account_ids if belongs_to(types.get(id), statement)]

    def _sum(self, account_ids: Iterable[int], spans: Sequence[Span]) -> Decimal:
        """Over the companies, each with its span."""
        pairs = zip(self.companies, spans, strict=True)
        found = [self.sliced.between(c.id, id, span) for c, span in pairs for id in account_ids]
        return sum(found, NOTHING)
