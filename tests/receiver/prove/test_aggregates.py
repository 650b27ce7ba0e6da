"""Two buckets of the same aggregates have the same digest, and no others."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.proof import Digest
from monitr_wire.streams import JOURNAL_ITEMS

from receiver.db.proof.aggregates import Group, counted_fields, summed_fields
from receiver.prove.aggregates import digest_groups, next_double

NAMES = [field.name for field in summed_fields(JOURNAL_ITEMS)]
COUNTS = (0,) * len(counted_fields(JOURNAL_ITEMS))


def group(*, reconciled: bool = False, **sums: str) -> Group:
    values = tuple(Decimal(sums.get(name, "0")) for name in NAMES)
    return Group("1/7/2026-01", (reconciled,), 1, COUNTS, values)


def digest(*groups: Group) -> Digest:
    [digest] = digest_groups(JOURNAL_ITEMS, groups)
    return digest


def test_the_order_of_groups_does_not_matter() -> None:
    one, other = group(debit="1"), group(debit="2", reconciled=True)

    assert digest(one, other) == digest(other, one)


def test_amounts_are_those_of_all_groups() -> None:
    both = digest(group(debit="0.1", residual="3"), group(debit="0.2", reconciled=True))

    assert (both.record_count, both.debit, both.residual) == (2, Decimal("0.3"), 3)


def test_every_aggregate_counts() -> None:
    """A sum that moves from one group to another changes the digest too."""
    plain = group()
    changed = [
        *(group(**{name: "0.000001"}) for name in NAMES),
        replace(plain, record_count=2),
        replace(plain, counts=(1, *COUNTS[1:])),
        group(reconciled=True),
    ]

    assert len({digest(each)[2:4] for each in [plain, *changed]}) == len(changed) + 1


def test_how_a_sum_is_written_does_not_matter() -> None:
    assert (
        digest(group(debit="1E+2")) == digest(group(debit="100.000")) == digest(group(debit="100"))
    )
    assert digest(group(debit="-0.0")) == digest(group())


@given(cents=st.integers(-(10**15), 10**15))
def test_no_cent_is_lost_in_a_sum_of_ten_trillion(cents: int) -> None:
    amount = Decimal(cents) / 100

    assert next_double(amount) == amount


@pytest.mark.parametrize("value", ["0.1", "99999999.999999", "-123456789.01", "45000000000000.01"])
def test_what_odoo_answers_is_compared_as_it_answers(value: str) -> None:
    answered = float(value)  # as JSON and XML-RPC carry it

    assert next_double(Decimal(repr(answered))) == next_double(Decimal(value))
