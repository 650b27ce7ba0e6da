"""Batches for tests, built by the same wire code that the addon uses."""

from collections.abc import Iterable, Mapping
from itertools import count

from monitr_wire.batch import Batch, IdRange, encode_batch
from monitr_wire.records import digest_of_line, encode_record, split_lines
from monitr_wire.streams import STREAMS_BY_NAME

from receiver.db.store.incoming import Incoming
from tests.receiver.records import Record

sequences = count(1)


def batch_of(
    stream: str,
    records: Iterable[Record] = (),
    *,
    range: tuple[int, int | None] | None = None,
    deletions: tuple[int, ...] = (),
    sequence: int | None = None,
) -> Batch:
    """A batch with the next sequence number, unless one is given."""
    return Batch(
        stream=STREAMS_BY_NAME[stream],
        run_id="run-1",
        sequence=next(sequences) if sequence is None else sequence,
        lines=lines_of(stream, records),
        range=range and IdRange(*range),
        deletions=deletions,
    )


def body_of(stream: str, records: Iterable[Record] = (), **more: object) -> bytes:
    """The request body of ``batch_of`` the same arguments."""
    return encode_batch(batch_of(stream, records, **more))  # type: ignore[arg-type]


def lines_of(stream: str, records: Iterable[Mapping[str, object]]) -> bytes:
    lines = (encode_record(STREAMS_BY_NAME[stream], dict(record)) for record in records)
    return "".join(line + "\n" for line in lines).encode()


def incoming_of(stream: str, records: list[Record]) -> Incoming:
    """What a batch of these records brings to the store."""
    lines = split_lines(lines_of(stream, records))
    return Incoming(
        stream=STREAMS_BY_NAME[stream],
        fields=STREAMS_BY_NAME[stream].fields,
        lines=lines,
        ids=tuple(record["id"] for record in records),
        digests=tuple(map(digest_of_line, lines)),
        range=None,
        deletions=(),
    )
