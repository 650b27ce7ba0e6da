"""The errors of lines: the first wrong line and field, and a sentence with what was found there."""

import hashlib
from decimal import Decimal

import pytest
from monitr_wire.batch import IdRange
from monitr_wire.records import digest_of_line
from monitr_wire.streams import STREAMS, STREAMS_BY_NAME

from receiver.db.store.incoming import Incoming
from receiver.errors import InvalidRecord
from receiver.ingest.envelope import Envelope
from receiver.ingest.validate import validate
from tests.receiver.batches import lines_of
from tests.receiver.records import full_record_of, journal_items, record_of


def validated(lines: bytes, stream: str = "journal_items") -> Incoming:
    envelope = Envelope(
        stream=STREAMS_BY_NAME[stream],
        fields=STREAMS_BY_NAME[stream].fields,
        run_id="run-1",
        sequence=1,
        record_count=lines.count(b"\n"),
        records_sha256=hashlib.sha256(lines).hexdigest(),
        range=IdRange(0, None),
        deletions=(),
    )
    return validate(envelope, lines)


def refusal_of(lines: bytes, stream: str = "journal_items") -> tuple[str, str]:
    with pytest.raises(InvalidRecord) as refusal:
        validated(lines, stream)
    return refusal.value.path, str(refusal.value)


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS])
def test_it_accepts_full_and_sparse_records_of_every_stream(stream: str) -> None:
    lines = lines_of(stream, [full_record_of(stream, id=4), record_of(stream, id=7)])

    incoming = validated(lines, stream)

    assert incoming.ids == (4, 7)
    assert incoming.lines == tuple(lines.splitlines())
    assert incoming.digests == tuple(map(digest_of_line, incoming.lines))


def test_it_accepts_no_records_at_all() -> None:
    assert validated(b"").ids == ()


def test_it_names_the_first_wrong_line_and_its_first_wrong_field() -> None:
    lines = lines_of("journal_items", journal_items(5)).splitlines(keepends=True)
    lines[1] = lines[1].replace(b"\t2\t0\t2\t", b"\t2\t1,5\tx\t")
    lines[3] = b"rubbish\n"

    path, sentence = refusal_of(b"".join(lines))

    assert path == "lines/2/credit"
    assert sentence.startswith("Line 2, field credit: expected an amount")
    assert sentence.endswith(", got '1,5'.")


def test_it_shortens_what_it_quotes() -> None:
    lines = lines_of("journal_items", journal_items(1)).replace(b"Item 1", b"\0" + b"x" * 500)

    _, sentence = refusal_of(lines)

    assert sentence.endswith(", got '\0" + "x" * 79 + "'.")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"1\t1\t1\t2026", b"1\t1\t\\N\t2026", "lines/1/company_id"),
        (b"2026-01-31", b"2025-02-29", "lines/1/date"),
        (b"2026-01-31", b"\\N", "lines/1/date"),
        (b"Item 1", b"", "lines/1/label"),
        (b"Item 1", b"a\\x41", "lines/1/label"),
        (b"Item 1", b"a\0b", "lines/1/label"),
        (b"Item 1", b"a\rb", "lines/1/label"),
        (b"Item 1", b"a\xff", "lines/1/label"),
        (b"Item 1", b"\xc0\xaf", "lines/1/label"),
        (b"Item 1", b"\xed\xa0\x80", "lines/1/label"),
    ],
)
def test_it_refuses_what_is_not_the_text_of_a_value(old: bytes, new: bytes, path: str) -> None:
    lines = lines_of("journal_items", journal_items(1))
    assert old in lines

    assert refusal_of(lines.replace(old, new, 1))[0] == path


@pytest.mark.parametrize(
    ("line", "found"), [(b"", "expected a positive"), (b"1", "got 1"), (b"1\t1\t1", "got 3")]
)
def test_it_refuses_a_line_with_too_few_fields(line: bytes, found: str) -> None:
    _, sentence = refusal_of(line + b"\n")

    assert found in sentence


def test_it_refuses_a_line_with_too_many_fields() -> None:
    lines = lines_of("journal_items", journal_items(1))

    path, sentence = refusal_of(lines[:-1] + b"\tmore\n")

    assert path == "lines/1"
    assert sentence == "Line 1: expected 21 fields, got 22."


def test_a_carriage_return_does_not_end_a_line() -> None:
    lines = lines_of("journal_items", journal_items(2)).replace(b"\n", b"\r\n")

    assert refusal_of(lines)[0] == "lines/1/shares"


def test_it_accepts_the_largest_amount_of_the_contract() -> None:
    amount = Decimal("-" + "9" * 18 + "." + "9" * 30)

    lines = lines_of("reconciliations", [record_of("reconciliations", amount=amount)])

    assert len(validated(lines, "reconciliations").lines) == 1
