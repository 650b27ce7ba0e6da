"""Digests of what is stored, bucket by bucket, and of single records: see monitr_wire.proof."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from monitr_wire.batch import IdRange
from monitr_wire.proof import IDS_IN_BUCKET, SUMMED_FIELDS, Digest
from monitr_wire.records import digest_of_line
from monitr_wire.streams import JOURNAL_ITEMS, STREAMS, Field, Stream
from monitr_wire.values import ABSENT, encode_boolean, escape
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from receiver.db.amounts import exact_sum, whole_sum
from receiver.db.records import select_values
from receiver.db.tables import STREAM_TABLES

LAST_IS_ABSENT = f"\t{ABSENT}".encode()
NOTHING = (Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Found:
    digests: dict[int, int]  # {id: digest}
    damaged_ids: list[int]  # of those whose values are not what was received


def list_digests(db: Database, connection_id: int) -> Iterator[Digest]:
    """Of every bucket that holds records, one grouped query a stream."""
    for stream in STREAMS:
        table = STREAM_TABLES[stream.name]
        bucket = _bucket(stream)
        query: sa.Select[*tuple[Any, ...]] = (
            sa.select(bucket, sa.func.count(), whole_sum(table.c.digest), *_sums(stream))
            .where(table.c.connection_id == connection_id)
            .group_by(sa.literal_column("1"))
        )
        for name, count, digest_sum, *amounts in db.execute(query):
            debit, credit, residual = amounts or NOTHING
            yield Digest(stream.name, name, count, digest_sum, debit, credit, residual)


def find_digests(
    db: Database,
    connection_id: int,
    stream: Stream,
    buckets: Sequence[str] | None,
    id_range: IdRange,
) -> Found:
    """The records in these buckets (None: of the stream) and in this range.

    Their digests are made anew of the stored values. Where these are not what was once received,
    the stored digest is set right: else a record sent again would be taken for one that is here.
    """
    table = STREAM_TABLES[stream.name]
    columns = table.c
    query = sa.select(columns.digest, *select_values(stream)).where(
        columns.connection_id == connection_id, columns.id > id_range.after_id
    )
    if id_range.up_to_id is not None:
        query = query.where(columns.id <= id_range.up_to_id)
    if buckets is not None:
        query = query.where(_is_among(db, _bucket(stream), buckets))
    digests, damaged_ids = {}, []
    for stored, *row in db.execute(query):
        digests[row[0]] = digest = _digest_of_values(stream, row, stored)
        if digest != stored:
            damaged_ids.append(row[0])
    if damaged_ids:
        update = sa.update(table).values(digest=sa.bindparam("right"))
        is_it = (columns.connection_id == connection_id, columns.id == sa.bindparam("of_id"))
        right = [{"of_id": id, "right": digests[id]} for id in damaged_ids]
        db.execute(update.where(*is_it), right)
    return Found(digests, damaged_ids)


def last_id(db: Database, connection_id: int, stream: Stream) -> int:
    """The highest id that is stored, 0 where there is none."""
    columns = STREAM_TABLES[stream.name].c
    query = sa.select(sa.func.max(columns.id)).where(columns.connection_id == connection_id)
    return db.scalar(query) or 0


def _digest_of_values(stream: Stream, row: Sequence[Any], stored: int) -> int:
    """Of the line that these values make. An older addon's lines end before the newest fields."""
    line = _line(stream, row)
    digest = digest_of_line(line)
    shorter = line
    while digest != stored and shorter.endswith(LAST_IS_ABSENT):
        shorter = shorter.removesuffix(LAST_IS_ABSENT)
        if digest_of_line(shorter) == stored:
            return stored
    return digest


def _line(stream: Stream, row: Sequence[Any]) -> bytes:
    values = zip(stream.fields, row, strict=True)
    return "\t".join([_text(field, value) for field, value in values]).encode()


def _text(field: Field, value: Any) -> str:
    if value is None:
        return ABSENT
    if field.type == "boolean":
        return encode_boolean(value == "true")
    return escape(value) if field.type in ("text", "codes") else str(value)


def _bucket(stream: Stream) -> sa.ColumnElement[str]:
    columns = STREAM_TABLES[stream.name].c
    if stream is not JOURNAL_ITEMS:
        return sa.cast(columns.id // IDS_IN_BUCKET, sa.Text)
    company, account = (sa.cast(columns[name], sa.Text) for name in ("company_id", "account_id"))
    return company + "/" + account + "/" + month_text(columns.date)


def _sums(stream: Stream) -> list[sa.ColumnElement[Decimal]]:
    columns = STREAM_TABLES[stream.name].c
    return [exact_sum(columns[name]) for name in SUMMED_FIELDS if stream is JOURNAL_ITEMS]


def _is_among(
    db: Database, bucket: sa.ColumnElement[str], buckets: Sequence[str]
) -> sa.ColumnElement[bool]:
    """The list in one parameter: databases take only so many."""
    if db.dialect.name == "postgresql":
        return bucket == sa.any_(sa.cast(list(buckets), ARRAY(sa.Text)))
    listed = sa.func.json_each(json.dumps(list(buckets))).table_valued("value")
    return bucket.in_(sa.select(listed.c.value))


class month_text(sa.sql.functions.FunctionElement[str]):
    """The month of a date: ``2026-11``."""

    type = sa.Text()
    inherit_cache = True


@compiles(month_text, "postgresql")
def _postgresql_month(element: month_text, compiler: SQLCompiler, **options: object) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM')"


@compiles(month_text, "sqlite")
def _sqlite_month(element: month_text, compiler: SQLCompiler, **options: object) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 7)"
