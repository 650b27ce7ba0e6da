"""The proof: digests of every bucket on both sides, and the records of a bucket that differs.

A bucket is a slice of a stream: of journal items one company, account and month; of every other
stream ten thousand ids. Two buckets with the same digest hold the same records.

Both messages are built like a batch: the gzip of one line of JSON, the envelope, and lines.
"""

import hashlib
import json
import re
from decimal import Decimal
from typing import Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import CONTRACT_VERSION
from .batch import IdRange, compress
from .streams import JOURNAL_ITEMS, STREAMS_BY_NAME, Stream
from .values import PLACES

PROOFS_PATH = "/v1/proofs"
PROOF_ROWS_PATH = "/v1/proof-rows"
IDS_IN_BUCKET = 10_000
SUMMED_FIELDS = ("debit", "credit", "residual")  # of journal items
LARGEST_BUCKET_LIST = 1_000  # where more buckets of a stream differ, all of it is compared
_ID = r"[1-9][0-9]{0,17}"
BUCKET_PATTERN = r"(?:{0}/{0}/[0-9]{{4}}-[0-9]{{2}}|0|{0})".format(_ID)
_AMOUNT = r"-?[0-9]{1,30}(?:\.[0-9]{1,%d})?" % PLACES
DIGEST_LINE = re.compile(
    r"(?:{})\t{}\t[0-9]{{1,18}}\t-?[0-9]{{1,40}}(?:\t{}){{3}}".format(
        "|".join(STREAMS_BY_NAME), BUCKET_PATTERN, _AMOUNT
    ).encode()
)
ROW_LINE = re.compile((_ID + r"\t-?[0-9]{1,19}").encode())


class Digest(NamedTuple):
    """What is known of a bucket without looking at its records.

    The sum of the records' digests is the same whatever their order; amounts are sums in the
    company's currency, zero in a stream that has none.
    """

    stream: str
    bucket: str  # journal items: "1/42/2026-11" (company, account, month); else "3": 30000-39999
    record_count: int
    digest_sum: int
    debit: Decimal
    credit: Decimal
    residual: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


class AccountMonth(NamedTuple):
    """A bucket of journal items, read from its name."""

    company_id: int
    account_id: int
    month: str  # "2026-11"


def account_month(digest_bucket: str) -> AccountMonth:
    company_id, account_id, month = digest_bucket.split("/")
    return AccountMonth(int(company_id), int(account_id), month)


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


def encode_proof(
    run_id: str,
    sequence: int,
    digests: Sequence[Digest],
    set_aside: Optional[Mapping[str, Sequence[int]]] = None,
) -> bytes:
    """The body that asks: does the receiver hold exactly this, and know what is set aside?

    ``set_aside`` is ``{stream: ids}``: of the records that no digest has, all that Odoo knows of.
    """
    lines = encode_digests(digests)
    envelope: Dict[str, object] = {
        "contract": CONTRACT_VERSION,
        "run_id": run_id,
        "sequence": sequence,
        "digest_count": len(digests),
        "digests_sha256": hashlib.sha256(lines).hexdigest(),
    }
    if set_aside:
        envelope["set_aside"] = {stream: list(ids) for stream, ids in set_aside.items()}
    return _body(envelope, lines)


def encode_proof_rows(
    proof_id: str,
    stream: Stream,
    buckets: Optional[Sequence[str]],
    id_range: IdRange,
    rows: Sequence[Tuple[int, int]],
) -> bytes:
    """The body that asks: which of these records differ? Every record of the buckets (of the whole
    stream, where ``buckets`` is None) whose id lies in the range is there as its id and digest."""
    lines = b"".join(b"%d\t%d\n" % row for row in rows)
    return _body(
        {
            "contract": CONTRACT_VERSION,
            "proof_id": proof_id,
            "stream": stream.name,
            "buckets": None if buckets is None else list(buckets),
            "range": dict(id_range._asdict()),
            "row_count": len(rows),
            "rows_sha256": hashlib.sha256(lines).hexdigest(),
        },
        lines,
    )


def decode_rows(lines: bytes) -> Iterator[Tuple[int, int]]:
    """``(id, digest)`` of each line. Raises ValueError for a line that is none."""
    for line in lines.splitlines():
        id, digest = line.split(b"\t")
        yield int(id), int(digest)


def _body(envelope: Dict[str, object], lines: bytes) -> bytes:
    return compress(json.dumps(envelope).encode() + b"\n" + lines)
