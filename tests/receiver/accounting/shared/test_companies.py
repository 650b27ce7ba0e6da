"""What reports on a company have in common."""

from decimal import Decimal

import pytest

from receiver.accounting.shared.companies import owners_of, rounded, with_places
from receiver.db.accounting.ledger import Company


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


@pytest.mark.parametrize(
    ("amount", "places", "left"),
    [
        ("899.9999999999999", 2, "900.00"),
        ("-0.0000000000001", 2, "0.00"),
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("7.5", 0, "8"),
        ("7.25", None, "7.25"),
    ],
)
def test_it_rounds_what_is_left_as_odoo_does(amount: str, places: int | None, left: str) -> None:
    assert format(rounded(Decimal(amount), places), "f") == left


def test_a_branch_has_the_accounts_of_its_root_company() -> None:
    root, branch, other = (
        Company(id, f"Company {id}", root_id, "EUR", 2, 12, 31)
        for id, root_id in ((1, 1), (2, 1), (3, 3))
    )

    assert owners_of([root, branch, other], (1,)) == [root, branch]
    assert owners_of([root, branch, other], (2, 3)) == [branch, other]
