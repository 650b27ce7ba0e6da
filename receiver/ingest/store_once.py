"""The last step of a batch, pushed or pulled: it is stored, once, in a single transaction.

In it, what the batch is about to change in closed periods is noted first (closed_periods.py).
"""

from datetime import datetime

from sqlalchemy import Engine

from receiver.db.connections.connections import lock_connection, update_last_sequence
from receiver.db.engine import writing
from receiver.db.store.incoming import Incoming
from receiver.db.store.receipts import Receipt, find_receipt, insert_receipt
from receiver.db.store.set_aside import renew_set_aside
from receiver.db.store.store import store
from receiver.errors import BatchConflict, Overtaken
from receiver.ingest.authenticate import Sender
from receiver.ingest.closed_periods import Occasion, note_closed_period_changes
from receiver.ingest.envelope import Envelope


def store_once(
    engine: Engine, sender: Sender, envelope: Envelope, incoming: Incoming, now: datetime
) -> Receipt:
    """Raises a Rejected, of which nothing is stored, or DatabaseUnavailable.

    The batches of a connection wait for each other here; one that is known gets its receipt."""
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        if known := find_receipt(db, connection.id, sender.message_id):
            return _same(known, sender.body_sha256)
        if envelope.sequence <= connection.last_sequence:
            raise Overtaken(connection.last_sequence)
        occasion = Occasion(envelope.run_id, sender.message_id, now)
        note_closed_period_changes(db, connection, incoming, occasion)
        stored = store(db, connection.id, incoming)
        renew_set_aside(db, connection.id, incoming, envelope.run_id, now)
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
