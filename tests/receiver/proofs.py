"""What Odoo would state of its books for a proof, made from records as tests write them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from monitr_wire.batch import IdRange
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import (
    PROOF_HIDDEN_PATH,
    PROOF_PARTS_PATH,
    PROOF_ROWS_PATH,
    PROOFS_PATH,
    Digest,
    DigestLines,
    Rows,
    Statement,
    encode_digests,
    encode_proof,
    encode_proof_hidden,
    encode_proof_part,
    encode_proof_rows,
)
from monitr_wire.records import digest_of_line, encode_record
from monitr_wire.streams import JOURNAL_ITEMS, STREAMS_BY_NAME
from werkzeug.test import TestResponse

from tests.receiver.batches import sequences
from tests.receiver.records import Record
from tests.receiver.signed import signed_post

Books = Mapping[str, Iterable[Record]]  # {stream name: records}


def digests_of(books: Books) -> list[Digest]:
    """Made the long way round, record by record."""
    buckets = defaultdict(list)
    for stream, records in books.items():
        for record in records:
            buckets[stream, bucket_of(stream, record)].append(record)
    return [
        Digest(stream, bucket, len(records), digest_sum(stream, records), *sums(stream, records))
        for (stream, bucket), records in buckets.items()
    ]


def bucket_of(stream: str, record: Record) -> str:
    if stream != "journal_items":
        return str(record["id"] // 10_000)
    month = record["date"].isoformat()[:7]
    return f"{record['company_id']}/{record['account_id']}/{month}"


def digest_sum(stream: str, records: Iterable[Record]) -> int:
    return sum(digest for _, digest in rows_of(records, stream))


def rows_of(records: Iterable[Record], stream: str = "journal_items") -> list[tuple[int, int]]:
    """``(id, digest)`` of each record."""
    return [
        (record["id"], digest_of_line(encode_record(STREAMS_BY_NAME[stream], record).encode()))
        for record in records
    ]


def sums(stream: str, records: Iterable[Record]) -> list[Decimal]:
    if stream != "journal_items":
        return [Decimal(0)] * 3
    return [
        sum((record[name] for record in records), Decimal(0))
        for name in ("debit", "credit", "residual")
    ]


def proof_body(books: Books, *, sequence: int | None = None) -> bytes:
    number = next(sequences) if sequence is None else sequence
    statement = Statement("run-1", number, encode_digests(digests_of(books)))
    return encode_proof(statement, DigestLines(statement.digests))


def post_proof_part(
    client: FlaskClient, connection: ConnectionKey, books: Books, number: int
) -> TestResponse:
    """One part of a statement whose end never comes."""
    statement = Statement("run-1", next(sequences), encode_digests(digests_of(books)))
    body = encode_proof_part(statement, number, DigestLines(statement.digests))
    return signed_post(client, connection, PROOF_PARTS_PATH, body)


def post_proof(
    client: FlaskClient, connection: ConnectionKey, books: Books, **stamp: object
) -> TestResponse:
    return signed_post(client, connection, PROOFS_PATH, proof_body(books), **stamp)


def prove(client: FlaskClient, connection: ConnectionKey, books: Books) -> dict[str, Any]:
    """The answer to a proof that these are Odoo's books."""
    response = post_proof(client, connection, books)
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def post_rows(
    client: FlaskClient,
    connection: ConnectionKey,
    proof_id: object,
    rows: list[tuple[int, int]],
    buckets: list[str] | None = None,
    **id_range: int,
) -> TestResponse:
    """Of journal items; the range is open on both sides unless after_id and up_to_id are given."""
    wanted = IdRange(id_range.get("after_id", 0), id_range.get("up_to_id"))
    body = encode_proof_rows(str(proof_id), Rows(JOURNAL_ITEMS, buckets, wanted, rows))
    return signed_post(client, connection, PROOF_ROWS_PATH, body)


def post_hidden(
    client: FlaskClient, connection: ConnectionKey, proof_id: object, ids: list[int]
) -> TestResponse:
    """Of journal items."""
    body = encode_proof_hidden(str(proof_id), JOURNAL_ITEMS, ids)
    return signed_post(client, connection, PROOF_HIDDEN_PATH, body)
