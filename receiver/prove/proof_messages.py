"""Reads what Odoo states for a proof: the digests of its buckets, or the records of some."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate
from monitr_wire.batch import IdRange
from monitr_wire.buckets import BUCKET_PATTERN
from monitr_wire.proof import (
    DIGEST_LINE,
    LARGEST_BUCKET_LIST,
    MOST_PARTS,
    ROW_LINE,
    Digest,
    decode_digests,
    decode_rows,
)
from monitr_wire.records import split_lines
from monitr_wire.streams import STREAMS_BY_NAME, Stream
from monitr_wire.values import LARGEST_ID

from receiver.errors import InvalidProof, WrongDigest
from receiver.ingest.envelope import LARGEST_SEQUENCE, RangeSchema
from receiver.ingest.message import (
    MessageSchema,
    read_message,
    sha256_text,
    short_text,
    whole_number,
)


class StatementSchema(MessageSchema):
    """The envelope of monitr_wire.proof.encode_proof."""

    run_id = short_text()
    sequence = whole_number(1, LARGEST_SEQUENCE)
    digest_count = whole_number(0)
    digests_sha256 = sha256_text()
    # An addon from before it leaves it out.
    set_aside = fields.Dict(
        keys=fields.String(validate=validate.OneOf(STREAMS_BY_NAME)),
        values=fields.List(whole_number(1, LARGEST_ID)),
        load_default=dict,
        metadata={"description": "The ids of each stream's records that are set aside"},
    )
    set_aside_more = fields.Dict(
        keys=fields.String(validate=validate.OneOf(STREAMS_BY_NAME)),
        values=fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)),
        load_default=dict,
        metadata={"description": "How many more of a stream are set aside, all of higher ids"},
    )
    hidden = fields.Dict(
        keys=fields.String(validate=validate.OneOf(STREAMS_BY_NAME)),
        values=fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)),
        load_default=None,
        metadata={"description": "How many of each stream record rules hide from the reading user"},
    )
    left_out = fields.List(
        fields.String(validate=validate.OneOf(STREAMS_BY_NAME)),
        load_default=list,
        metadata={"description": "Streams that the reading user may not read: they stay as stored"},
    )
    parts_before = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, MOST_PARTS),
        metadata={"description": "How many parts of the statement came before, one by one"},
    )


class PartSchema(MessageSchema):
    """The envelope of monitr_wire.proof.encode_proof_part."""

    sequence = whole_number(1, LARGEST_SEQUENCE)
    number = whole_number(1, MOST_PARTS)
    digest_count = whole_number(0)
    digests_sha256 = sha256_text()


class RowsStatementSchema(MessageSchema):
    """The envelope of monitr_wire.proof.encode_proof_rows."""

    proof_id = short_text()
    stream = fields.String(required=True, validate=validate.OneOf(STREAMS_BY_NAME))
    buckets = fields.List(
        fields.String(validate=validate.Regexp(rf"{BUCKET_PATTERN}\Z")),
        required=True,
        allow_none=True,
        validate=validate.Length(max=LARGEST_BUCKET_LIST),
    )
    range = fields.Nested(RangeSchema, required=True)
    row_count = whole_number(0)
    rows_sha256 = sha256_text()


class HiddenSchema(MessageSchema):
    """The whole of monitr_wire.proof.encode_proof_hidden."""

    proof_id = short_text()
    stream = fields.String(required=True, validate=validate.OneOf(STREAMS_BY_NAME))
    ids = fields.List(whole_number(1, LARGEST_ID), required=True)


@dataclass(frozen=True)
class Statement:
    run_id: str
    sequence: int
    digests: tuple[Digest, ...]  # one a bucket
    set_aside: dict[str, list[int]]  # {stream: ids}; no digest has them
    set_aside_more: dict[str, int]  # {stream: count} of those with higher ids
    hidden: dict[str, int] | None  # {stream: count}; None of an addon that does not count
    left_out: list[str]  # streams that no digest is of


@dataclass(frozen=True)
class Part:
    """Part of a statement's digests, as they came."""

    sequence: int  # the statement's
    number: int
    lines: bytes


