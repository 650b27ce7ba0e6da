"""What an Odoo sends, all by POST: HTTP in, HTTP out.

The stories are in receiver/ingest (hello, batches) and receiver/prove (proofs, proof-rows).

Not under flask-smorest: it would read the body before its signature is verified.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TypeVar

import structlog
from flask import Blueprint, request
from monitr_wire import CONTRACT_VERSION
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.hello import HELLO_PATH
from monitr_wire.proof import (
    PROOF_HIDDEN_PATH,
    PROOF_PARTS_PATH,
    PROOF_ROWS_PATH,
    PROOFS_PATH,
)
from monitr_wire.values import encode_decimal
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.store.receipts import Receipt
from receiver.errors import BodyTooLarge
from receiver.ingest.authenticate import SignedRequest
from receiver.ingest.hello import receive_hello
from receiver.ingest.receive import receive_batch
from receiver.ingest.refusal import noting_refusals
from receiver.prove.prove import (
    Outcome,
    largest_differences,
    receive_hidden,
    receive_part,
    receive_proof,
    receive_rows,
    to_repair,
)
from receiver.web.current import current_config, current_engine

Received = TypeVar("Received")

LOGGED = ("proof_id", "run_id", "ties_out", "bucket_count", "differing_count", "set_aside_count")
LARGEST_HELLO_BYTES = 1024 * 1024

ingest = Blueprint("ingest", __name__)
log = structlog.get_logger()


@ingest.post(BATCHES_PATH)
def post_batch() -> dict[str, object]:
    """Stores one batch and answers its receipt.

    The body *is* gzip, ``application/vnd.monitr.batch+gzip``; no Content-Encoding takes part.
    """
    receipt = _receive(receive_batch, current_config().max_body_bytes)
    answer = _as_json(receipt)
    log.info("batch stored", **answer)
    return answer


@ingest.post(HELLO_PATH)
def post_hello() -> dict[str, object]:
    """Notes what an Odoo says about itself and answers where its last push ended."""
    connection = _receive(receive_hello, LARGEST_HELLO_BYTES)
    log.info("hello received", connection=connection.name)
    return {
        "connection": connection.name,
        "contract": CONTRACT_VERSION,
        "last_sequence": connection.last_sequence,
        "receiver_version": version("monitr"),
        "authority": current_config().public_ca or None,
    }


@ingest.post(PROOFS_PATH)
def post_proof() -> dict[str, object]:
    """Compares the digests of every bucket with what is stored, and says which differ."""
    outcome = _receive(receive_proof, current_config().max_body_bytes)
    answer = _proof_as_json(outcome)
    log.info("proof made", **{name: value for name, value in answer.items() if name in LOGGED})
    return answer


@ingest.post(PROOF_PARTS_PATH)
def post_proof_part() -> dict[str, object]:
    """Keeps a part of a statement that is too large for one request; its last part is a proof."""
    part = _receive(receive_part, current_config().max_body_bytes)
    log.info("part of a proof kept", number=part.number)
    return {"number": part.number}


@ingest.post(PROOF_ROWS_PATH)
def post_proof_rows() -> dict[str, object]:
    """Compares the records of differing buckets, and says which to send again or to take back."""
    ids = _receive(receive_rows, current_config().max_body_bytes)
    log.info("records compared", differing_count=len(ids))
    return {"ids": ids}


@ingest.post(PROOF_HIDDEN_PATH)
def post_proof_hidden() -> dict[str, object]:
    """Notes which of the records to take back are not gone, but hidden from the user who reads."""
    hidden = _receive(receive_hidden, current_config().max_body_bytes)
    log.info("hidden records noted", stream=hidden.stream.name, count=len(hidden.ids))
    return {"hidden_count": len(hidden.ids)}


def _receive(
    receive: Callable[[SignedRequest, Config, Engine, datetime], Received], max_bytes: int
) -> Received:
    """Runs one of the stories on the request; a refusal is noted on the connection it names."""
    now = datetime.now(UTC)
    headers = {name.lower(): value for name, value in request.headers}
    config, engine = current_config(), current_engine()
    signed = SignedRequest(headers, _read_body(max_bytes))
    with noting_refusals(signed, config, engine, now):
        return receive(signed, config, engine, now)


def _read_body(max_bytes: int) -> bytes:
    """Raises BodyTooLarge, and reads no more than one byte above the limit to know it.

    A chunked body states no length; Flask alone would cut it off at the limit without a word.
    """
    request.max_content_length = max_bytes + 1
    body = request.get_data(cache=False)
    if len(body) > max_bytes:
        raise BodyTooLarge
    return body


def _as_json(receipt: Receipt) -> dict[str, object]:
    return {
        "batch_id": receipt.batch_id,
        "stream": receipt.stream,
        "run_id": receipt.run_id,
        "received_count": receipt.received_count,
        "written_count": receipt.written_count,
        "deleted_count": receipt.deleted_count,
        "stored_at": receipt.stored_at.isoformat(),
    }


def _proof_as_json(outcome: Outcome) -> dict[str, object]:
    proof = outcome.proof
    return {
        "proof_id": proof.proof_id,
        "run_id": proof.run_id,
        "proven_at": proof.proven_at.isoformat(),
        "ties_out": proof.ties_out,
        "bucket_count": proof.bucket_count,
        "account_month_count": sum(total.account_month_count for total in proof.totals),
        "record_count": proof.record_count,
        "differing_count": proof.differing_count,
        "set_aside_count": proof.set_aside_count,
        "unbalanced_count": proof.unbalanced_count,
        "largest_differences": [
            {**account_month._asdict(), "difference": encode_decimal(difference)}
            for account_month, difference in largest_differences(outcome)
        ],
        "to_repair": [
            {"stream": stream, "buckets": buckets} for stream, buckets in to_repair(outcome)
        ],
        "to_state": [{"stream": stream, "ids": ids} for stream, ids in outcome.to_state.items()],
    }
