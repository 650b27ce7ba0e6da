"""Parts of periods and the periods that people ask for by name, in whatever fiscal year."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.db.ledger import Company
from receiver.report.period_choices import Choice, named_periods
from receiver.report.periods import DAY, Period, months_between, parts_of

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


def company(last_month: int = 12, last_day: int = 31) -> Company:
    return Company(1, "Acme", 1, "EUR", 2, last_month, last_day)


@given(DAYS, st.integers(0, 1500), st.sampled_from([1, 3, 12]), st.integers(1, 12))
def test_parts_cover_the_period_without_gap_or_overlap(
    first: date, length: int, months: int, year_month: int
) -> None:
    period = Period(first, first + length * DAY)
    year_start = date(first.year - (first.month < year_month), year_month, 1)

    parts = parts_of(period, months, year_start)

    assert (parts[0].from_date, parts[-1].to_date) == (period.from_date, period.to_date)
    for before, after in pairwise(parts):
        assert after.from_date == before.to_date + DAY
        assert after.from_date.day == 1
        assert (after.from_date.month - year_month) % months == 0
    assert all(months_between(part) < months for part in parts)


@pytest.mark.parametrize(
    ("last_month", "this_year", "last_year", "quarter"),
    [
        (12, "2025-01-01", ("2024-01-01", "2024-12-31"), "2025-04-01"),
        (6, "2024-07-01", ("2023-07-01", "2024-06-30"), "2025-04-01"),
        (2, "2025-03-01", ("2024-03-01", "2025-02-28"), "2025-03-01"),
    ],
)
def test_named_periods_follow_the_fiscal_year(
    last_month: int, this_year: str, last_year: tuple[str, str], quarter: str
) -> None:
    last_day = 28 if last_month == 2 else 30 if last_month == 6 else 31
    found = named_periods(company(last_month, last_day), date(2025, 5, 14))

    days = {each.choice: (str(each.from_date), str(each.to_date)) for each in found}
    assert days == {
        Choice.THIS_YEAR: (this_year, "2025-05-31"),
        Choice.LAST_YEAR: last_year,
        Choice.THIS_QUARTER: (quarter, "2025-05-31"),
        Choice.LAST_12_MONTHS: ("2024-06-01", "2025-05-31"),
    }
