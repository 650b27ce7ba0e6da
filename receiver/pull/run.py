"""One run of the puller: what it has stored so far, and whom it tells.

What is gone from the user's sight is not deleted: the pull stops and says so, and all stays, unless
an administrator lets go of it. Odoo answers of records that are hidden as it does of records that
are deleted, until it is asked to read them.
"""

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitr_wire.batch import Batch, IdRange, set_apart
from monitr_wire.records import split_lines
from monitr_wire.set_aside import Wrong
from monitr_wire.streams import Stream
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.db.pull.owners import list_owners
from receiver.db.pull.pull_positions import PullPosition, save_position
from receiver.db.store.receipts import PULLED, Receipt
from receiver.errors import GoneFromSight, InvalidRecord
from receiver.ingest.authenticate import Sender
from receiver.ingest.envelope import Envelope
from receiver.ingest.store_once import store_once
from receiver.ingest.validate import validate
from receiver.messages import Sentence, parts_of
from receiver.pull.extract.read import Reader, id_of


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

    def store_read(
        self,
        reader: Reader,
        lines: bytes,
        *,
        id_range: IdRange | None = None,
        deletions: tuple[int, ...] = (),
    ) -> None:
        """Store what was read. Raises GoneFromSight, storing nothing, where a record that is here
        would be deleted though Odoo only hides it; a run that lets go deletes it."""
        self.check_seen(reader, id_range or deletions, lines)
        self.store(reader.stream, lines, id_range=id_range, deletions=deletions)

    def check_seen(
        self, reader: Reader, asked: IdRange | Sequence[int], lines: bytes = b""
    ) -> None:
        """Raises GoneFromSight where one of the records that were asked for is here and was not
        answered in these lines, but is in Odoo all the same; not of a run that lets go."""
        if self.lets_go:
            return
        hidden_id = reader.find_hidden(self._vanished(reader, lines, asked))
        if hidden_id is not None:
            raise _gone_from_sight(reader, hidden_id)

    def _vanished(self, reader: Reader, lines: bytes, asked: IdRange | Sequence[int]) -> list[int]:
        """What is here of what was asked for, and was not answered. Companies that were chosen no
        more take theirs with them."""
        with reading(self.engine) as db:
            owners = list_owners(db, self.connection.id, reader.stream, asked)
        answered = {id_of(line) for line in split_lines(lines)} if owners else set()
        return [
            id
            for id, company_ids in owners.items()
            if id not in answered and (not company_ids or reader.in_scope(company_ids))
        ]

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


def _gone_from_sight(reader: Reader, id: int) -> GoneFromSight:
    return GoneFromSight(
        "Record %(id)s of %(stream)s (%(model)s) is still in Odoo, but the user of the API key"
        " may not see it any more. Nothing was deleted: what Monitr has of it stays here. Ask"
        " your Odoo administrator which record rule hides it, and to let this user see it"
        ' again; or press "Let go of what is hidden" (settings of this connection): then it is'
        " removed from Monitr.",
        id=str(id),
        stream=Sentence(reader.stream.label),
        model=reader.model,
    )
