"""How long overdue; of stored data tells web/test_get_open_items.py."""

import pytest

from receiver.accounting.open_items.ageing import age_of


@pytest.mark.parametrize(
    ("days_overdue", "age"),
    [
        (0, "not_due"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_91_120"),
        (120, "days_91_120"),
        (121, "over_120"),
        (100_000, "over_120"),
    ],
)
def test_each_day_overdue_belongs_to_one_bucket(days_overdue: int, age: str) -> None:
    assert age_of(days_overdue) == age