@dataclass(frozen=True)
class RowsStatement:
    """Every record of these buckets (None: of the stream) whose id lies in the range."""

    proof_id: str
    stream: Stream
    buckets: Sequence[str] | None
    range: IdRange
    digests: dict[int, int]  # {id: the record's digest}


@dataclass(frozen=True)
class Hidden:
    """Records that a proof found too many here, and Odoo only hides."""

    proof_id: str
    stream: Stream
    ids: Sequence[int]


def read_statement(body: bytes, parts_of: Callable[[int], Mapping[int, bytes]]) -> Statement:
    """Read a statement with the parts of the same sequence that came before: ``{number: lines}``.

    Raises UnsupportedContract, InvalidProof or WrongDigest.
    """
    first_line, _, lines = body.partition(b"\n")
    envelope = read_message(first_line, StatementSchema(), InvalidProof)
    if count := envelope["parts_before"]:
        lines = _joined(parts_of(envelope["sequence"]), count) + lines
    _check_whole(lines, envelope, "digest_count", "digests_sha256")
    _check_lines(lines, DIGEST_LINE)
    digests = tuple(decode_digests(lines))
    _check_once([digest[:2] for digest in digests])
    return Statement(
        envelope["run_id"],
        envelope["sequence"],
        digests,
        envelope["set_aside"],
        envelope["set_aside_more"],
        envelope["hidden"],
        envelope["left_out"],
    )


def _joined(parts: Mapping[int, bytes], count: int) -> bytes:
    for number in range(1, count + 1):
        if number not in parts:
            text = f"Part {number} of the statement did not come."
            raise InvalidProof(text, path="/parts_before")
    return b"".join(parts[number] for number in range(1, count + 1))


def read_part(body: bytes) -> Part:
    """Raises UnsupportedContract, InvalidProof or WrongDigest."""
    first_line, _, lines = body.partition(b"\n")
    envelope = read_message(first_line, PartSchema(), InvalidProof)
    _check_whole(lines, envelope, "digest_count", "digests_sha256")
    _check_lines(lines, DIGEST_LINE)
    return Part(envelope["sequence"], envelope["number"], lines)


def read_rows(body: bytes) -> RowsStatement:
    """Raises UnsupportedContract, InvalidProof or WrongDigest."""
    first_line, _, lines = body.partition(b"\n")
    envelope = read_message(first_line, RowsStatementSchema(), InvalidProof)
    _check_whole(lines, envelope, "row_count", "rows_sha256")
    _check_lines(lines, ROW_LINE)
    rows = list(decode_rows(lines))
    _check_once([id for id, _ in rows])
    return RowsStatement(
        envelope["proof_id"],
        STREAMS_BY_NAME[envelope["stream"]],
        envelope["buckets"],
        IdRange(**envelope["range"]),
        dict(rows),
    )


def read_hidden(body: bytes) -> Hidden:
    """Raises UnsupportedContract or InvalidProof."""
    envelope = read_message(body.rstrip(b"\n"), HiddenSchema(), InvalidProof)
    return Hidden(envelope["proof_id"], STREAMS_BY_NAME[envelope["stream"]], envelope["ids"])


def _check_whole(lines: bytes, envelope: dict[str, Any], count_name: str, sha_name: str) -> None:
    count = lines.count(b"\n")
    if count != envelope[count_name] or (lines and not lines.endswith(b"\n")):
        raise WrongDigest(
            f"The envelope states {envelope[count_name]} lines, {count} came.",
            path=f"/{count_name}",
        )
    if hashlib.sha256(lines).hexdigest() != envelope[sha_name]:
        raise WrongDigest(
            "The lines are not those that the envelope's digest was made of.", path=f"/{sha_name}"
        )


def _check_lines(lines: bytes, pattern: re.Pattern[bytes]) -> None:
    for number, line in enumerate(split_lines(lines), 1):
        if not pattern.fullmatch(line):
            raise InvalidProof(f"Line {number} is malformed.", path=f"lines/{number}")


def _check_once(keys: Sequence[object]) -> None:
    seen: set[object] = set()
    for number, key in enumerate(keys, 1):
        if key in seen:
            raise InvalidProof(f"Line {number} repeats {key}.", path=f"lines/{number}")
        seen.add(key)
