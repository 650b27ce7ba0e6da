"""What reports on a company have in common."""

from decimal import Decimal

import pytest

from receiver.report.companies import with_places


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        ("0", 2, "0.00"),
        ("-0.3", 2, "-0.30"),
        ("1200", 0, "1200"),
        ("0.125", 3, "0.125"),
        ("0.125", 2, "0.125"),
        ("0.12500", 2, "0.125"),
        ("1E+3", 0, "1000"),
        ("100000000000000000000.05", 2, "100000000000000000000.05"),
    ],
)
def test_it_fills_up_decimals_and_never_rounds(amount: str, places: int, shown: str) -> None:
    assert format(with_places(Decimal(amount), places), "f") == shown
