"""The repair of the buckets that a proof found different: exactly the records that differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitr_wire.batch import IdRange
from monitr_wire.records import digest_of_line, split_lines

from receiver.db.connections import lock_connection
from receiver.db.digests import find_digests
from receiver.db.engine import writing
from receiver.db.proofs import add_repair
from receiver.prove.prove import compare_rows
from receiver.pull.read import Reader
from receiver.pull.run import Progress, Run
from receiver.pull.statement import domain_of_buckets

BUCKETS_AT_ONCE = 50  # Odoo need not look for a thousand at once

Buckets = Sequence[str] | None  # None is all of the stream


@dataclass(frozen=True)
class Repairing:
    """Of one stream, after one proof."""

    run: Run
    reader: Reader
    proof_id: str

    def repair(self, buckets: Buckets) -> None:
        """Raises whatever the client or the run's ``tell`` raises; what is repaired stays so."""
        done = 0
        for some in _parts(buckets):
            within = None if some is None else domain_of_buckets(self.reader.stream, some)
            for lines, window in self.reader.read_all(within=within):
                ids = self._differing_ids(some, lines, window)
                self._read_again(ids)
                done += len(ids)
                self.run.tell(Progress(self.reader.stream.name, done, None, "repair"))

    def _differing_ids(self, buckets: Buckets, lines: bytes, window: IdRange) -> list[int]:
        """Of a page of these buckets. They are noted as a repair."""
        run, stream = self.run, self.reader.stream
        in_odoo = {_id(line): digest_of_line(line) for line in split_lines(lines)}
        with writing(run.engine) as db:
            lock_connection(db, run.connection.id)
            found = find_digests(db, run.connection.id, stream, buckets, window)
            repair, ids = compare_rows(stream, in_odoo, found.digests, datetime.now(UTC))
            if ids:
                add_repair(db, run.connection.id, self.proof_id, repair)
        return ids

    def _read_again(self, ids: Sequence[int]) -> None:
        """As they are now, wherever that is: a record may have moved to another bucket."""
        for lines, deletions in self.reader.read_some(ids):
            self.run.store(self.reader.stream, lines, deletions=deletions)
        self.run.repaired_count += len(ids)


def _parts(buckets: Buckets) -> Iterator[Buckets]:
    if buckets is None:
        yield None
        return
    for start in range(0, len(buckets), BUCKETS_AT_ONCE):
        yield buckets[start : start + BUCKETS_AT_ONCE]


def _id(line: bytes) -> int:
    return int(line.split(b"\t", 1)[0])
