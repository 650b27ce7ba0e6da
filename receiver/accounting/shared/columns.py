"""The columns of a report over a period: its months, quarters or years, the whole, the fiscal year
so far; and compared ones, each a while before its column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receiver.accounting.shared.period_balances import Span
from receiver.accounting.shared.periods import (
    MONTHS_IN_YEAR,
    Period,
    common_fiscal_year_start,
    earlier,
    earlier_end,
    fiscal_year_start,
    months_in,
    parts_of,
)
from receiver.db.accounting.ledger import Company

TOTAL, YEAR_TO_DATE, BALANCE = "total", "year_to_date", "balance"


class By(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"  # of the fiscal year
    YEAR = "year"  # the fiscal year
    TOTAL = "total"  # the whole period alone


MONTHS = {By.MONTH: 1, By.QUARTER: 3, By.YEAR: MONTHS_IN_YEAR}
COLUMN_KINDS = (*MONTHS, TOTAL, YEAR_TO_DATE, BALANCE)


class Comparison(StrEnum):
    PREVIOUS_PERIOD = "previous_period"  # the same number of months, right before
    PREVIOUS_YEAR = "previous_year"


@dataclass(frozen=True)
class Column:
    kind: str  # "month", "quarter", "year", "total", "year_to_date"; of a balance sheet "balance"
    from_date: date | None  # None: the beginning; or the fiscal years of the companies differ
    to_date: date


def result_columns(companies: Sequence[Company], period: Period, by: By) -> list[Column]:
    """Raises InvalidQuery where there are too many months."""
    return [
        *(Column(by, part.from_date, part.to_date) for part in _parts(companies, period, by)),
        Column(TOTAL, period.from_date, period.to_date),
        Column(YEAR_TO_DATE, common_fiscal_year_start(companies, period.to_date), period.to_date),
    ]


def balance_columns(companies: Sequence[Company], period: Period, by: By) -> list[Column]:
    """Raises InvalidQuery where there are too many months."""
    parts = _parts(companies, period, by) or [period]
    return [Column(BALANCE, None, part.to_date) for part in parts]


def compared_columns(
    companies: Sequence[Company],
    columns: Iterable[Column],
    period: Period,
    comparison: Comparison | None,
) -> list[Column]:
    """One for each column, or none at all."""
    if comparison is None:
        return []
    is_year = comparison == Comparison.PREVIOUS_YEAR
    months = MONTHS_IN_YEAR if is_year else months_in(period)
    return [_earlier(companies, column, months) for column in columns]


def _parts(companies: Sequence[Company], period: Period, by: By) -> list[Period]:
    """Quarters and years as the first company counts them."""
    if by is By.TOTAL:
        return []
    return parts_of(period, MONTHS[by], fiscal_year_start(companies[0], period.from_date))


def _earlier(companies: Sequence[Company], column: Column, months: int) -> Column:
    if column.kind == YEAR_TO_DATE:
        end = earlier_end(column.to_date, months)
        return Column(YEAR_TO_DATE, common_fiscal_year_start(companies, end), end)
    if column.from_date is None:
        return Column(column.kind, None, earlier_end(column.to_date, months))
    before = earlier(Period(column.from_date, column.to_date), months)
    return Column(column.kind, before.from_date, before.to_date)


def span_of(company: Company, column: Column) -> Span:
    if column.kind == YEAR_TO_DATE:
        return Span(fiscal_year_start(company, column.to_date), column.to_date)
    return Span(column.from_date, column.to_date)
