"""Periods that people ask for by name, as the company's fiscal year has them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receiver.accounting.shared.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Period,
    fiscal_year,
    fiscal_year_start,
    month_after,
    parts_of,
)
from receiver.db.accounting.ledger import Company

MONTHS_IN_QUARTER = 3


class Choice(StrEnum):
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    YEAR_TO_DATE = "year_to_date"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    LAST_12_MONTHS = "last_12_months"


@dataclass(frozen=True)
class NamedPeriod(Period):
    choice: Choice


def named_periods(company: Company, today: date) -> list[NamedPeriod]:
    """Years and quarters are the company's, months those of the calendar. Each is whole, but for
    the year to date; the last 12 months are those that have ended."""
    quarter, year = _quarter(company, today), fiscal_year(company, today)
    found = {
        Choice.THIS_MONTH: _months(today, 0, 1),
        Choice.LAST_MONTH: _months(today, -1, 0),
        Choice.THIS_QUARTER: quarter,
        Choice.LAST_QUARTER: _quarter(company, quarter.from_date - DAY),
        Choice.YEAR_TO_DATE: year_to_date(company, today),
        Choice.THIS_YEAR: year,
        Choice.LAST_YEAR: fiscal_year(company, year.from_date - DAY),
        Choice.LAST_12_MONTHS: _months(today, -MONTHS_IN_YEAR, 0),
    }
    return [NamedPeriod(each.from_date, each.to_date, choice) for choice, each in found.items()]


def year_to_date(company: Company, day: date) -> Period:
    return Period(fiscal_year_start(company, day), day)


def _months(today: date, first: int, after: int) -> Period:
    """So many months from that of today, up to the one before ``after``."""
    return Period(month_after(today, first), month_after(today, after) - DAY)


def _quarter(company: Company, day: date) -> Period:
    year = fiscal_year(company, day)
    quarters = parts_of(year, MONTHS_IN_QUARTER, year.from_date)
    return next(each for each in quarters if day <= each.to_date)
