"""Reads what Odoo states for a proof: the digests of its buckets, or the records of some."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate
from monitr_wire.batch import IdRange
from monitr_wire.proof import LARGEST_BUCKET_LIST, Digest, decode_digests, decode_rows
from monitr_wire.records import split_lines
from monitr_wire.streams import STREAMS_BY_NAME, Stream

from receiver.errors import InvalidProof, WrongDigest
from receiver.ingest.envelope import LARGEST_SEQUENCE, RangeSchema
from receiver.ingest.message import (
    MessageSchema,
    read_message,
    sha256_text,
    short_text,
    whole_number,
)

ID = r"[1-9][0-9]{0,17}"
BUCKET = rf"(?:{ID}/{ID}/[0-9]{{4}}-[0-9]{{2}}|0|{ID})"
AMOUNT = r"-?[0-9]{1,30}(?:\.[0-9]{1,6})?"
DIGEST_LINE = re.compile(
    r"(?:{})\t{}\t[0-9]{{1,18}}\t-?[0-9]{{1,40}}(?:\t{}){{3}}".format(
        "|".join(STREAMS_BY_NAME), BUCKET, AMOUNT
    ).encode()
)
ROW_LINE = re.compile(rf"{ID}\t-?[0-9]{{1,19}}".encode())


class StatementSchema(MessageSchema):
    """The envelope of monitr_wire.proof.encode_proof."""

    run_id = short_text()
    sequence = whole_number(1, LARGEST_SEQUENCE)
    digest_count = whole_number(0)
    digests_sha256 = sha256_text()


class RowsStatementSchema(MessageSchema):
    """The envelope of monitr_wire.proof.encode_proof_rows."""

    proof_id = short_text()
    stream = fields.String(required=True, validate=validate.OneOf(STREAMS_BY_NAME))
    buckets = fields.List(
        fields.String(validate=validate.Regexp(rf"{BUCKET}\Z")),
        required=True,
        allow_none=True,
        validate=validate.Length(max=LARGEST_BUCKET_LIST),
    )
    range = fields.Nested(RangeSchema, required=True)
    row_count = whole_number(0)
    rows_sha256 = sha256_text()


@dataclass(frozen=True)
class Statement:
    run_id: str
    sequence: int
    digests: tuple[Digest, ...]  # one a bucket


@dataclass(frozen=True)
class RowsStatement:
    """Every record of these buckets (None: of the stream) whose id lies in the range."""

    proof_id: str
    stream: Stream
    buckets: Sequence[str] | None
    range: IdRange
    digests: dict[int, int]  # {id: the record's digest}


def read_statement(body: bytes) -> Statement:
    """Raises UnsupportedContract, InvalidProof or WrongDigest."""
    first_line, _, lines = body.partition(b"\n")
    envelope = read_message(first_line, StatementSchema(), InvalidProof)
    _check_whole(lines, envelope, "digest_count", "digests_sha256")
    _check_lines(lines, DIGEST_LINE)
    digests = tuple(decode_digests(lines))
    _check_once([digest[:2] for digest in digests])
    return Statement(envelope["run_id"], envelope["sequence"], digests)


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
