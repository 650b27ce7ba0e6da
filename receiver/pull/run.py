"""One run of the puller: what it has stored so far, and whom it tells."""

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitr_wire.batch import Batch, IdRange, set_apart
from monitr_wire.set_aside import Wrong
from monitr_wire.streams import Stream
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection
from receiver.db.engine import writing
from receiver.db.pull.pull_positions import PullPosition, save_position
from receiver.db.store.receipts import PULLED, Receipt
from receiver.errors import InvalidRecord
from receiver.ingest.authenticate import Sender
from receiver.ingest.envelope import Envelope
from receiver.ingest.store_once import store_once
from receiver.ingest.validate import validate
from receiver.messages import parts_of


@dataclass(frozen=True)
class Progress:
    """How far a run has come; said whenever something is stored or compared."""

    stream: str
    done_count: int  # records of the stream, since this stage began
    expected_count: int | None  # None where nobody knows
    what: str  # "everything", "changes", "proof" or "repair"


Tell = Callable[[Progress], None]


@dataclass
class Run:
    """Stores what is read, each batch in a transaction of its own."""

    engine: Engine
    connection: Connection  # as it was when the run began
    tell: Tell
    lets_go: bool = False  # what is hidden from the user counts as deleted
    run_id: str = field(default_factory=lambda: f"{PULLED}{uuid.uuid4().hex}")
    receipts: list[Receipt] = field(default_factory=list)
    repaired_count: int = 0
    _sequence: int = 0

    def next_sequence(self) -> int:
        """The next sequence, counted as a push counts: the clock is part of it, so that it grows
        even after a restore."""
        first = max(self.connection.last_sequence, int(time.time() * 1000))
        self._sequence = (self._sequence or first) + 1
        return self._sequence

    def store(
        self,
        stream: Stream,
        lines: bytes,
        *,
        id_range: IdRange | None = None,
        deletions: tuple[int, ...] = (),
    ) -> None:
        """Records that break the contract are set aside. Raises a Rejected for what is no record at
        all, or DatabaseUnavailable."""
        batch = Batch(stream, self.run_id, lines, range=id_range, deletions=deletions)
        try:
            self._store(batch)
        except InvalidRecord as refusal:
            wrong = {
                each.number: Wrong(each.field, each.value, parts_of(each.reason))
                for each in refusal.wrong_lines
            }
            if not wrong:
                raise
            self._store(set_apart(batch, wrong))

    def _store(self, batch: Batch) -> None:
        stream, lines = batch.stream, batch.lines
        envelope = Envelope(
            stream=stream,
            fields=stream.fields,
            run_id=self.run_id,
            sequence=self.next_sequence(),
            record_count=lines.count(b"\n"),
            records_sha256=hashlib.sha256(lines).hexdigest(),
            range=batch.range,
            deletions=batch.deletions,
            set_aside=batch.set_aside,
        )
        incoming = validate(envelope, lines)
        # A pulled batch has no body of its own; its records stand for it.
        sender = Sender(self.connection.id, f"msg_{uuid.uuid4().hex}", envelope.records_sha256)
        receipt = store_once(self.engine, sender, envelope, incoming, datetime.now(UTC))
        self.receipts.append(receipt)

    def save(self, position: PullPosition) -> None:
        with writing(self.engine) as db:
            save_position(db, self.connection.id, position)
