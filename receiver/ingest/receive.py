"""The story of a batch: authenticate, inflate, read the envelope, validate, store.

Each step takes a value and returns a value, or raises the error that refuses the request. Nothing
is stored before the last step, and that one is a single transaction. In it, what the batch is about
to change in closed periods is noted first (closed_periods.py).
"""

from datetime import datetime

from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections import lock_connection, update_last_sequence
from receiver.db.engine import writing
from receiver.db.incoming import Incoming
from receiver.db.receipts import Receipt, find_receipt, insert_receipt
from receiver.db.store import store
from receiver.errors import BatchConflict, Overtaken, UnknownConnection
from receiver.ingest.authenticate import Sender, SignedRequest, authenticate
from receiver.ingest.closed_periods import Occasion, note_closed_period_changes
from receiver.ingest.envelope import Envelope, read_envelope
from receiver.ingest.inflate import inflate
from receiver.ingest.validate import validate


def receive_batch(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Receipt:
    """Raises a Rejected, of which nothing is stored, or DatabaseUnavailable."""
    sender = authenticate(request, config, engine, now)
    body = inflate(request.body, config.max_inflated_bytes)
    envelope, lines = read_envelope(body)
    incoming = validate(envelope, lines)
    return _store_once(engine, sender, envelope, incoming, now)


def _store_once(
    engine: Engine, sender: Sender, envelope: Envelope, incoming: Incoming, now: datetime
) -> Receipt:
    """The batches of a connection wait for each other here; one that is known gets its receipt."""
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        if connection is None:
            raise UnknownConnection
        if known := find_receipt(db, connection.id, sender.message_id):
            return _same(known, sender.body_sha256)
        if envelope.sequence <= connection.last_sequence:
            raise Overtaken(connection.last_sequence)
        occasion = Occasion(envelope.run_id, sender.message_id, now)
        note_closed_period_changes(db, connection, incoming, occasion)
        stored = store(db, connection.id, incoming)
        receipt = Receipt(
            batch_id=sender.message_id,
            body_sha256=sender.body_sha256,
            run_id=envelope.run_id,
            stream=envelope.stream.name,
            received_count=envelope.record_count,
            written_count=stored.written_count,
            deleted_count=stored.deleted_count,
            stored_at=now,
        )
        insert_receipt(db, connection.id, receipt)
        update_last_sequence(db, connection.id, envelope.sequence, now)
    return receipt


def _same(known: Receipt, body_sha256: str) -> Receipt:
    if known.body_sha256 != body_sha256:
        raise BatchConflict
    return known
