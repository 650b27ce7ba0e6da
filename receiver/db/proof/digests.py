"""Digests of what is stored, bucket by bucket, and of single records: see monitr_wire.proof."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from monitr_wire.batch import IdRange
from monitr_wire.buckets import BUCKET_FIELDS, BUCKET_SEPARATOR, IDS_IN_BUCKET, MONTH_CHARACTERS
from monitr_wire.proof import SUMMED_FIELDS, Digest
from monitr_wire.streams import JOURNAL_ITEMS, STREAMS, Stream
from sqlalchemy import Connection as Database
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, whole_sum
from receiver.db.store.lines import sent_line
from receiver.db.store.records import select_values
from receiver.db.streaming import PART_SIZE
from receiver.db.tables import STREAM_TABLES

NOTHING = (Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Found:
    digests: dict[int, int]  # {id: digest}
    damaged_ids: list[int]  # of those whose values are not what was received


def list_digests(db: Database, connection_id: int) -> Iterator[Digest]:
    """List the digest of every bucket that holds records, one grouped query a stream."""
    for stream in STREAMS:
        table = STREAM_TABLES[stream.name]
        bucket = bucket_of(stream)
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
        query = query.where(is_among(db, bucket_of(stream), buckets))
    digests, damaged_ids = {}, []
    for stored, *row in db.execute(query, execution_options={"yield_per": PART_SIZE}):
        _, digests[row[0]] = sent_line(stream, row, stored)
        if digests[row[0]] != stored:
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


def bucket_of(stream: Stream) -> sa.ColumnElement[str]:
    """The name of the bucket that a stored record is in."""
    columns = STREAM_TABLES[stream.name].c
    if stream is not JOURNAL_ITEMS:
        return sa.cast(columns.id // IDS_IN_BUCKET, sa.Text)
    *ids, day = (columns[name] for name in BUCKET_FIELDS)
    company, account = (sa.cast(id, sa.Text) for id in ids)
    return company + BUCKET_SEPARATOR + account + BUCKET_SEPARATOR + month_text(day)


def _sums(stream: Stream) -> list[sa.ColumnElement[Decimal]]:
    columns = STREAM_TABLES[stream.name].c
    return [exact_sum(columns[name]) for name in SUMMED_FIELDS if stream is JOURNAL_ITEMS]


class month_text(sa.sql.functions.FunctionElement[str]):
    """The month of a date: ``2026-11``."""

    type = sa.Text()
    inherit_cache = True


@compiles(month_text, "postgresql")
def _postgresql_month(element: month_text, compiler: SQLCompiler, **options: object) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM')"


@compiles(month_text, "sqlite")
def _sqlite_month(element: month_text, compiler: SQLCompiler, **options: object) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, {MONTH_CHARACTERS})"
