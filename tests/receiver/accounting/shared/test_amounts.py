"""What of a comparison is computed."""

from decimal import Decimal

import pytest

from receiver.accounting.shared.amounts import Amounts


@pytest.mark.parametrize(
    ("amount", "compared", "percentage"),
    [
        ("110", "100", "10.0"),
        ("5", "-10", "150.0"),  # better than a loss
        ("-20", "-10", "-100.0"),
        ("0", "3", "-100.0"),
        ("100.05", "100", "0.1"),  # half a tenth is rounded away from zero
        ("7", "0", None),
    ],
)
def test_a_difference_is_a_percentage_of_what_is_compared(
    amount: str, compared: str, percentage: str | None
) -> None:
    amounts = Amounts((Decimal(amount),), (Decimal(compared),))

    assert amounts.differences == (Decimal(amount) - Decimal(compared),)
    assert amounts.percentages == (percentage and Decimal(percentage),)


def test_without_a_comparison_there_is_no_difference() -> None:
    amounts = Amounts((Decimal(1),), ())

    assert (amounts.differences, amounts.percentages) == ((), ())
