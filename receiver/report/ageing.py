"""How long overdue: buckets, and amounts summed in each."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from receiver.report.companies import with_places

BUCKETS = {  # {bucket: it holds what is at most so many days overdue}
    "not_due": 0,
    "days_1_30": 30,
    "days_31_60": 60,
    "days_61_90": 90,
    "days_91_120": 120,
}
LAST_BUCKET = "over_120"


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


def bucket_of(days_overdue: int) -> str:
    for bucket, most in BUCKETS.items():
        if days_overdue <= most:
            return bucket
    return LAST_BUCKET


def sums_by_bucket(
    amounts: Iterable[tuple[str, Decimal]], places: int | None
) -> dict[str, Decimal]:
    """The values of Aged, from pairs of a bucket and an amount."""
    sums = dict.fromkeys(("total", *BUCKETS, LAST_BUCKET), Decimal(0))
    for bucket, amount in amounts:
        sums["total"] += amount
        sums[bucket] += amount
    return {name: with_places(sum, places) for name, sum in sums.items()}
