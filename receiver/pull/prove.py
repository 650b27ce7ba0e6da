"""The proof of a pull, and the repair of what it finds different.

Odoo states its own aggregates of each bucket: how many records, and the sums of amounts and
references. The same are made of what is stored. A bucket that differs is read again, its records
are compared one by one, and those that differ are stored anew or deleted.

Odoo's books move while this goes on, and every call sees them as they are then. So a difference is
no fault: it is repaired, and Odoo states that bucket again, a few times. Each bucket ties out as it
was at some moment of the run. What differs in the end is said.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce

from monitr_wire.batch import IdRange
from monitr_wire.proof import SUMMED_FIELDS, Digest, encode_digests
from monitr_wire.records import digest_of_line, split_lines
from monitr_wire.streams import STREAMS

from receiver.db.connections.connections import lock_connection
from receiver.db.engine import reading, writing
from receiver.db.proof.digests import find_digests
from receiver.db.proof.proofs import Difference, MadeBy, Proof, add_repair
from receiver.db.store.set_aside import list_set_aside_ids
from receiver.errors import DoesNotTieOut
from receiver.messages import Sentence
from receiver.prove.aggregates import list_aggregate_digests
from receiver.prove.prove import (
    Outcome,
    Stated,
    compare,
    compare_rows,
    largest_differences,
    record_proof,
    to_repair,
)
from receiver.pull.extract.odoo_aggregates import Buckets, parts_of, read_digests
from receiver.pull.extract.read import Reader, id_of
from receiver.pull.run import Progress, Run

REPAIRS = 4  # of a bucket; one is enough where nobody works in it meanwhile

Readers = Mapping[str, Reader]  # {stream name: reader}
ByBucket = dict[tuple[str, str], Digest]  # {(stream name, bucket): what Odoo stated of it last}
OF_A_DOUBLE = Decimal(2) ** -52  # what is left of an amount, at most, when it becomes one


def tie_out(run: Run, readers: Readers) -> Proof:
    """Prove, repair what differs, prove that again. Raises DoesNotTieOut where the repair does not
    help, and whatever the client or ``tell`` raises."""
    stated: ByBucket = {}
    for reader in readers.values():
        _state(run, reader, None, stated)
    outcome = _compare(run, readers, stated)
    for _ in range(REPAIRS):
        if outcome.proof.is_equal:
            break
        for name, buckets in to_repair(outcome):
            _repair(run, readers[name], outcome, buckets, stated)
        outcome = _compare(run, readers, stated)
    if not outcome.proof.is_equal:
        raise _what_differs(outcome)
    return outcome.proof


def _state(run: Run, reader: Reader, buckets: Buckets, stated: ByBucket) -> None:
    """What Odoo states of these buckets now takes the place of what it did before."""
    name, asked = reader.stream.name, None if buckets is None else {*buckets}
    for key in list(stated):
        if key[0] == name and (asked is None or key[1] in asked):
            del stated[key]
    with reading(run.engine) as db:
        reader.kept_out = list_set_aside_ids(db, run.connection.id, name)
    digests = read_digests(reader, buckets)
    stated |= {digest[:2]: digest for digest in digests}
    run.tell(Progress(name, sum(digest.record_count for digest in digests), None, "proof"))


def _repair(run: Run, reader: Reader, outcome: Outcome, buckets: Buckets, stated: ByBucket) -> None:
    """Where Odoo states the same before and after all records were found equal, they are, if only
    dust is between the two sums, or values that Odoo computes and does not add up."""
    repaired_count = _Repairing(run, reader, outcome.proof.proof_id).repair(buckets)
    _state(run, reader, buckets, stated)
    if repaired_count:
        return
    for each in outcome.differences:
        is_ours = each.odoo.stream == reader.stream.name
        is_explained = is_dust(each) or (reader.is_computed_in_part and has_as_many(each))
        if is_ours and stated.get(each.odoo[:2]) == each.odoo and is_explained:
            stated[each.odoo[:2]] = each.stored


@dataclass(frozen=True)
class _Repairing:
    """Repair of one stream, after one proof: exactly the records that differ."""

    run: Run
    reader: Reader
    proof_id: str

    def repair(self, buckets: Buckets) -> int:
        """How many records differed. Raises whatever the client or the run's ``tell`` raises; what
        is repaired stays so."""
        done = 0
        for some, within in parts_of(self.reader.stream, buckets):
            for lines, window in self.reader.read_all(within=within):
                ids = self._differing_ids(some, lines, window)
                self._read_again(ids)
                done += len(ids)
                self.run.tell(Progress(self.reader.stream.name, done, None, "repair"))
        return done

    def _differing_ids(self, buckets: Buckets, lines: bytes, window: IdRange) -> list[int]:
        """Ids that differ in a page of these buckets. They are noted as a repair, unless one of
        them is only hidden: then nothing of the page is repaired."""
        run, stream = self.run, self.reader.stream
        in_odoo = {id_of(line): digest_of_line(line) for line in split_lines(lines)}
        with reading(run.engine) as db:
            for id in list_set_aside_ids(db, run.connection.id, stream.name):
                in_odoo.pop(id, None)
            stored = find_digests(db, run.connection.id, stream, buckets, window).digests
        run.check_seen(self.reader, sorted(stored.keys() - in_odoo.keys()))
        repair, ids = compare_rows(stream, in_odoo, stored, datetime.now(UTC))
        if ids:
            with writing(run.engine) as db:
                lock_connection(db, run.connection.id)
                add_repair(db, run.connection.id, self.proof_id, repair)
        return ids

    def _read_again(self, ids: Sequence[int]) -> None:
        """Read records as they are now, wherever that is: a record may have moved to another
        bucket."""
        for lines, deletions in self.reader.read_some(ids):
            self.run.store_read(self.reader, lines, deletions=deletions)
        self.run.repaired_count += len(ids)


def is_dust(difference: Difference) -> bool:
    """Odoo's RPC answers with doubles, and adds up what it really holds, which may be longer."""
    odoo, stored = difference.odoo, difference.stored
    most = OF_A_DOUBLE * max(abs(getattr(odoo, name)) for name in SUMMED_FIELDS)
    return has_as_many(difference) and all(
        abs(getattr(odoo, name) - getattr(stored, name)) <= most for name in SUMMED_FIELDS
    )


