"""A batch is one gzipped body: the envelope, a line of JSON, and then the records' lines."""

import gzip
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire import CONTRACT_VERSION
from monitr_wire.batch import Batch, IdRange, compress, encode_batch, envelope_of, set_apart
from monitr_wire.set_aside import Wrong
from monitr_wire.streams import ANALYTIC_PLANS, JOURNAL_ITEMS

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


def test_a_range_with_hidden_records_is_kept_for_the_progress_and_not_sent() -> None:
    parts = BATCH._replace(deletions=(), has_hidden=True).cut(1)

    assert [each.range for each in parts] == [IdRange(6, 7), IdRange(7, None)]
    assert [envelope_of(each)["range"] for each in parts] == [None, None]


def test_what_is_set_apart_is_told_instead_of_sent() -> None:
    wrong = Wrong("parent_id", "x" * 500 + "\n", {"text": "No.", "values": {}})

    batch = set_apart(BATCH, {1: wrong})

    assert batch.lines == LINES.splitlines(keepends=True)[1]
    [told] = json.loads(json.dumps(envelope_of(batch)["set_aside"]))
    assert (told["id"], told["name"], told["field"]) == (7, "Projects", "parent_id")
    assert told["value"] == "x" * 80
    assert told["reason"] == {"text": "No.", "values": {}}
    assert (told["company_id"], told["debit"], told["entry_id"]) == (1, None, None)


def test_of_a_journal_item_what_can_be_read_is_told() -> None:
    values = {"id": "5", "entry_id": "70", "company_id": "1", "date": "10000-01-01"}
    values |= {"account_id": "x", "debit": "1" * 40, "credit": "NaN"}
    line = "\t".join(values.get(name, r"\N") for name in JOURNAL_ITEMS.field_names)
    batch = Batch(JOURNAL_ITEMS, "run_1", line.encode() + b"\n")

    [told] = set_apart(batch, {1: Wrong("date", "10000-01-01", {})}).set_aside

    assert (told.entry_id, told.company_id, told.account_id, told.date) == (70, 1, None, None)
    assert (told.debit, told.credit) == ("1" * 40, None)


def test_more_can_be_set_apart_later_and_stays_in_order() -> None:
    wrong = Wrong("name", None, {})

    batch = set_apart(set_apart(BATCH, {2: wrong}), {1: wrong})

    assert [record.id for record in batch.set_aside] == [7, 8]
    assert batch.lines == b""


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
