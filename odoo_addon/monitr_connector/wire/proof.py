"""The proof: digests of every bucket on both sides, and the records of a bucket that differs.

Two buckets (``buckets.py``) with the same digest hold the same records.

Both messages are built like a batch: the gzip of one line of JSON, the envelope, and lines.
"""

import hashlib
import json
import re
from decimal import Decimal
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import CONTRACT_VERSION
from .batch import IdRange, compress
from .buckets import BUCKET_PATTERN
from .parts import end_of_part
from .streams import JOURNAL_ITEMS, STREAMS_BY_NAME, Stream
from .values import ID_PATTERN, PLACES

PROOFS_PATH = "/v1/proofs"
PROOF_PARTS_PATH = "/v1/proof-parts"
PROOF_ROWS_PATH = "/v1/proof-rows"
PROOF_HIDDEN_PATH = "/v1/proof-hidden"
SUMMED_FIELDS = ("debit", "credit", "residual")  # of journal items
MOST_SET_ASIDE = 10_000  # ids of a stream in a statement, which has its count of what is more
MOST_PARTS = 10_000  # of a statement, before its last
BYTES_OF_ROW = 30  # of an id and a digest, about
LARGEST_BUCKET_LIST = 1_000  # where more buckets of a stream differ, all of it is compared
_AMOUNT = r"-?[0-9]{1,30}(?:\.[0-9]{1,%d})?" % PLACES
DIGEST_LINE = re.compile(
    r"(?:{})\t{}\t[0-9]{{1,18}}\t-?[0-9]{{1,40}}(?:\t{}){{3}}".format(
        "|".join(STREAMS_BY_NAME), BUCKET_PATTERN, _AMOUNT
    ).encode()
)
ROW_LINE = re.compile((ID_PATTERN + r"\t-?[0-9]{1,19}").encode())


class Digest(NamedTuple):
    """What is known of a bucket without looking at its records.

    The sum of the records' digests is the same whatever their order; amounts are sums in the
    company's currency, zero in a stream that has none.
    """

    stream: str
    bucket: str  # its name
    record_count: int
    digest_sum: int
    debit: Decimal
    credit: Decimal
    residual: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


def is_of_items(digest: Digest) -> bool:
    return digest.stream == JOURNAL_ITEMS.name


def is_digest(digest: Digest) -> bool:
    """Whether it can be stated: none of its records has an amount or a date that is none."""
    return DIGEST_LINE.fullmatch(_digest_line(digest)[:-1]) is not None


def encode_digests(digests: Iterable[Digest]) -> bytes:
    """One line a bucket, its values joined by tabs; amounts as plain decimals."""
    return b"".join(_digest_line(digest) for digest in digests)


def _digest_line(digest: Digest) -> bytes:
    amounts = (format(amount, "f") for amount in digest[4:])
    return "\t".join((*map(str, digest[:4]), *amounts)).encode() + b"\n"


def decode_digests(lines: bytes) -> Iterator[Digest]:
    """Raises ValueError or ArithmeticError for a line that is none."""
    for line in lines.decode().splitlines():
        stream, bucket, record_count, digest_sum, debit, credit, residual = line.split("\t")
        yield Digest(
            stream,
            bucket,
            int(record_count),
            int(digest_sum),
            Decimal(debit),
            Decimal(credit),
            Decimal(residual),
        )


class Statement(NamedTuple):
    """Asks: does the receiver hold exactly this, and know what is set aside? What is too large for
    one request goes in parts, the last of which asks."""

    run_id: str
    sequence: int
    digests: bytes  # of every bucket: see encode_digests
    # {stream: ids} of the records that no digest has: all that Odoo knows of.
    set_aside: Mapping[str, Sequence[int]] = {}
    # {stream: count} of what record rules keep from the user who reads; None: nobody counted.
    hidden: Optional[Mapping[str, int]] = None
    # The streams that the user may not read: no digest is of them, and what is stored stays.
    left_out: Sequence[str] = ()


class DigestLines(NamedTuple):
    """Lines of some of a statement's digests."""

    lines: bytes

    @property
    def size(self) -> int:
        return len(self.lines)

    @property
    def is_divisible(self) -> bool:
        return self.lines.count(b"\n") > 1

    def cut(self, most_bytes: int) -> "List[DigestLines]":
        """Itself where it is so small, else a first part and the rest."""
        if self.size <= most_bytes or not self.is_divisible:
            return [self]
        end = end_of_part(self.lines, most_bytes)
        return [DigestLines(self.lines[:end]), DigestLines(self.lines[end:])]


