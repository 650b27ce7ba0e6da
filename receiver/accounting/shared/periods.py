"""Periods of reports: months, the same a while earlier, and a company's fiscal year.

Days are those that Python and Odoo know, of the years 1 to 9999. What would begin before the first
of them begins with it, what would end after the last one ends with it.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from receiver.db.accounting.ledger import Company
from receiver.errors import InvalidQuery

MONTHS_IN_YEAR = 12
MOST_MONTHS = 60  # in one report
FEBRUARY = 2
DAY = timedelta(days=1)
FIRST_MONTH, LAST_MONTH = 1 * MONTHS_IN_YEAR, 10_000 * MONTHS_IN_YEAR - 1  # by their number


@dataclass(frozen=True)
class Period:
    from_date: date
    to_date: date  # included


def checked_period(from_date: date, to_date: date) -> Period:
    """Raises InvalidQuery for one that ends before it begins."""
    if from_date > to_date:
        raise InvalidQuery("The period ends before it begins.", path="to")
    return Period(from_date, to_date)


def days_before(day: date) -> tuple[date | None, date]:
    """Days from the beginning up to the day before; before the first day there is, no day at
    all."""
    return (None, day - DAY) if day > date.min else (day + DAY, day)


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
    return [
        Period(
            max(months_later(start, number * months), period.from_date),
            min(day_before(start, (number + 1) * months), period.to_date),
        )
        for number in range(first, last + 1)
    ]


def months_in(period: Period) -> int:
    """How many months it takes, one that has only begun included."""
    months = months_between(period)
    return months + (months_later(period.from_date, months) <= period.to_date)


def months_between(period: Period) -> int:
    """Count the months from that of its first day to that of its last one."""
    years = period.to_date.year - period.from_date.year
    return years * MONTHS_IN_YEAR + period.to_date.month - period.from_date.month


def month_after(day: date, months: int) -> date:
    """The first of the month that many months after the day's; a negative number is before."""
    number = _number_of_month(day) + months
    year, month = divmod(min(max(number, FIRST_MONTH), LAST_MONTH), MONTHS_IN_YEAR)
    return date(year, month + 1, 1)


def ends_of_months_before(day: date, count: int) -> list[date]:
    """The last day of so many months, the one before the day's the last; fewer where there are no
    more."""
    most = min(count, _number_of_month(day) - FIRST_MONTH)
    return [month_after(day, -back) - DAY for back in reversed(range(most))]


def months_later(day: date, months: int) -> date:
    """The same day of that month, or the last one that it has; a negative number is before."""
    return _same_day(day, month_after(day, months))


def day_before(day: date, months: int) -> date:
    """The one before the same day of that month."""
    if _number_of_month(day) + months > LAST_MONTH:
        return date.max
    after = months_later(day, months)
    return after if after == date.min else after - DAY


def earlier(period: Period, months: int) -> Period:
    """Raises InvalidQuery where there is no such time."""
    end = earlier_end(period.to_date, months)
    return Period(_months_earlier(period.from_date, months), end)


def earlier_end(day: date, months: int) -> date:
    """The day that many months earlier; the last of a month stays the last of one. Raises
    InvalidQuery where there is no such time."""
    before = _months_earlier(day, months)
    return last_of_month(before) if is_last_of_month(day) else before


def fiscal_year(company: Company, day: date) -> Period:
    """The fiscal year that the day is in, all of it."""
    end = _fiscal_year_end(company, day.year)
    if day > end:
        end = _fiscal_year_end(company, day.year + 1) if day.year < date.max.year else date.max
    return Period(fiscal_year_start(company, day), end)


def next_year_end(company: Company, day: date) -> date:
    """The last day of the fiscal year after the day's. Few book beyond it: a later date is a slip
    of the pen."""
    end = fiscal_year(company, day).to_date
    return fiscal_year(company, min(end, date.max - DAY) + DAY).to_date


def fiscal_year_start(company: Company, day: date) -> date:
    """The first day of the company's fiscal year that the day is in, as Odoo computes it."""
    end = _fiscal_year_end(company, day.year)
    if day > end:
        return end + DAY
    return _fiscal_year_end(company, day.year - 1) + DAY if day.year > 1 else date.min


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


def is_last_of_month(day: date) -> bool:
    return day == last_of_month(day)


def last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months_earlier(day: date, months: int) -> date:
    if _number_of_month(day) - months < FIRST_MONTH:
        raise InvalidQuery("There is nothing so much earlier. Compare later days.", path="from")
    return months_later(day, -months)


def _number_of_month(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1


def _same_day(day: date, month: date) -> date:
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))
