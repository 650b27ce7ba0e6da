"""What is added up of each stream, and the sums over the stored records.

Odoo can add up the same (pull/extract/odoo_aggregates.py): it counts, and sums amounts and
references, for each bucket. No sum tells of texts, nor of what is made of several Odoo fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from monitr_wire.buckets import BUCKET_FIELDS
from monitr_wire.streams import JOURNAL_ITEMS, Field, Stream
from sqlalchemy import Connection as Database

from receiver.db.amounts import exact_sum, whole_sum
from receiver.db.proof.digests import bucket_of
from receiver.db.tables import STREAM_TABLES


@dataclass(frozen=True)
class Group:
    """Group of those records of a bucket that have the same flags."""

    bucket: str
    flags: tuple[bool, ...]  # of flag_fields
    record_count: int
    counts: tuple[int, ...]  # of counted_fields: how many records have a value
    sums: tuple[Decimal, ...]  # of summed_fields


def flag_fields(stream: Stream) -> list[Field]:
    return [field for field in _plain(stream, "boolean") if field.required]


def counted_fields(stream: Stream) -> list[Field]:
    return _plain(stream, "id", "date")


def summed_fields(stream: Stream) -> list[Field]:
    return _plain(stream, "id", "money")


def list_groups(db: Database, connection_id: int, stream: Stream) -> Iterator[Group]:
    columns = STREAM_TABLES[stream.name].c
    bucket, flags = bucket_of(stream), [columns[f.name] for f in flag_fields(stream)]
    counts = [sa.func.count(columns[f.name]) for f in counted_fields(stream)]
    sums = [_sum(columns[f.name], f) for f in summed_fields(stream)]
    query = (
        sa.select(bucket, *flags, sa.func.count(), *counts, *sums)
        .where(columns.connection_id == connection_id)
        .group_by(sa.literal_column("1"), *flags)
    )
    for row in db.execute(query):
        name, *values = row
        flag_values, values = values[: len(flags)], values[len(flags) :]
        record_count, *values = values
        yield Group(
            bucket=name,
            flags=tuple(map(bool, flag_values)),
            record_count=record_count,
            counts=tuple(values[: len(counts)]),
            sums=tuple(Decimal(value or 0) for value in values[len(counts) :]),
        )


def _plain(stream: Stream, *types: str) -> list[Field]:
    """The fields that are one column in Odoo, but for those that the bucket's name tells."""
    told = BUCKET_FIELDS if stream is JOURNAL_ITEMS else ()
    return [f for f in stream.fields if f.type in types and not f.rule and f.name not in told]


def _sum(column: sa.Column[Decimal], field: Field) -> sa.ColumnElement[Decimal]:
    return exact_sum(column) if field.type == "money" else whole_sum(column)