def encode_proof(statement: Statement, rest: DigestLines, parts_before: int = 0) -> bytes:
    """The body that asks, with the digests that no part before it had."""
    envelope: Dict[str, object] = {
        "contract": CONTRACT_VERSION,
        "run_id": statement.run_id,
        "sequence": statement.sequence,
        "digest_count": statement.digests.count(b"\n"),
        "digests_sha256": hashlib.sha256(statement.digests).hexdigest(),
    }
    if statement.set_aside:
        envelope.update(_set_aside(statement.set_aside))
    if statement.hidden is not None:
        envelope["hidden"] = dict(statement.hidden)
    if statement.left_out:
        envelope["left_out"] = list(statement.left_out)
    if parts_before:  # else a receiver from before there were parts understands it
        envelope["parts_before"] = parts_before
    return _body(envelope, rest.lines)


def _set_aside(ids_by_stream: Mapping[str, Sequence[int]]) -> Dict[str, object]:
    """The lowest ids of each stream: a request with very many would get through nowhere."""
    stated = {stream: sorted(ids)[:MOST_SET_ASIDE] for stream, ids in ids_by_stream.items()}
    more = {
        stream: len(ids) - MOST_SET_ASIDE
        for stream, ids in ids_by_stream.items()
        if len(ids) > MOST_SET_ASIDE
    }
    return {"set_aside": stated, "set_aside_more": more} if more else {"set_aside": stated}


def encode_proof_part(statement: Statement, number: int, part: DigestLines) -> bytes:
    """The body of a part that is not the last, numbered from 1."""
    return _body(
        {
            "contract": CONTRACT_VERSION,
            "sequence": statement.sequence,
            "number": number,
            "digest_count": part.lines.count(b"\n"),
            "digests_sha256": hashlib.sha256(part.lines).hexdigest(),
        },
        part.lines,
    )


class Rows(NamedTuple):
    """Asks: which of these records differ? Every record of the buckets (of the whole stream, where
    ``buckets`` is None) whose id lies in the range is there as its id and digest."""

    stream: Stream
    buckets: Optional[Sequence[str]]
    range: IdRange
    rows: Sequence[Tuple[int, int]]

    @property
    def size(self) -> int:
        return BYTES_OF_ROW * len(self.rows)

    @property
    def is_divisible(self) -> bool:
        return len(self.rows) > 1

    def cut(self, most_bytes: int) -> "List[Rows]":
        """Itself where it is so small, else a first part and the rest, whose range begins there."""
        if self.size <= most_bytes or not self.is_divisible:
            return [self]
        count = max(most_bytes // BYTES_OF_ROW, 1)
        one, other = self.range.halves(self.rows[count - 1][0])
        return [
            self._replace(range=one, rows=self.rows[:count]),
            self._replace(range=other, rows=self.rows[count:]),
        ]


def encode_proof_rows(proof_id: str, asked: Rows) -> bytes:
    lines = b"".join(b"%d\t%d\n" % row for row in asked.rows)
    return _body(
        {
            "contract": CONTRACT_VERSION,
            "proof_id": proof_id,
            "stream": asked.stream.name,
            "buckets": None if asked.buckets is None else list(asked.buckets),
            "range": dict(asked.range._asdict()),
            "row_count": len(asked.rows),
            "rows_sha256": hashlib.sha256(lines).hexdigest(),
        },
        lines,
    )


def encode_proof_hidden(proof_id: str, stream: Stream, ids: Sequence[int]) -> bytes:
    """The body that tells: these records, which the answer to rows named, are not gone but hidden
    from the user who reads. They stay where they are stored."""
    envelope = {
        "contract": CONTRACT_VERSION,
        "proof_id": proof_id,
        "stream": stream.name,
        "ids": list(ids),
    }
    return _body(envelope, b"")


def decode_rows(lines: bytes) -> Iterator[Tuple[int, int]]:
    """``(id, digest)`` of each line. Raises ValueError for a line that is none."""
    for line in lines.splitlines():
        id, digest = line.split(b"\t")
        yield int(id), int(digest)


def _body(envelope: Dict[str, object], lines: bytes) -> bytes:
    return compress(json.dumps(envelope).encode() + b"\n" + lines)
