"""Entries that close a year, and the journal items that a report of results is without.

OCA's account_fiscal_year_closing marks its entries; what is closed by hand has journals of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.tables import STREAM_TABLES, connections

companies = STREAM_TABLES["companies"].c
entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c
journals = STREAM_TABLES["journals"].c

CLOSING_STEPS = ("loss_profit", "closing", "opening")  # an "other" one is booked in any year


@dataclass(frozen=True)
class Closings:
    """Entries that close years: these, and all in these journals."""

    entry_ids: tuple[int, ...]
    dates: tuple[date, ...]  # of the entries, by which their items are found fast
    journal_ids: tuple[int, ...]


@dataclass(frozen=True)
class Journal:
    id: int
    name: str | None
    code: str | None
    type: str
    company: str | None


def list_journals(db: Database, connection_id: int) -> list[Journal]:
    """List journals by company and name."""
    columns = (journals.id, journals.name, journals.code, journals.type)
    is_its = sa.and_(
        companies.connection_id == journals.connection_id, companies.id == journals.company_id
    )
    query = (
        sa.select(*columns, companies.name.label("company"))
        .outerjoin_from(STREAM_TABLES["journals"], STREAM_TABLES["companies"], is_its)
        .where(journals.connection_id == connection_id)
        .order_by(companies.id, journals.name, journals.id)
    )
    return [Journal(**row._mapping) for row in db.execute(query)]


def find_closings(
    db: Database,
    connection_id: int,
    company_ids: Sequence[int],
    *,
    are_marked: bool,
    journal_ids: Sequence[int],
) -> Closings | None:
    """``are_marked``: those that the addon marks are among them. None where there is nothing."""
    marked = _list_marked(db, connection_id, company_ids) if are_marked else []
    if not marked and not journal_ids:
        return None
    ids, dates = tuple(id for id, _ in marked), tuple(sorted({day for _, day in marked}))
    return Closings(ids, dates, tuple(journal_ids))


def is_of(db: Database, closings: Closings) -> sa.ColumnElement[bool]:
    """Whether a journal item is of one of them."""
    is_marked = sa.and_(
        is_among(db, items.date, list(map(str, closings.dates))),
        is_among(db, items.entry_id, closings.entry_ids),
    )
    in_journal = is_among(db, items.journal_id, closings.journal_ids)
    return sa.or_(
        *([is_marked] if closings.entry_ids else []),
        *([sa.func.coalesce(in_journal, sa.false())] if closings.journal_ids else []),
    )


def update_closings(
    db: Database, connection_id: int, leaves_out: bool, journal_ids: Sequence[int]
) -> None:
    """What the connection's reports of results are without from now on."""
    values = {
        "leaves_out_closings": leaves_out,
        "closing_journal_ids": ",".join(map(str, sorted(set(journal_ids)))) or None,
    }
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def _list_marked(
    db: Database, connection_id: int, company_ids: Sequence[int]
) -> list[tuple[int, date]]:
    query = sa.select(entries.id, entries.date).where(
        entries.connection_id == connection_id,
        entries.closing_type.is_not(None),
        entries.closing_type.in_(CLOSING_STEPS),
        entries.company_id.in_(company_ids),
    )
    return [(row.id, row.date) for row in db.execute(query)]
