"""The number of rows asked for at once follows Odoo's answers."""

from receiver.pull.extract.read import (
    FEWEST_ROWS,
    FIRST_ROWS,
    MOST_ROWS,
    QUICK_SECONDS,
    SLOW_SECONDS,
    Pace,
)


def after(*seconds: float) -> int:
    pace = Pace()
    for each in seconds:
        pace.learn(each)
    return pace.rows_at_once


def test_quick_answers_double_it() -> None:
    assert after(QUICK_SECONDS / 2, QUICK_SECONDS / 2) == 4 * FIRST_ROWS


def test_slow_answers_halve_it() -> None:
    assert after(SLOW_SECONDS * 2) == FIRST_ROWS // 2


def test_answers_in_between_leave_it() -> None:
    assert after((QUICK_SECONDS + SLOW_SECONDS) / 2) == FIRST_ROWS


def test_it_stays_within_its_limits() -> None:
    assert after(*[0.0] * 20) == MOST_ROWS
    assert after(*[99.0] * 20) == FEWEST_ROWS
