"""The pull, top to bottom: read -> encode -> validate -> store, stream by stream, range by range.

It goes the way of a push of everything: a range holds every record of its ids, so what is gone in
Odoo is deleted here. Each range is a batch with a receipt, stored in a transaction of its own.
"""

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from monitr_wire.batch import IdRange
from monitr_wire.streams import STREAMS, Stream
from sqlalchemy import Engine

from receiver.db.connections import Connection
from receiver.db.receipts import Receipt
from receiver.ingest.authenticate import Sender
from receiver.ingest.envelope import Envelope
from receiver.ingest.store_once import store_once
from receiver.ingest.validate import validate
from receiver.pull.client import OdooClient
from receiver.pull.offers import find_offers
from receiver.pull.read import Reader
from receiver.pull.scope import OdooInScope, Scope

log = structlog.get_logger()


@dataclass(frozen=True)
class Progress:
    """How far a run has come; said after each range of ids that is stored."""

    stream: str
    done_count: int  # records of the stream
    expected_count: int | None  # None where nobody knows
    what: str  # "everything", "changes", "proof" or "repair"


@dataclass(frozen=True)
class Pulled:
    """What a run brought, and what it cost Odoo."""

    run_id: str
    receipts: tuple[Receipt, ...]
    call_count: int
    seconds_in_odoo: float

    @property
    def record_count(self) -> int:
        return sum(receipt.received_count for receipt in self.receipts)

    @property
    def written_count(self) -> int:
        return sum(receipt.written_count for receipt in self.receipts)

    @property
    def deleted_count(self) -> int:
        return sum(receipt.deleted_count for receipt in self.receipts)


def pull(
    engine: Engine,
    connection: Connection,
    client: OdooClient,
    scope: Scope,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Pulled:
    """Afterwards the connection holds what Odoo has, as a push of everything would leave it.

    ``tell`` hears of each range when it is stored, and may raise to stop the run there. Raises a
    Rejected for what is no record, DatabaseUnavailable, and whatever the client raises; the ranges
    stored until then stay.
    """
    odoo = OdooInScope(client, scope)
    run_id = f"pull_{uuid.uuid4().hex}"
    sequence = _first_sequence(connection)
    receipts = []
    for stream, lines, id_range in _read_everything(odoo):
        sequence += 1
        envelope = _envelope(stream, run_id, sequence, lines, id_range)
        incoming = validate(envelope, lines)
        sender = _sender(connection, envelope)
        receipts.append(store_once(engine, sender, envelope, incoming, datetime.now(UTC)))
        done_count = sum(r.received_count for r in receipts if r.stream == stream.name)
        tell(Progress(stream.name, done_count, None, "everything"))
    pulled = Pulled(run_id, tuple(receipts), odoo.call_count, odoo.seconds)
    log.info("pulled", run_id=run_id, **_cost(pulled))
    return pulled


def _first_sequence(connection: Connection) -> int:
    """As a push counts: the clock is part of it, so that it grows even after a restore."""
    return max(connection.last_sequence, int(time.time() * 1000))


def _read_everything(odoo: OdooInScope) -> Iterator[tuple[Stream, bytes, IdRange]]:
    offers = find_offers(odoo)
    for stream in STREAMS:
        for lines, id_range in Reader(odoo, stream, offers).read_all():
            yield stream, lines, id_range


def _envelope(
    stream: Stream, run_id: str, sequence: int, lines: bytes, id_range: IdRange
) -> Envelope:
    return Envelope(
        stream=stream,
        fields=stream.fields,
        run_id=run_id,
        sequence=sequence,
        record_count=lines.count(b"\n"),
        records_sha256=hashlib.sha256(lines).hexdigest(),
        range=id_range,
        deletions=(),
    )


def _sender(connection: Connection, envelope: Envelope) -> Sender:
    """A pulled batch has no body of its own; its records stand for it."""
    return Sender(connection.id, f"msg_{uuid.uuid4().hex}", envelope.records_sha256)


def _cost(pulled: Pulled) -> dict[str, object]:
    return {
        "records": pulled.record_count,
        "written": pulled.written_count,
        "deleted": pulled.deleted_count,
        "calls": pulled.call_count,
        "seconds_in_odoo": round(pulled.seconds_in_odoo, 3),
    }
