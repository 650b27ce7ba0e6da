"""The proof of a pull, and the repair of what it finds different.

Odoo states its own aggregates of each bucket: how many records, and the exact sums of amounts and
references. The same are made of what is stored. A bucket that differs is read again, its records
are compared one by one, and those that differ are stored anew or deleted.

Odoo's books move while this goes on, and every call sees them as they are then. So a difference is
no fault: it is repaired and proven again, a few times. What then still differs is said.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from monitr_wire.proof import Digest, encode_digests

from receiver.db.connections import lock_connection
from receiver.db.engine import writing
from receiver.db.proofs import MadeBy, Proof
from receiver.errors import DoesNotTieOut
from receiver.prove.aggregates import list_aggregate_digests
from receiver.prove.prove import (
    Outcome,
    Stated,
    compare,
    largest_differences,
    record_proof,
    to_repair,
)
from receiver.pull.read import Reader
from receiver.pull.repair import Repairing
from receiver.pull.run import Progress, Run
from receiver.pull.statement import read_digests

REPAIRS = 3  # one is enough where nobody works in Odoo meanwhile

Readers = Mapping[str, Reader]  # {stream name: reader}


def tie_out(run: Run, readers: Readers) -> Proof:
    """Prove, repair what differs, prove again. Raises DoesNotTieOut where the repair does not help,
    and whatever the client or ``tell`` raises."""
    for _ in range(REPAIRS):
        outcome = _prove(run, readers)
        if outcome.proof.ties_out:
            return outcome.proof
        for name, buckets in to_repair(outcome):
            Repairing(run, readers[name], outcome.proof.proof_id).repair(buckets)
    outcome = _prove(run, readers)
    if not outcome.proof.ties_out:
        raise DoesNotTieOut(_what_differs(outcome))
    return outcome.proof


def _prove(run: Run, readers: Readers) -> Outcome:
    digests: list[Digest] = []
    for name, reader in readers.items():
        digests += (of_stream := read_digests(reader))
        run.tell(Progress(name, sum(each.record_count for each in of_stream), None, "proof"))
    now = datetime.now(UTC)
    with writing(run.engine) as db:
        connection = lock_connection(db, run.connection.id)
        stated = Stated(
            proof_id=f"msg_{uuid.uuid4().hex}",
            body_sha256=hashlib.sha256(encode_digests(digests)).hexdigest(),
            run_id=run.run_id,
            sequence=run.next_sequence(),
            digests=tuple(digests),
            made_by=MadeBy.AGGREGATES,
        )
        differences = compare(digests, list_aggregate_digests(db, connection.id))
        return Outcome(record_proof(db, connection, stated, differences, now), differences)


def _what_differs(outcome: Outcome) -> str:
    proof = outcome.proof
    largest = "".join(
        f" Account {each.account_id}, {each.month}: {difference}."
        for each, difference in largest_differences(outcome)
        if difference
    )
    return (
        f"Everything is pulled, but {proof.differing_count:,} of {proof.bucket_count:,} slices of"
        f" the books differ even after their repair.{largest} If many people work in Odoo right"
        " now, pull again when they do not; else please report it."
    )
