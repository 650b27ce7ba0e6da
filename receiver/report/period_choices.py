"""Periods that people ask for by name, as the company's fiscal year has them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receiver.db.ledger import Company
from receiver.report.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Period,
    fiscal_year,
    month_after,
    parts_of,
)

MONTHS_IN_QUARTER = 3


class Choice(StrEnum):
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    THIS_QUARTER = "this_quarter"
    LAST_12_MONTHS = "last_12_months"


@dataclass(frozen=True)
class NamedPeriod(Period):
    choice: Choice


def named_periods(company: Company, today: date) -> list[NamedPeriod]:
    """Years and quarters are the company's; what has not ended goes to the end of this month, but
    not beyond its own."""
    end = month_after(today, 1) - DAY
    year = fiscal_year(company, today)
    year_before = fiscal_year(company, year.from_date - DAY)
    quarters = parts_of(year, MONTHS_IN_QUARTER, year.from_date)
    quarter = next(each for each in quarters if today <= each.to_date)
    return [
        NamedPeriod(year.from_date, min(end, year.to_date), Choice.THIS_YEAR),
        NamedPeriod(year_before.from_date, year_before.to_date, Choice.LAST_YEAR),
        NamedPeriod(quarter.from_date, min(end, quarter.to_date), Choice.THIS_QUARTER),
        NamedPeriod(month_after(today, 1 - MONTHS_IN_YEAR), end, Choice.LAST_12_MONTHS),
    ]
