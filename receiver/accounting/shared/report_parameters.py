"""What is asked of a report by columns: which companies, which days, compared with which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection as Database

from receiver.accounting.shared.amounts import Sheet
from receiver.accounting.shared.columns import (
    By,
    Column,
    Comparison,
    balance_columns,
    compared_columns,
    result_columns,
    span_of,
)
from receiver.accounting.shared.companies import get_companies
from receiver.accounting.shared.period_balances import Span, range_of
from receiver.accounting.shared.periods import (
    Period,
    checked_period,
    fiscal_year_start,
    next_year_end,
)
from receiver.db.accounting.balances import Range
from receiver.db.accounting.ledger import Account, Company, find_last_date, find_period
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidQuery

Spans = Mapping[int, Span]  # {company id: the days that count of it}


@dataclass(frozen=True)
class StatementQuestion:
    from_date: date | None  # None: the start of the fiscal year of the last day
    to_date: date | None  # included; None: the last day of the ledger that is no slip of the pen
    company_ids: tuple[int, ...] = ()  # none: all of them
    comparison: Comparison | None = None
    by: By = By.MONTH
    with_closings: bool = False  # what closes years is in the results too


@dataclass(frozen=True)
class Asked:
    connection: Connection
    companies: tuple[Company, ...]
    columns: tuple[Column, ...]
    compared_columns: tuple[Column, ...]  # one for each column, or none at all

    def spans(self, of: Callable[[Company, Column], Span] = span_of) -> list[Spans]:
        """The days of each column, the compared ones last."""
        columns = (*self.columns, *self.compared_columns)
        return [{each.id: of(each, column) for each in self.companies} for column in columns]

    def range(self, *spans: Sequence[Spans]) -> Range:
        """All that these need."""
        needed = [span for many in spans for each in many for span in each.values()]
        return range_of(self.connection.id, [each.id for each in self.companies], needed)

    def sheet(self, accounts: Mapping[int, Account]) -> Sheet:
        count = len(self.columns)
        return Sheet(self.companies, accounts, count, count + len(self.compared_columns))


def results_asked(db: Database, connection: Connection, question: StatementQuestion) -> Asked:
    """Columns of what happened in the period. Raises InvalidQuery, and DifferentCurrencies."""
    return _asked(db, connection, question, result_columns)


def balances_asked(db: Database, connection: Connection, question: StatementQuestion) -> Asked:
    """Columns of what there was at the end of each part. Raises InvalidQuery, and
    DifferentCurrencies."""
    return _asked(db, connection, question, balance_columns)


def _asked(
    db: Database,
    connection: Connection,
    question: StatementQuestion,
    columns_of: Callable[[Sequence[Company], Period, By], list[Column]],
) -> Asked:
    companies = tuple(get_companies(db, connection, question.company_ids))
    period = _period(db, connection, companies, question)
    columns = tuple(columns_of(companies, period, question.by))
    compared = tuple(compared_columns(companies, columns, period, question.comparison))
    return Asked(connection, companies, columns, compared)


def _period(
    db: Database, connection: Connection, companies: Sequence[Company], question: StatementQuestion
) -> Period:
    last = question.to_date or find_last_day(db, connection, companies, datetime.now(UTC).date())
    if last is None:
        raise InvalidQuery("Nothing is stored yet. Name the last day.", path="to")
    return checked_period(question.from_date or fiscal_year_start(companies[0], last), last)


def find_last_day(
    db: Database, connection: Connection, companies: Sequence[Company], today: date
) -> date | None:
    """Find the last day of the journal items that are dated up to the end of the fiscal year after
    today's; where all are later, of these. None where there are none."""
    company_ids = [company.id for company in companies]
    sensible = next_year_end(companies[0], today)
    found = find_last_date(db, connection.id, company_ids, sensible)
    return found or find_period(db, connection.id, company_ids)[1]
