"""How old: ages, and amounts summed in each."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from receiver.accounting.shared.companies import with_places

AGES = {  # {age: it holds what is at most so many days old}
    "not_due": 0,
    "days_1_30": 30,
    "days_31_60": 60,
    "days_61_90": 90,
    "days_91_120": 120,
}
OLDEST = "over_120"


@dataclass(frozen=True)
class Aged:
    """Amounts in the company's currency."""

    total: Decimal
    not_due: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_91_120: Decimal
    over_120: Decimal


def age_of(days: int) -> str:
    """Name the age of so many days after the one that the age counts from."""
    for age, most in AGES.items():
        if days <= most:
            return age
    return OLDEST


def sums_by_age(amounts: Iterable[tuple[str, Decimal]], places: int | None) -> dict[str, Decimal]:
    """The values of Aged, from pairs of an age and an amount."""
    sums = dict.fromkeys(("total", *AGES, OLDEST), Decimal(0))
    for age, amount in amounts:
        sums["total"] += amount
        sums[age] += amount
    return {name: with_places(sum, places) for name, sum in sums.items()}
