"""The columns of a report over a period: months, the whole, the fiscal year so far; and compared
ones, each a while before its column."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receiver.db.ledger import Company
from receiver.report.periods import (
    MONTHS_IN_YEAR,
    Period,
    common_fiscal_year_start,
    earlier,
    fiscal_year_start,
    months_between,
    months_of,
)
from receiver.report.sliced import Span

MONTH, TOTAL, YEAR_TO_DATE, BALANCE = "month", "total", "year_to_date", "balance"


class Comparison(StrEnum):
    PREVIOUS_PERIOD = "previous_period"  # the same number of months, right before
    PREVIOUS_YEAR = "previous_year"


@dataclass(frozen=True)
class Column:
    kind: str  # "month", "total" or "year_to_date"; of a balance sheet "balance"
    from_date: date | None  # None: the beginning; or the fiscal years of the companies differ
    to_date: date


def result_columns(companies: Iterable[Company], period: Period, is_by_month: bool) -> list[Column]:
    """Raises InvalidQuery where there are too many months."""
    months = months_of(period) if is_by_month else []
    year_start = common_fiscal_year_start(companies, period.to_date)
    return [
        *(Column(MONTH, month.from_date, month.to_date) for month in months),
        Column(TOTAL, period.from_date, period.to_date),
        Column(YEAR_TO_DATE, year_start, period.to_date),
    ]


def balance_columns(
    _companies: Iterable[Company], period: Period, is_by_month: bool
) -> list[Column]:
    """Raises InvalidQuery where there are too many months."""
    months = months_of(period) if is_by_month else [period]
    return [Column(BALANCE, None, month.to_date) for month in months]


def compared_period(period: Period, comparison: Comparison | None) -> Period | None:
    if comparison is None:
        return None
    is_year = comparison == Comparison.PREVIOUS_YEAR
    return earlier(period, MONTHS_IN_YEAR if is_year else months_between(period) + 1)


def span_of(company: Company, column: Column) -> Span:
    if column.kind == YEAR_TO_DATE:
        return Span(fiscal_year_start(company, column.to_date), column.to_date)
    return Span(column.from_date, column.to_date)
