"""A proof on demand, on the receiver's side alone: are the stored records still what Odoo stated?

Odoo is not asked. Every stored value is read again, and the digests made of them are compared with
those that Odoo stated last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitr_wire.batch import IdRange
from monitr_wire.streams import STREAMS, Stream
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection, get_connection, lock_connection
from receiver.db.engine import reading, writing
from receiver.db.proof.digests import find_digests, last_id, list_digests
from receiver.db.proof.proofs import Difference, MadeBy, Proof, find_last_proof, read_statement
from receiver.prove.aggregates import list_aggregate_digests
from receiver.prove.prove import compare

IDS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Check:
    """``differences`` is None where Odoo has stated nothing, or has begun to send since."""

    proof: Proof | None
    record_count: int
    damaged_count: int
    differences: list[Difference] | None

    @property
    def is_right(self) -> bool:
        return not self.damaged_count and not self.differences


def check(engine: Engine, name: str) -> Check:
    """Reads every record of the connection. Damaged ones are marked, so that the next push repairs
    them. Raises NotFound."""
    with reading(engine) as db:
        connection = get_connection(db, name)
        windows = [window for stream in STREAMS for window in _windows(db, connection, stream)]
    record_count, damaged_count = 0, 0
    for stream, id_range in windows:
        with writing(engine) as db:
            lock_connection(db, connection.id)
            found = find_digests(db, connection.id, stream, None, id_range)
        record_count += len(found.digests)
        damaged_count += len(found.damaged_ids)
    with reading(engine) as db:
        proof = find_last_proof(db, connection.id)
        differences = _differences(db, get_connection(db, name), proof)
    return Check(proof, record_count, damaged_count, differences)


def _windows(
    db: Database, connection: Connection, stream: Stream
) -> Iterator[tuple[Stream, IdRange]]:
    for after_id in range(0, last_id(db, connection.id, stream), IDS_AT_ONCE):
        yield stream, IdRange(after_id, after_id + IDS_AT_ONCE)


def _differences(
    db: Database, connection: Connection, proof: Proof | None
) -> list[Difference] | None:
    if proof is None or connection.last_sequence != proof.sequence:
        return None
    statement = read_statement(db, connection.id, proof.proof_id)
    is_pulled = proof.made_by is MadeBy.AGGREGATES
    list_stored = list_aggregate_digests if is_pulled else list_digests
    return None if statement is None else compare(statement, list_stored(db, connection.id))
