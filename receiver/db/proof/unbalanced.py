"""Stored entries whose items do not add up to nothing: a part of each is missing or damaged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from monitr_wire.streams import JOURNAL_ENTRIES, JOURNAL_ITEMS
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, may_differ
from receiver.db.tables import STREAM_TABLES

items, entries = STREAM_TABLES[JOURNAL_ITEMS.name].c, STREAM_TABLES[JOURNAL_ENTRIES.name].c


@dataclass(frozen=True)
class Unbalanced:
    """An entry, and what is stored of it, in its company's currency."""

    entry_id: int
    company_id: int
    debit: Decimal
    credit: Decimal

    @property
    def difference(self) -> Decimal:
        return self.debit - self.credit


def find_unbalanced(
    db: Database, connection_id: int, places: Mapping[int, int | None]
) -> Iterator[Unbalanced]:
    """Find them, in order of their ids.

    ``places`` are the decimals of each company's currency: as in Odoo, less than half of the last
    one is nothing.
    """
    is_ours = items.connection_id == connection_id
    suspects = (
        sa.select(items.entry_id)
        .where(is_ours)
        .group_by(items.entry_id)
        .having(may_differ(items.debit, items.credit))
    )
    suspect_ids = db.scalars(suspects).all()
    if not suspect_ids:
        return
    query = (
        sa.select(
            items.entry_id,
            sa.func.min(items.company_id),
            exact_sum(items.debit),
            exact_sum(items.credit),
        )
        .where(is_ours, is_among(db, items.entry_id, suspect_ids))
        .group_by(items.entry_id)
        .order_by(items.entry_id)
    )
    for row in db.execute(query):
        found = Unbalanced(*row)
        if not _is_nothing(found.difference, places.get(found.company_id)):
            yield found


def _is_nothing(difference: Decimal, decimal_places: int | None) -> bool:
    if decimal_places is None:
        return not difference
    return abs(difference) * 2 < Decimal(10) ** -decimal_places


def name_entries(
    db: Database, connection_id: int, entry_ids: Sequence[int]
) -> dict[int, tuple[str | None, date]]:
    """``{id: (number, date)}`` of those that are stored."""
    query = sa.select(entries.id, entries.number, entries.date).where(
        entries.connection_id == connection_id, is_among(db, entries.id, entry_ids)
    )
    return {id: (number, day) for id, number, day in db.execute(query)}
