"""What is too large for one request is cut between two records, and says the same in parts."""

import gzip
import json
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.batch import Batch, IdRange
from monitr_wire.proof import (
    LARGEST_BUCKET_LIST,
    MOST_SET_ASIDE,
    DigestLines,
    Rows,
    Statement,
    encode_proof,
    encode_proof_part,
    encode_proof_rows,
)
from monitr_wire.set_aside import SetAside
from monitr_wire.streams import PARTNERS

labels = st.lists(st.integers(0, 40), max_size=30)
sizes = st.integers(1, 200)
SMALL_REQUEST = 64 * 1024  # bytes: a record alone may take as much


Piece = TypeVar("Piece", Batch, DigestLines, Rows)


def parts_of(piece: Piece, most_bytes: int) -> list[Piece]:
    """Cut as a sender does, who looks at the first part again before it goes."""
    first, *rest = piece.cut(most_bytes)
    if rest and first.size > most_bytes and first.is_divisible:
        return [*parts_of(first, most_bytes), *parts_of(rest[0], most_bytes)]
    return [first, *(part for each in rest for part in parts_of(each, most_bytes))]


def batch_of(labels: list[int], id_range: IdRange | None, deletions: tuple[int, ...]) -> Batch:
    lines = b"".join(b"%d\t%s\n" % (10 * id, b"x" * size) for id, size in enumerate(labels, 1))
    return Batch(PARTNERS, "run", lines, range=id_range, deletions=deletions)


@given(labels, sizes, st.sampled_from([None, 350, 1000]))
def test_the_parts_of_a_range_have_every_line_and_every_id_once(
    labels: list[int], most_bytes: int, up_to_id: int | None
) -> None:
    batch = batch_of(labels, IdRange(5, up_to_id), ())

    parts = parts_of(batch, most_bytes)

    assert b"".join(part.lines for part in parts) == batch.lines
    ends = [5, *(part.range.up_to_id for part in parts if part.range)]
    assert [part.range.after_id for part in parts if part.range] == ends[:-1]
    assert ends[-1] == up_to_id
    for part in parts:
        for line in part.lines.splitlines():
            id = int(line.split(b"\t")[0])
            assert part.range.after_id < id <= (part.range.up_to_id or id)


@given(labels, st.lists(st.integers(1, 99), max_size=30), sizes)
def test_the_parts_of_changes_have_every_line_and_deletion_once(
    labels: list[int], deletions: list[int], most_bytes: int
) -> None:
    batch = batch_of(labels, None, tuple(deletions))

    parts = parts_of(batch, most_bytes)

    assert b"".join(part.lines for part in parts) == batch.lines
    assert [id for part in parts for id in part.deletions] == deletions
    assert {part.range for part in parts} == {None}


@given(
    labels,
    st.lists(st.integers(1, 30).map(lambda id: 10 * id + 3), max_size=20, unique=True),
    sizes,
)
def test_what_is_set_aside_goes_with_the_range_of_its_id(
    labels: list[int], ids: list[int], most_bytes: int
) -> None:
    aside = tuple(SetAside(id, None, None, None, {"text": "", "values": {}}) for id in ids)
    batch = batch_of(labels, IdRange(0, None), ())._replace(set_aside=aside)

    parts = parts_of(batch, most_bytes)

    stated = [(each.id, part.range) for part in parts for each in part.set_aside if part.range]
    assert sorted(id for id, _ in stated) == sorted(ids)
    assert all(range.after_id < id <= (range.up_to_id or id) for id, range in stated)


@given(labels, sizes)
def test_no_part_is_larger_than_asked_for_unless_it_is_one_record(
    labels: list[int], most_bytes: int
) -> None:
    for part in parts_of(batch_of(labels, IdRange(0, None), (1, 2, 3)), most_bytes):
        assert part.size <= most_bytes or not part.is_divisible


@given(st.lists(st.integers(1, 10**6), max_size=50, unique=True), sizes)
def test_the_parts_of_rows_have_every_row_and_every_id_once(ids: list[int], most: int) -> None:
    asked = Rows(PARTNERS, ["0"], IdRange(0, None), [(id, -id) for id in sorted(ids)])

    parts = parts_of(asked, most)

    assert [row for part in parts for row in part.rows] == list(asked.rows)
    assert [part.range.after_id for part in parts] == [
        0,
        *(part.range.up_to_id for part in parts[:-1]),
    ]
    assert parts[-1].range.up_to_id is None
    assert all(part.rows[-1][0] == part.range.up_to_id for part in parts[:-1])


def test_a_statement_that_goes_at_once_is_as_receivers_from_before_parts_know_it() -> None:
    statement = Statement("run", 7, b"one\ntwo\n")

    envelope = envelope_of(encode_proof(statement, DigestLines(statement.digests)))

    assert "parts_before" not in envelope


@pytest.mark.parametrize("most_bytes", [1, 4, 8])
def test_a_statement_in_parts_states_the_whole(most_bytes: int) -> None:
    statement = Statement("run", 7, b"one\ntwo\n")

    *parts, rest = parts_of(DigestLines(statement.digests), most_bytes)

    bodies = [encode_proof_part(statement, number, part) for number, part in enumerate(parts, 1)]
    bodies.append(encode_proof(statement, rest, len(parts)))
    lines = b"".join(gzip.decompress(body).partition(b"\n")[2] for body in bodies)
    assert lines == statement.digests
    assert envelope_of(bodies[-1])["digest_count"] == 2
    assert {envelope_of(body)["sequence"] for body in bodies} == {7}


def test_of_very_many_records_set_aside_the_first_are_stated_and_how_many_more() -> None:
    ids = range(1, 3 * 10**6, 5)
    statement = Statement("run", 7, b"", {"partners": ids[::-1], "journals": [8]})

    body = encode_proof(statement, DigestLines(b""))

    envelope = envelope_of(body)
    stated = {"partners": [*ids[:MOST_SET_ASIDE]], "journals": [8]}
    assert envelope["set_aside"] == stated
    assert envelope["set_aside_more"] == {"partners": len(ids) - MOST_SET_ASIDE}
    assert len(body) < SMALL_REQUEST


def test_of_a_few_records_set_aside_all_are_stated() -> None:
    statement = Statement("run", 7, b"", {"partners": range(1, MOST_SET_ASIDE + 1)})

    envelope = envelope_of(encode_proof(statement, DigestLines(b"")))

    assert "set_aside_more" not in envelope


def test_the_names_of_as_many_buckets_as_there_may_be_are_no_large_request() -> None:
    names = [
        f"{id % 7 + 1}/{10**9 + id * 977}/20{id % 100:02}-12" for id in range(LARGEST_BUCKET_LIST)
    ]
    asked = Rows(PARTNERS, names, IdRange(0, None), [(1, 2)])

    assert len(encode_proof_rows("proof", asked)) < SMALL_REQUEST


def envelope_of(body: bytes) -> dict[str, object]:
    return dict(json.loads(gzip.decompress(body).partition(b"\n")[0]))
