"""The names of buckets lead to their records, and back."""

import re

from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.buckets import (
    BUCKET_PATTERN,
    account_month,
    bucket_of_items,
    buckets_up_to,
    ids_of_bucket,
    month_of,
)
from monitr_wire.values import LARGEST_ID

ids = st.integers(1, LARGEST_ID)
months = st.dates().map(lambda day: month_of(day.isoformat()))


@given(ids, ids, months)
def test_the_name_of_a_bucket_of_items_says_which_they_are(
    company_id: int, account_id: int, month: str
) -> None:
    bucket = bucket_of_items(company_id, account_id, month)

    assert re.fullmatch(BUCKET_PATTERN, bucket)
    assert account_month(bucket) == (company_id, account_id, month)


@given(st.integers(0, 10**6))
def test_each_id_is_in_one_bucket_whose_name_is_accepted(last_id: int) -> None:
    buckets = buckets_up_to(last_id)

    assert all(re.fullmatch(BUCKET_PATTERN, bucket) for bucket in buckets)
    assert [bucket for bucket in buckets if last_id in ids_of_bucket(bucket)] == buckets[-1:]


def test_a_name_of_a_bucket_is_as_it_was_released() -> None:
    assert bucket_of_items(1, 42, "2026-11") == "1/42/2026-11"
    assert ids_of_bucket("3") == range(30_000, 40_000)


def test_a_month_is_the_beginning_of_its_days() -> None:
    assert month_of("2026-11-30") == "2026-11"
