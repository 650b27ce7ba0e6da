"""Parts of periods and the periods that people ask for by name, in whatever fiscal year."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receiver.accounting.shared.columns import By, Comparison, compared_columns, result_columns
from receiver.accounting.shared.period_choices import Choice, named_periods
from receiver.accounting.shared.periods import (
    DAY,
    Period,
    ends_of_months_before,
    fiscal_year,
    fiscal_year_start,
    is_last_of_month,
    months_in,
    next_year_end,
    parts_of,
)
from receiver.db.accounting.ledger import Company

DAYS_OF_EVERY_MONTH = 28
DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


def company(last_month: int = 12, last_day: int = 31) -> Company:
    return Company(1, "Acme", 1, "EUR", 2, last_month, last_day)


@given(
    DAYS, st.integers(0, 1500), st.sampled_from([1, 3, 12]), st.integers(1, 12), st.integers(1, 31)
)
def test_parts_cover_the_period_without_gap_or_overlap(
    first: date, length: int, months: int, last_month: int, last_day: int
) -> None:
    period = Period(first, first + length * DAY)
    year_start = fiscal_year_start(company(last_month, last_day), first)

    parts = parts_of(period, months, year_start)

    assert (parts[0].from_date, parts[-1].to_date) == (period.from_date, period.to_date)
    for before, after in pairwise(parts):
        assert after.from_date == before.to_date + DAY
        assert months == 1 or (after.from_date.month - year_start.month) % months == 0
        assert after.from_date.day == 1 or months > 1
    # Counted from the 31st, a quarter from 30 April to 30 July has begun a fourth month.
    longest = months if year_start.day <= DAYS_OF_EVERY_MONTH else months + 1
    assert all(months_in(part) <= longest for part in parts)


@given(st.dates(), st.integers(0, 1500), st.sampled_from([1, 3, 12]), st.integers(1, 12))
def test_parts_cover_the_period_of_whatever_century(
    first: date, length: int, months: int, last_month: int
) -> None:
    period = Period(first, first + min(length, (date.max - first).days) * DAY)
    year_start = fiscal_year_start(company(last_month), first)

    parts = parts_of(period, months, year_start)

    assert (parts[0].from_date, parts[-1].to_date) == (period.from_date, period.to_date)
    assert all(after.from_date == before.to_date + DAY for before, after in pairwise(parts))


@given(st.dates(), st.integers(1, 12), st.integers(1, 31))
@example(date.max, 6, 30)
@example(date.min, 6, 30)
def test_every_day_is_in_a_fiscal_year(day: date, last_month: int, last_day: int) -> None:
    acme = company(last_month, last_day)

    year = fiscal_year(acme, day)

    assert year.from_date == fiscal_year_start(acme, day) <= day <= year.to_date
    assert next_year_end(acme, day) >= year.to_date


@given(st.dates(), st.integers(1, 24))
def test_the_ends_of_months_before_a_day_are_those_that_there_are(day: date, count: int) -> None:
    ends = ends_of_months_before(day, count)

    assert ends == sorted(set(ends))
    assert all(is_last_of_month(each) and each < day.replace(day=1) for each in ends)
    assert len(ends) == count or ends[:1] in ([], [date(1, 1, 31)])


@given(DAYS, st.integers(1, 12), st.integers(1, 31))
def test_fiscal_years_follow_each_other_without_gap(
    day: date, last_month: int, last_day: int
) -> None:
    acme = company(last_month, last_day)

    year = fiscal_year(acme, day)

    assert year.from_date <= day <= year.to_date
    assert fiscal_year_start(acme, year.to_date) == year.from_date
    assert fiscal_year_start(acme, year.to_date + DAY) == year.to_date + DAY
    assert parts_of(year, 12, year.from_date) == [year]


@pytest.mark.parametrize(
    ("year_end", "this_year", "last_year", "this_quarter", "last_quarter"),
    [
        (
            (12, 31),
            ("2025-01-01", "2025-12-31"),
            ("2024-01-01", "2024-12-31"),
            ("2025-04-01", "2025-06-30"),
            ("2025-01-01", "2025-03-31"),
        ),
        (
            (6, 30),
            ("2024-07-01", "2025-06-30"),
            ("2023-07-01", "2024-06-30"),
            ("2025-04-01", "2025-06-30"),
            ("2025-01-01", "2025-03-31"),
        ),
        (
            (3, 31),
            ("2025-04-01", "2026-03-31"),
            ("2024-04-01", "2025-03-31"),
            ("2025-04-01", "2025-06-30"),
            ("2025-01-01", "2025-03-31"),
        ),
        (
            (2, 28),
            ("2025-03-01", "2026-02-28"),
            ("2024-03-01", "2025-02-28"),
            ("2025-03-01", "2025-05-31"),
            ("2024-12-01", "2025-02-28"),
        ),
        (
            (4, 5),
            ("2025-04-06", "2026-04-05"),
            ("2024-04-06", "2025-04-05"),
            ("2025-04-06", "2025-07-05"),
            ("2025-01-06", "2025-04-05"),
        ),
    ],
)
def test_named_periods_follow_the_fiscal_year(
    year_end: tuple[int, int],
    this_year: tuple[str, str],
    last_year: tuple[str, str],
    this_quarter: tuple[str, str],
    last_quarter: tuple[str, str],
) -> None:
    found = named_periods(company(*year_end), date(2025, 5, 14))

    days = {each.choice: (str(each.from_date), str(each.to_date)) for each in found}
    assert days == {
        Choice.THIS_MONTH: ("2025-05-01", "2025-05-31"),
        Choice.LAST_MONTH: ("2025-04-01", "2025-04-30"),
        Choice.THIS_QUARTER: this_quarter,
        Choice.LAST_QUARTER: last_quarter,
        Choice.YEAR_TO_DATE: (this_year[0], "2025-05-14"),
        Choice.THIS_YEAR: this_year,
        Choice.LAST_YEAR: last_year,
        Choice.LAST_12_MONTHS: ("2024-05-01", "2025-04-30"),
    }


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (("2025-01-01", "2025-01-31"), ("2024-12-01", "2024-12-31")),
        (("2025-02-01", "2025-03-31"), ("2024-12-01", "2025-01-31")),
        (("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31")),
        (("2025-01-01", "2025-02-15"), ("2024-11-01", "2024-12-15")),
        (("2025-01-15", "2025-02-14"), ("2024-12-15", "2025-01-14")),
        (("2025-04-06", "2026-04-05"), ("2024-04-06", "2025-04-05")),
        (("2025-01-31", "2025-02-28"), ("2024-11-30", "2024-12-31")),
    ],
)
def test_the_period_before_is_as_long_and_ends_before_it(
    period: tuple[str, str], before: tuple[str, str]
) -> None:
    asked = Period(*map(date.fromisoformat, period))
    columns = result_columns([company()], asked, By.TOTAL)

    compared = compared_columns([company()], columns, asked, Comparison.PREVIOUS_PERIOD)

    assert (str(compared[0].from_date), str(compared[0].to_date)) == before


@pytest.mark.parametrize(
    ("by", "firsts"),
    [
        (By.YEAR, ["2024-04-06", "2025-04-06"]),
        (By.QUARTER, ["2024-04-06", "2024-07-06", "2024-10-06", "2025-01-06",
                      "2025-04-06", "2025-07-06", "2025-10-06", "2026-01-06"]),
    ],
)  # fmt: skip
def test_years_and_quarters_begin_on_the_day_of_the_fiscal_year(by: By, firsts: list[str]) -> None:
    period = Period(date(2024, 4, 6), date(2026, 4, 5))

    columns = result_columns([company(4, 5)], period, by)

    assert [str(each.from_date) for each in columns if each.kind == by] == firsts
