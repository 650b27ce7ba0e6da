"""Buckets: the slices of a stream that a proof compares, and their names.

Journal items are sliced by company, account and month, ``1/42/2026-11``; every other stream by ten
thousand ids, ``3`` being 30000 to 39999. The addon's SQL, the receiver's and Odoo's own groups must
come to the same names, and a name must lead back to the records.
"""

from typing import List, NamedTuple, Optional

from .values import ID_PATTERN

IDS_IN_BUCKET = 10_000
BUCKET_FIELDS = ("company_id", "account_id", "date")  # of journal items; of the date its month
BUCKET_SEPARATOR = "/"
MONTH_CHARACTERS = len("2026-11")  # the first ones of a date
BUCKET_PATTERN = "(?:{0}{1}{0}{1}[0-9]{{4}}-[0-9]{{2}}|0|{0})".format(ID_PATTERN, BUCKET_SEPARATOR)


class AccountMonth(NamedTuple):
    """A bucket of journal items."""

    company_id: int
    account_id: int
    month: str  # "2026-11"


def bucket_of_items(company_id: Optional[int], account_id: Optional[int], month: str) -> str:
    return BUCKET_SEPARATOR.join((str(company_id), str(account_id), month))


def account_month(bucket: str) -> AccountMonth:
    """Read the name of a bucket of journal items."""
    company_id, account_id, month = bucket.split(BUCKET_SEPARATOR)
    return AccountMonth(int(company_id), int(account_id), month)


def month_of(day: str) -> str:
    """The month of a date, both as ISO writes them."""
    return day[:MONTH_CHARACTERS]


def buckets_up_to(last_id: int) -> List[str]:
    """The buckets of a stream whose ids go so far, journal items apart."""
    return [str(number) for number in range(last_id // IDS_IN_BUCKET + 1)]


def ids_of_bucket(bucket: str) -> range:
    """The ids of a bucket, journal items apart."""
    first_id = int(bucket) * IDS_IN_BUCKET
    return range(first_id, first_id + IDS_IN_BUCKET)
