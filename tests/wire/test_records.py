"""A record is one line: its fields in contract order, separated by tabs, and a digest of them."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.records import digest_of_line, encode_record, split_lines
from monitr_wire.streams import ANALYTIC_ITEMS, JOURNAL_ITEMS, RECONCILIATIONS, STREAMS, Stream
from monitr_wire.values import decode_value

from tests.wire.strategies import records

ANALYTIC_ITEM = {
    "id": 12,
    "company_id": 1,
    "date": date(2026, 3, 31),
    "journal_item_id": 345,
    "analytic_account_ids": (16, 8),
    "label": "Tea\tand biscuits",
    "amount": Decimal("-12.50"),
    "quantity": Decimal("2.0"),
}


def test_a_record_is_its_fields_in_contract_order() -> None:
    line = encode_record(ANALYTIC_ITEMS, ANALYTIC_ITEM)

    fields = [
        "12",
        "1",
        "2026-03-31",
        "345",
        r"\N",
        "8,16",
        r"\N",
        r"Tea\tand biscuits",
        "-12.5",
        "2",
    ]
    assert line == "\t".join(fields)


def test_the_order_in_which_a_record_is_given_does_not_matter() -> None:
    backwards = dict(reversed(ANALYTIC_ITEM.items()))

    assert encode_record(ANALYTIC_ITEMS, backwards) == encode_record(ANALYTIC_ITEMS, ANALYTIC_ITEM)


def test_a_field_that_is_not_given_is_absent() -> None:
    line = encode_record(RECONCILIATIONS, {})

    assert line.split("\t") == [r"\N"] * len(RECONCILIATIONS.fields)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
@given(data=st.data())
def test_a_record_stays_one_line_and_splits_into_its_fields(
    stream: Stream, data: st.DataObject
) -> None:
    record = data.draw(records(stream))

    texts = encode_record(stream, record).split("\t")

    assert len(texts) == len(stream.fields)
    assert "\n" not in "".join(texts)
    assert decode_value("id", texts[0]) == record["id"]


def test_a_digest_is_the_first_eight_bytes_of_the_md5_as_a_signed_number() -> None:
    # printf 'a' | md5sum: 0cc175b9c0f1b6a8...; 'b': 92eb5ffee6ae2fec..., whose first bit is set
    assert digest_of_line(b"a") == 0x0CC175B9C0F1B6A8
    assert digest_of_line(b"b") == 0x92EB5FFEE6AE2FEC - 2**64


@given(st.binary())
def test_a_digest_fits_into_a_bigint(line: bytes) -> None:
    digest = digest_of_line(line)

    assert -(2**63) <= digest < 2**63
    assert hashlib.md5(line).hexdigest().startswith(f"{digest % 2**64:016x}")


def test_lines_split_at_their_newlines_alone() -> None:
    assert split_lines(b"") == ()
    assert split_lines(b"1\ta\n2\tb\n") == (b"1\ta", b"2\tb")
    assert split_lines(b"1\ta\rb\x1c\xe2\x80\xa8\n") == (b"1\ta\rb\x1c\xe2\x80\xa8",)


@given(st.lists(records(JOURNAL_ITEMS), max_size=5))
def test_the_lines_of_records_split_into_the_same_lines(given: list[dict[str, object]]) -> None:
    lines = [encode_record(JOURNAL_ITEMS, record).encode() for record in given]

    assert split_lines(b"".join(line + b"\n" for line in lines)) == tuple(lines)
