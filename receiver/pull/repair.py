"""The repair of the buckets that a proof found different: exactly the records that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitr_wire.batch import IdRange
from monitr_wire.records import digest_of_line, split_lines

from receiver.db.connections.connections import lock_connection
from receiver.db.engine import reading, writing
from receiver.db.proof.digests import find_digests
from receiver.db.proof.proofs import add_repair
from receiver.db.store.set_aside import list_set_aside_ids
from receiver.prove.prove import compare_rows
from receiver.pull.extract.odoo_aggregates import Buckets, parts_of
from receiver.pull.extract.read import Reader, id_of
from receiver.pull.run import Progress, Run
from receiver.pull.vanished import check_seen, store_read


@dataclass(frozen=True)
class Repairing:
    """Repair of one stream, after one proof."""

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
        check_seen(run, self.reader, sorted(stored.keys() - in_odoo.keys()))
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
            store_read(self.run, self.reader, lines, deletions=deletions)
        self.run.repaired_count += len(ids)
