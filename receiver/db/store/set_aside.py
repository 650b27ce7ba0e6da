"""Records set aside: those that Odoo has and this receiver has not, as a value was refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from monitr_wire.buckets import month_of
from monitr_wire.set_aside import SetAside
from monitr_wire.streams import JOURNAL_ENTRIES, JOURNAL_ITEMS, STREAMS, STREAMS_BY_NAME
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.store.incoming import Incoming
from receiver.db.tables import STREAM_TABLES, set_aside_records
from receiver.messages import Sentence, decode_sentence, encode_sentence, sentence_of_parts

columns = set_aside_records.c
ORDER = sa.case({stream.name: place for place, stream in enumerate(STREAMS)}, value=columns.stream)


@dataclass(frozen=True)
class StoredSetAside:
    stream: str
    record_id: int
    name: str | None  # what people call it; entries by their numbers
    field: str | None  # of the contract; None where no single value is to blame
    value: str | None  # None where it is absent
    reason: Sentence
    # None is what it has not, or what cannot be read.
    entry_id: int | None  # that it belongs to
    item_id: int | None
    company_id: int | None
    account_id: int | None
    date: date | None
    debit: Decimal | None
    credit: Decimal | None
    run_id: str  # that stated it last
    since: datetime

    @property
    def label(self) -> str:
        """Label of the stream."""
        return STREAMS_BY_NAME[self.stream].label

    @property
    def field_label(self) -> str | None:
        """None where no single value is to blame."""
        labels = {field.name: field.label for field in STREAMS_BY_NAME[self.stream].fields}
        return labels.get(self.field or "", self.field)

    @property
    def balance(self) -> Decimal | None:
        """None where nobody can tell."""
        if self.debit is None or self.credit is None:
            return None
        return self.debit - self.credit


@dataclass(frozen=True)
class Shortfall:
    """Amount by which the journal items set aside make an account short in a month."""

    company_id: int | None  # None where it cannot be read
    account_id: int | None
    month: str | None
    record_count: int
    debit: Decimal
    credit: Decimal
    unreadable_count: int  # of records whose amounts are not in the sums, for nobody can read them

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


def renew_set_aside(
    db: Database, connection_id: int, incoming: Incoming, run_id: str, now: datetime
) -> None:
    """What the batch says of its records takes the place of what was known of them."""
    stream = incoming.stream.name
    is_of_stream = sa.and_(columns.connection_id == connection_id, columns.stream == stream)
    since: dict[int, datetime] = {}
    if db.scalar(sa.select(sa.exists().where(is_of_stream))):
        touched = sa.and_(is_of_stream, _is_touched(db, incoming))
        stated = is_among(db, columns.record_id, [each.id for each in incoming.set_aside])
        query = sa.select(columns.record_id, columns.since).where(is_of_stream, stated)
        since = {id: moment for id, moment in db.execute(query)}
        db.execute(sa.delete(set_aside_records).where(touched))
    rows = [
        _row(each)
        | {
            "connection_id": connection_id,
            "stream": stream,
            "run_id": run_id,
            "since": since.get(each.id, now),
        }
        for each in incoming.set_aside
    ]
    if rows:
        db.execute(sa.insert(set_aside_records), rows)


def reconcile_set_aside(
    db: Database,
    connection_id: int,
    stated: Mapping[str, Sequence[int]],
    with_more: Collection[str] = (),
) -> dict[str, list[int]]:
    """Forgets what Odoo does not state; ``{stream: ids}`` of what it states and is unknown here.

    Streams ``with_more`` have others too, of higher ids than those that are stated.
    """
    unknown = {}
    query = sa.select(columns.record_id)
    for stream in STREAMS_BY_NAME:
        is_of_stream = sa.and_(columns.connection_id == connection_id, columns.stream == stream)
        known = set(db.scalars(query.where(is_of_stream)))
        ids = set(stated.get(stream, ()))
        if stream in with_more:
            known = {id for id in known if id <= max(ids, default=0)}
        if gone := known - ids:
            is_gone = is_among(db, columns.record_id, sorted(gone))
            db.execute(sa.delete(set_aside_records).where(is_of_stream, is_gone))
        if missing := ids - known:
            unknown[stream] = sorted(missing)
    return unknown


def count_set_aside(db: Database, connection_ids: Sequence[int]) -> dict[int, int]:
    """``{connection id: records}``, where there are any."""
    query = (
        sa.select(columns.connection_id, sa.func.count())
        .where(is_among(db, columns.connection_id, connection_ids))
        .group_by(columns.connection_id)
    )
    return {id: count for id, count in db.execute(query)}


def list_set_aside(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[StoredSetAside]:
    """List in the order of the streams, then of ids; a limit of None is none.

    What has no name of its own has the number of the entry that it belongs to.
    """
    items, entries = STREAM_TABLES[JOURNAL_ITEMS.name].c, STREAM_TABLES[JOURNAL_ENTRIES.name].c
    item = sa.and_(items.connection_id == connection_id, items.id == columns.item_id)
    entry_id = sa.func.coalesce(columns.entry_id, items.entry_id)
    entry = sa.and_(entries.connection_id == connection_id, entries.id == entry_id)
    found = set_aside_records.outerjoin(items.id.table, item).outerjoin(entries.id.table, entry)
    shown = {"name": sa.func.coalesce(columns.name, entries.number).label("name")}
    query = (
        sa.select(*(shown.get(f.name, columns[f.name]) for f in fields(StoredSetAside)))
        .select_from(found)
        .where(columns.connection_id == connection_id)
        .order_by(ORDER, columns.record_id)
        .limit(limit)
        .offset(offset)
    )
    return [_stored(row) for row in db.execute(query)]


def list_set_aside_ids(db: Database, connection_id: int, stream: str) -> list[int]:
    query = sa.select(columns.record_id).where(
        columns.connection_id == connection_id, columns.stream == stream
    )
    return list(db.scalars(query.order_by(columns.record_id)))


def list_shortfalls(db: Database, connection_id: int) -> list[Shortfall]:
    """List in order of company, account and month; what cannot be read comes last."""
    query = sa.select(
        columns.company_id, columns.account_id, columns.date, columns.debit, columns.credit
    ).where(columns.connection_id == connection_id, columns.stream == JOURNAL_ITEMS.name)
    found: dict[tuple[Any, ...], Shortfall] = {}
    for company_id, account_id, day, debit, credit in db.execute(query):
        month = month_of(day.isoformat()) if day else None
        key = (company_id, account_id, month)
        known = found.get(key) or Shortfall(*key, 0, Decimal(0), Decimal(0), 0)
        is_unreadable = debit is None or credit is None
        found[key] = Shortfall(
            *key,
            record_count=known.record_count + 1,
            debit=known.debit + (Decimal(0) if is_unreadable else Decimal(debit)),
            credit=known.credit + (Decimal(0) if is_unreadable else Decimal(credit)),
            unreadable_count=known.unreadable_count + is_unreadable,
        )
    return [found[key] for key in sorted(found, key=lambda key: [(p is None, p or 0) for p in key])]


def _is_touched(db: Database, incoming: Incoming) -> sa.ColumnElement[bool]:
    is_listed = is_among(db, columns.record_id, [*incoming.ids, *incoming.deletions])
    if incoming.range is None:
        return is_listed
    is_in_range = columns.record_id > incoming.range.after_id
    if incoming.range.up_to_id is not None:
        is_in_range = sa.and_(is_in_range, columns.record_id <= incoming.range.up_to_id)
    return sa.or_(is_in_range, is_listed)


def _row(each: SetAside) -> dict[str, object]:
    told = each._asdict()
    del told["id"]
    return {
        **told,
        "record_id": each.id,
        "reason": encode_sentence(sentence_of_parts(each.reason)),
        "date": each.date and date.fromisoformat(each.date),
    }


def _stored(row: sa.Row[*tuple[Any, ...]]) -> StoredSetAside:
    values = dict(row._mapping)
    for name in ("debit", "credit"):
        values[name] = None if values[name] is None else Decimal(values[name])
    return StoredSetAside(**{**values, "reason": decode_sentence(values["reason"])})
