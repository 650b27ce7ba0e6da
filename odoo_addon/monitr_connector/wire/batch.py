"""The batch: records and deletions of one stream, in one gzipped request body.

The body is the gzip of one line of JSON, the envelope, followed by the records' lines. A batch with
a ``range`` holds *every* record of the stream whose id lies in it, so the receiver deletes what it
has in that range and the batch has not: a full push leaves exactly what Odoo has. What is set aside
(``set_aside.py``) is deleted there too, and told apart from what Odoo has no more. Where records of
the range are hidden from the user who reads, it is sent without its range: they are not gone.
"""

import gzip
import hashlib
import io
import json
from typing import Dict, List, NamedTuple, Optional, Tuple

from . import CONTRACT_VERSION
from .parts import end_of_part
from .records import split_lines
from .set_aside import SetAside, Wrong, encode_set_aside, set_aside
from .streams import Stream

BATCHES_PATH = "/v1/batches"
BYTES_OF_DELETION, BYTES_OF_SET_ASIDE = 12, 400  # in the envelope, about
COMPRESSION_LEVEL = 1  # measured: higher levels cost more time than the network saves


class IdRange(NamedTuple):
    """Ids above ``after_id`` up to and including ``up_to_id``; ``None`` is without end."""

    after_id: int
    up_to_id: Optional[int]

    def halves(self, middle_id: int) -> "Tuple[IdRange, IdRange]":
        middle_id = max(middle_id, self.after_id)
        return IdRange(self.after_id, middle_id), IdRange(middle_id, self.up_to_id)


class Batch(NamedTuple):
    stream: Stream
    run_id: str
    lines: bytes
    range: Optional[IdRange] = None
    deletions: Tuple[int, ...] = ()
    sequence: int = 0  # grows with each batch of a connection; a lower one is refused as overtaken
    set_aside: Tuple[SetAside, ...] = ()
    has_hidden: bool = False  # in the range, which is then the sender's alone

    @property
    def record_count(self) -> int:
        return self.lines.count(b"\n")

    @property
    def size(self) -> int:
        """Size of what can be divided, in bytes before they are compressed."""
        return (
            len(self.lines)
            + BYTES_OF_DELETION * len(self.deletions)
            + BYTES_OF_SET_ASIDE * len(self.set_aside)
        )

    @property
    def is_divisible(self) -> bool:
        return self.record_count + len(self.deletions) + len(self.set_aside) > 1

    def cut(self, most_bytes: int) -> "List[Batch]":
        """Itself where it is so small, or one record; else a first part, if need be of one record,
        and the rest, whose range begins where that of the first part ends."""
        if self.size <= most_bytes or not self.is_divisible:
            return [self]
        if self.set_aside:
            return self._halves()
        end = end_of_part(self.lines, most_bytes) if self.lines else 0
        count = 0
        if end == len(self.lines):  # then the deletions are what is too much
            count = max((most_bytes - end) // BYTES_OF_DELETION, 0 if self.lines else 1)
        last_id = _id_of(self.lines[self.lines.rfind(b"\n", 0, end - 1) + 1 :]) if end else 0
        return self._two_parts(last_id, end, count)

    def _halves(self) -> "List[Batch]":
        lines = [line + b"\n" for line in self.lines.split(b"\n")[:-1]]
        ids = sorted([*map(_id_of, lines), *(each.id for each in self.set_aside)])
        middle_id = ids[(len(ids) - 1) // 2]
        end = sum(len(line) for line in lines if _id_of(line) <= middle_id)
        return self._two_parts(middle_id, end, len(self.deletions) // 2)

    def _two_parts(self, last_id: int, end: int, deletion_count: int) -> "List[Batch]":
        ranges = self.range.halves(last_id) if self.range else (None, None)
        return [
            self._replace(
                lines=self.lines[:end],
                range=ranges[0],
                deletions=self.deletions[:deletion_count],
                set_aside=tuple(each for each in self.set_aside if each.id <= last_id),
            ),
            self._replace(
                lines=self.lines[end:],
                range=ranges[1],
                deletions=self.deletions[deletion_count:],
                set_aside=tuple(each for each in self.set_aside if each.id > last_id),
            ),
        ]


def _id_of(line: bytes) -> int:
    return int(line.split(b"\t", 1)[0])


def set_apart(batch: Batch, wrong: Dict[int, Wrong]) -> Batch:
    """The batch without these lines, which are counted from 1: their records are set aside."""
    lines, apart = [], []
    for number, line in enumerate(split_lines(batch.lines), 1):
        if number in wrong:
            apart.append(set_aside(batch.stream, line, wrong[number]))
        else:
            lines.append(line + b"\n")
    in_order = sorted([*batch.set_aside, *apart], key=lambda record: record.id)
    return batch._replace(lines=b"".join(lines), set_aside=tuple(in_order))


def envelope_of(batch: Batch) -> Dict[str, object]:
    envelope: Dict[str, object] = {
        "contract": CONTRACT_VERSION,
        "stream": batch.stream.name,
        "run_id": batch.run_id,
        "sequence": batch.sequence,
        "fields": list(batch.stream.field_names),
        "record_count": batch.record_count,
        "records_sha256": hashlib.sha256(batch.lines).hexdigest(),
        "range": dict(batch.range._asdict()) if batch.range and not batch.has_hidden else None,
        "deletions": list(batch.deletions),
    }
    if batch.set_aside:
        envelope["set_aside"] = encode_set_aside(batch.set_aside)
    return envelope


def encode_batch(batch: Batch) -> bytes:
    """The request body. The same batch always gives the same bytes."""
    return compress(json.dumps(envelope_of(batch)).encode() + b"\n" + batch.lines)


def compress(body: bytes) -> bytes:
    compressed = io.BytesIO()
    with gzip.GzipFile(
        fileobj=compressed, mode="wb", compresslevel=COMPRESSION_LEVEL, mtime=0
    ) as file:
        file.write(body)
    return compressed.getvalue()
