"""The batch: records and deletions of one stream, in one gzipped request body.

The body is the gzip of one line of JSON, the envelope, followed by the records' lines. A batch with
a ``range`` holds *every* record of the stream whose id lies in it, so the receiver deletes what it
has in that range and the batch has not: a full push leaves exactly what Odoo has. What is set aside
(``set_aside.py``) is deleted there too, and told apart from what Odoo has no more.
"""

import gzip
import hashlib
import io
import json
from typing import Dict, NamedTuple, Optional, Tuple

from . import CONTRACT_VERSION
from .records import split_lines
from .set_aside import SetAside, Wrong, encode_set_aside, set_aside
from .streams import Stream

BATCHES_PATH = "/v1/batches"
COMPRESSION_LEVEL = 1  # measured: higher levels cost more time than the network saves


class IdRange(NamedTuple):
    """Ids above ``after_id`` up to and including ``up_to_id``; ``None`` is without end."""

    after_id: int
    up_to_id: Optional[int]


class Batch(NamedTuple):
    stream: Stream
    run_id: str
    lines: bytes
    range: Optional[IdRange] = None
    deletions: Tuple[int, ...] = ()
    sequence: int = 0  # grows with each batch of a connection; a lower one is refused as overtaken
    set_aside: Tuple[SetAside, ...] = ()

    @property
    def record_count(self) -> int:
        return self.lines.count(b"\n")


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
        "range": batch.range and dict(batch.range._asdict()),
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
