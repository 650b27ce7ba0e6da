"""POST /v1/hello and POST /v1/batches: HTTP in, HTTP out; the stories are in receiver/ingest.

Not under flask-smorest: it would read the body before its signature is verified.
"""

from datetime import UTC, datetime
from importlib.metadata import version

import structlog
from flask import Blueprint, request
from monitr_wire import CONTRACT_VERSION
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.hello import HELLO_PATH

from receiver.db.receipts import Receipt
from receiver.errors import BodyTooLarge
from receiver.ingest.authenticate import SignedRequest
from receiver.ingest.hello import receive_hello
from receiver.ingest.receive import receive_batch
from receiver.ingest.refusal import noting_refusals
from receiver.web.current import current_config, current_engine

LARGEST_HELLO_BYTES = 1024 * 1024

ingest = Blueprint("ingest", __name__)
log = structlog.get_logger()


@ingest.post(BATCHES_PATH)
def post_batch() -> dict[str, object]:
    """Stores one batch and answers its receipt.

    The body *is* gzip, ``application/vnd.monitr.batch+gzip``; no Content-Encoding takes part.
    """
    now = datetime.now(UTC)
    with noting_refusals(_headers(), current_engine(), now):
        signed = _signed_request(current_config().max_body_bytes)
        receipt = receive_batch(signed, current_config(), current_engine(), now)
    answer = _as_json(receipt)
    log.info("batch stored", **answer)
    return answer


@ingest.post(HELLO_PATH)
def post_hello() -> dict[str, object]:
    """Notes what an Odoo says about itself and answers where its last push ended."""
    now = datetime.now(UTC)
    with noting_refusals(_headers(), current_engine(), now):
        signed = _signed_request(LARGEST_HELLO_BYTES)
        connection = receive_hello(signed, current_config(), current_engine(), now)
    log.info("hello received", connection=connection.name)
    return {
        "connection": connection.name,
        "contract": CONTRACT_VERSION,
        "last_sequence": connection.last_sequence,
        "receiver_version": version("monitr"),
    }


def _signed_request(max_bytes: int) -> SignedRequest:
    return SignedRequest(_headers(), _read_body(max_bytes))


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


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
