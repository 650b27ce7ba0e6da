"""The lines of stored records: made of their values as the wire writes them, and read again."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from monitr_wire.batch import IdRange
from monitr_wire.records import digest_of_line
from monitr_wire.streams import Field, Stream
from monitr_wire.values import ABSENT, encode_boolean, escape, unescape
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.store.incoming import Incoming
from receiver.db.store.records import Row, select_values
from receiver.db.streaming import stream_parts
from receiver.db.tables import STREAM_TABLES

LAST_IS_ABSENT = f"\t{ABSENT}".encode()

IdAndDigest = tuple[int, int]


def stream_touched(
    db: Database, connection_id: int, incoming: Incoming
) -> Iterator[Sequence[IdAndDigest]]:
    """The stored records that the batch replaces, keeps or deletes, in parts."""
    id = STREAM_TABLES[incoming.stream.name].c.id
    listed = incoming.ids + incoming.deletions
    if incoming.range is not None:
        after_id, up_to_id = incoming.range
        is_in_range = id > after_id if up_to_id is None else id.between(after_id + 1, up_to_id)
        yield from _stream_digests(db, connection_id, incoming.stream, is_in_range)
        listed = tuple(each for each in listed if not _lies_in(incoming.range, each))
    if listed:
        is_listed = is_among(db, id, listed)
        yield from _stream_digests(db, connection_id, incoming.stream, is_listed)


def list_lines(
    db: Database, connection_id: int, stream: Stream, ids: Sequence[int]
) -> dict[int, bytes]:
    """``{id: line}`` of those of these records that are stored."""
    columns = STREAM_TABLES[stream.name].c
    query = sa.select(columns.digest, *select_values(stream)).where(
        columns.connection_id == connection_id, is_among(db, columns.id, ids)
    )
    lines = {}
    for stored, *row in db.execute(query):
        lines[row[0]], _ = sent_line(stream, row, stored)
    return lines


def sent_line(stream: Stream, row: Row, stored_digest: int) -> tuple[bytes, int]:
    """The line that these values make, and its digest.

    An older addon's lines end before the newest fields: if that is where the stored digest is from,
    so does this line. Where the values are not those that were sent, it has every field.
    """
    line = _line(stream, row)
    digest = digest_of_line(line)
    shorter = line
    while digest != stored_digest and shorter.endswith(LAST_IS_ABSENT):
        shorter = shorter.removesuffix(LAST_IS_ABSENT)
        if digest_of_line(shorter) == stored_digest:
            return shorter, stored_digest
    return line, digest


def row_of_line(stream: Stream, line: str) -> Row:
    """The values as texts, those of newer fields absent."""
    values = line.split("\t")
    values += [ABSENT] * (len(stream.fields) - len(values))
    return [_value(field, text) for field, text in zip(stream.fields, values, strict=True)]


def _lies_in(id_range: IdRange, id: int) -> bool:
    after_id, up_to_id = id_range
    return id > after_id and (up_to_id is None or id <= up_to_id)


def _stream_digests(
    db: Database, connection_id: int, stream: Stream, condition: sa.ColumnElement[bool]
) -> Iterator[Sequence[IdAndDigest]]:
    columns = STREAM_TABLES[stream.name].c
    query = sa.select(columns.id, columns.digest).where(
        columns.connection_id == connection_id, condition
    )
    for part in stream_parts(db, query):
        yield [(id, digest) for id, digest in part]


def _line(stream: Stream, row: Row) -> bytes:
    values = zip(stream.fields, row, strict=True)
    return "\t".join([_text(field, value) for field, value in values]).encode()


def _text(field: Field, value: Any) -> str:
    if value is None:
        return ABSENT
    if field.type == "boolean":
        return encode_boolean(value == "true")
    return escape(value) if field.type in ("text", "codes") else str(value)


def _value(field: Field, text: str) -> str | None:
    """The inverse of _text."""
    if text == ABSENT:
        return None
    if field.type == "boolean":
        return "true" if text == encode_boolean(True) else "false"
    return unescape(text) if field.type in ("text", "codes") else text