def has_as_many(difference: Difference) -> bool:
    return difference.odoo.record_count == difference.stored.record_count


def _compare(run: Run, readers: Readers, stated: ByBucket) -> Outcome:
    """What is stored of streams that are not read stays as it is, and is no difference."""
    now = datetime.now(UTC)
    with writing(run.engine) as db:
        connection = lock_connection(db, run.connection.id)
        stored = tuple(list_aggregate_digests(db, connection.id))
        digests = (*stated.values(), *(each for each in stored if each.stream not in readers))
        statement = Stated(
            proof_id=f"msg_{uuid.uuid4().hex}",
            body_sha256=hashlib.sha256(encode_digests(digests)).hexdigest(),
            run_id=run.run_id,
            sequence=run.next_sequence(),
            digests=digests,
            made_by=MadeBy.AGGREGATES,
            set_aside={
                stream.name: list_set_aside_ids(db, connection.id, stream.name)
                for stream in STREAMS
            },
        )
        differences = compare(digests, stored)
        return record_proof(db, connection, statement, differences, now)


def _what_differs(outcome: Outcome) -> DoesNotTieOut:
    largest = [
        Sentence(
            "Account %(account)s, %(month)s: %(difference)s.",
            {"account": str(each.account_id), "month": each.month, "difference": difference},
        )
        for each, difference in largest_differences(outcome)
        if difference
    ]
    differing, every = outcome.proof.differing_count, outcome.proof.bucket_count
    if not largest:
        return DoesNotTieOut(
            "Everything is pulled, but %(differing)s of %(all)s slices of the books differ even"
            " after their repair. If many people work in Odoo right now, pull again when they do"
            " not; else please report it.",
            differing=differing,
            all=every,
        )
    return DoesNotTieOut(
        "Everything is pulled, but %(differing)s of %(all)s slices of the books differ even after"
        " their repair. %(largest)s If many people work in Odoo right now, pull again when they do"
        " not; else please report it.",
        differing=differing,
        all=every,
        largest=reduce(_followed_by, largest),
    )


def _followed_by(one: Sentence, next: Sentence) -> Sentence:
    return Sentence("%(one)s %(next)s", {"one": one, "next": next})
