"""A batch is one gzipped body: the envelope, a line of JSON, and then the records' lines."""

import gzip
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire import CONTRACT_VERSION
from monitr_wire.batch import Batch, IdRange, compress, encode_batch, envelope_of
from monitr_wire.streams import ANALYTIC_PLANS

LINES = b"7\tProjects\t\\N\t1\n8\tCaf\xc3\xa9\t7\t\\N\n"
BATCH = Batch(
    stream=ANALYTIC_PLANS,
    run_id="run_1",
    sequence=3,
    lines=LINES,
    range=IdRange(6, None),
    deletions=(2, 5),
)


def test_the_envelope_says_what_the_lines_are() -> None:
    assert envelope_of(BATCH) == {
        "contract": CONTRACT_VERSION,
        "stream": "analytic_plans",
        "run_id": "run_1",
        "sequence": 3,
        "fields": ["id", "name", "parent_id", "company_id"],
        "record_count": 2,
        "records_sha256": hashlib.sha256(LINES).hexdigest(),
        "range": {"after_id": 6, "up_to_id": None},
        "deletions": [2, 5],
    }


def test_a_batch_without_range_or_deletions_says_so() -> None:
    envelope = envelope_of(BATCH._replace(range=None, deletions=()))

    assert envelope["range"] is None
    assert envelope["deletions"] == []


def test_a_range_from_the_first_id_is_a_range() -> None:
    envelope = envelope_of(BATCH._replace(range=IdRange(0, 0)))

    assert envelope["range"] == {"after_id": 0, "up_to_id": 0}


@pytest.mark.parametrize("lines", [LINES, b"", b"1\tmade of two: \xe2\x80\xa8\t\\N\t\\N\n"])
def test_the_body_is_one_line_of_json_and_the_lines_as_they_are(lines: bytes) -> None:
    batch = BATCH._replace(lines=lines)

    envelope, newline, rest = gzip.decompress(encode_batch(batch)).partition(b"\n")

    assert json.loads(envelope) == envelope_of(batch)
    assert (newline, rest) == (b"\n", lines)


def test_the_same_batch_gives_the_same_bytes() -> None:
    again = Batch(*BATCH)

    assert encode_batch(again) == encode_batch(BATCH)


def test_the_bytes_do_not_depend_on_the_time() -> None:
    mtime = encode_batch(BATCH)[4:8]

    assert mtime == bytes(4)


@pytest.mark.parametrize(
    "other",
    [
        BATCH._replace(run_id="run_2"),
        BATCH._replace(sequence=4),
        BATCH._replace(lines=LINES + b"9\tx\t\\N\t\\N\n"),
        BATCH._replace(range=None),
        BATCH._replace(deletions=(2,)),
    ],
)
def test_another_batch_gives_other_bytes(other: Batch) -> None:
    assert encode_batch(other) != encode_batch(BATCH)


@given(st.binary())
def test_what_is_compressed_is_one_gzip_member_of_the_same_bytes(body: bytes) -> None:
    compressed = compress(body)

    assert gzip.decompress(compressed) == body
    assert compressed[:4] == b"\x1f\x8b\x08\x00"  # gzip, deflate, no name and no other extras
