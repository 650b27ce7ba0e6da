"""Periods of reports: months, the same a while earlier, and a company's fiscal year."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from receiver.db.ledger import Company
from receiver.errors import InvalidQuery

MONTHS_IN_YEAR = 12
MOST_MONTHS = 60  # in one report
FEBRUARY = 2
DAY = timedelta(days=1)
FIRST_YEAR = 1900  # what is asked for before it is a slip of the pen; nor can dates go below 1
LAST_YEAR = 9998


@dataclass(frozen=True)
class Period:
    from_date: date
    to_date: date  # included


def checked_period(from_date: date, to_date: date) -> Period:
    """Raises InvalidQuery for one that ends before it begins, or that no report is made of."""
    if from_date > to_date:
        raise InvalidQuery("The period ends before it begins.", path="to")
    if from_date.year < FIRST_YEAR or to_date.year > LAST_YEAR:
        raise InvalidQuery(
            "Name dates from %(first)s to %(last)s.",
            path="from",
            first=str(FIRST_YEAR),
            last=str(LAST_YEAR),
        )
    return Period(from_date, to_date)


def parts_of(period: Period, months: int, year_start: date) -> list[Period]:
    """Its calendar months; or its parts of so many months each, counted from the day on which a
    fiscal year starts. The first and the last are cut where the period begins and ends.

    Raises InvalidQuery where it has more than MOST_MONTHS.
    """
    if months_in(period) > MOST_MONTHS:
        raise InvalidQuery(
            "Ask for at most %(months)s months at once.", path="from", months=MOST_MONTHS
        )
    start = year_start.replace(day=1) if months == 1 else year_start
    first = (months_in(Period(start, period.from_date)) - 1) // months
    last = (months_in(Period(start, period.to_date)) - 1) // months
    firsts = [months_later(start, number * months) for number in range(first, last + 2)]
    return [
        Period(max(start, period.from_date), min(after - DAY, period.to_date))
        for start, after in pairwise(firsts)
    ]


def months_in(period: Period) -> int:
    """How many months it takes, one that has only begun included."""
    months = months_between(period)
    return months + (months_later(period.from_date, months) <= period.to_date)


def months_between(period: Period) -> int:
    """From the month of its first day to that of its last one."""
    years = period.to_date.year - period.from_date.year
    return years * MONTHS_IN_YEAR + period.to_date.month - period.from_date.month


def month_after(day: date, months: int) -> date:
    """The first of the month that many months after the day's; a negative number is before."""
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    return date(year, month + 1, 1)


def months_later(day: date, months: int) -> date:
    """The same day of that month, or the last one that it has; a negative number is before."""
    return _same_day(day, month_after(day, months))


def earlier(period: Period, months: int) -> Period:
    return Period(months_later(period.from_date, -months), earlier_end(period.to_date, months))


def earlier_end(day: date, months: int) -> date:
    """That many months earlier; the last of a month stays the last of one."""
    before = months_later(day, -months)
    return _last_of_month(before) if day == _last_of_month(day) else before


def fiscal_year(company: Company, day: date) -> Period:
    """That the day is in, all of it."""
    start = fiscal_year_start(company, day)
    return Period(start, months_later(start, MONTHS_IN_YEAR) - DAY)


def fiscal_year_start(company: Company, day: date) -> date:
    """The first day of the company's fiscal year that the day is in, as Odoo computes it."""
    end = _fiscal_year_end(company, day.year)
    return (end if day > end else _fiscal_year_end(company, day.year - 1)) + DAY


def common_fiscal_year_start(companies: Iterable[Company], day: date) -> date | None:
    """None where the companies' fiscal years differ."""
    starts = {fiscal_year_start(company, day) for company in companies}
    return starts.pop() if len(starts) == 1 else None


def _fiscal_year_end(company: Company, year: int) -> date:
    """A year that ends on 28 February ends on the 29th where there is one."""
    month = min(max(company.fiscal_year_last_month, 1), MONTHS_IN_YEAR)
    last = monthrange(year, month)[1]
    day = min(max(company.fiscal_year_last_day, 1), last)
    is_leap_day_left = (month, day, last) == (FEBRUARY, 28, 29)
    return date(year, month, last if is_leap_day_left else day)


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _same_day(day: date, month: date) -> date:
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))
