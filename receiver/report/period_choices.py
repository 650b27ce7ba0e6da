"""Periods that people ask for by name, as the company's fiscal year has them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receiver.db.ledger import Company
from receiver.report.periods import (
    DAY,
    MONTHS_IN_YEAR,
    Period,
    fiscal_year_start,
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
    """Years and quarters are the company's; what has not ended goes to the end of this month."""
    end = month_after(today, 1) - DAY
    year = fiscal_year_start(company, today)
    year_before = fiscal_year_start(company, year - DAY)
    quarter = parts_of(Period(year, today), MONTHS_IN_QUARTER, year)[-1].from_date
    return [
        NamedPeriod(year, end, Choice.THIS_YEAR),
        NamedPeriod(year_before, year - DAY, Choice.LAST_YEAR),
        NamedPeriod(quarter, end, Choice.THIS_QUARTER),
        NamedPeriod(month_after(today, 1 - MONTHS_IN_YEAR), end, Choice.LAST_12_MONTHS),
    ]
