"""The story of a batch: authenticate, inflate, read the envelope, validate, store.

Each step takes a value and returns a value, or raises the error that refuses the request. Nothing
is stored before the last step, and that one is a single transaction (store_once.py).
"""

from datetime import datetime

from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.store.receipts import Receipt
from receiver.ingest.authenticate import SignedRequest, authenticate
from receiver.ingest.envelope import read_envelope
from receiver.ingest.inflate import inflate
from receiver.ingest.store_once import store_once
from receiver.ingest.validate import validate


def receive_batch(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Receipt:
    """Raises a Rejected, of which nothing is stored, or DatabaseUnavailable."""
    sender = authenticate(request, config, engine, now)
    body = inflate(request.body, config.max_inflated_bytes)
    envelope, lines = read_envelope(body)
    incoming = validate(envelope, lines)
    return store_once(engine, sender, envelope, incoming, now)
