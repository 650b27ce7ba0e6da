"""Journal items in the order of a general ledger: account by account, by date, then by id."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.accounting.ledger import LedgerScope, up_to_last_day
from receiver.db.among import ranked
from receiver.db.amounts import exact_sum, shown_places
from receiver.db.streaming import stream_parts
from receiver.db.tables import STREAM_TABLES

currencies = STREAM_TABLES["currencies"].c
entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c
journals = STREAM_TABLES["journals"].c
partners = STREAM_TABLES["partners"].c


@dataclass(frozen=True)
class Place:
    """A journal item's place in the general ledger."""

    account_id: int
    date: date
    id: int


@dataclass(frozen=True)
class LedgerItem:
    """What has not arrived has no name."""

    id: int
    entry_id: int
    number: str | None
    reference: str | None
    company_id: int
    date: date
    journal: str | None
    account_id: int
    partner_id: int | None
    partner: str | None
    label: str | None
    debit: Decimal
    credit: Decimal
    balance: Decimal
    currency: str | None  # the item's own, of the amount that follows
    decimal_places: int | None
    amount_currency: Decimal
    shares: str | None  # as the wire writes them


@dataclass(frozen=True)
class JournalEntry:
    id: int
    number: str | None
    type: str
    reference: str | None
    journal: str | None
    company_id: int
    partner_id: int | None
    partner: str | None
    invoice_date: date | None
    due_date: date | None
    date: date


def stream_ledger_items(
    db: Database,
    scope: LedgerScope,
    account_ids: Sequence[int],
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Iterator[Sequence[LedgerItem]]:
    """Stream the items of the scope's days on these accounts, in their order, never all in
    memory."""
    if after is not None:
        account_ids = account_ids[account_ids.index(after.account_id) :]
    rows, account_id, place = ranked(db, account_ids)
    wanted = (
        sa.select(items.id.label("item_id"), place.label("place"))
        .select_from(STREAM_TABLES["journal_items"])
        .join(rows, account_id == items.account_id)
        .where(*up_to_last_day(db, scope), items.date >= scope.from_date)
        .order_by(place, items.date, items.id)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(sa.or_(items.account_id != after.account_id, _is_after(after)))
    page = wanted.subquery()  # names are looked up of these alone: on a page it is far faster
    query = (
        _select_items()
        .join(page, page.c.item_id == items.id)
        .where(items.connection_id == scope.connection_id)
        .order_by(page.c.place, items.date, items.id)
    )
    for part in stream_parts(db, query):
        yield [LedgerItem(**row._mapping) for row in part]


def sum_up_to(db: Database, scope: LedgerScope, place: Place) -> Decimal:
    """The balance of the place's account from the first day up to and including that item."""
    query = sa.select(exact_sum(items.balance)).where(
        *up_to_last_day(db, scope),
        items.date >= scope.from_date,
        items.account_id == place.account_id,
        sa.not_(_is_after(place)),
    )
    return db.scalar(query) or Decimal(0)


def find_entry(db: Database, connection_id: int, entry_id: int) -> JournalEntry | None:
    query = (
        sa.select(
            entries.id,
            entries.number,
            entries.date,
            entries.type,
            entries.reference,
            journals.name.label("journal"),
            entries.company_id,
            entries.partner_id,
            partners.name.label("partner"),
            entries.invoice_date,
            entries.due_date,
        )
        .select_from(STREAM_TABLES["journal_entries"])
        .outerjoin(STREAM_TABLES["journals"], _referred(journals, entries, "journal_id"))
        .outerjoin(STREAM_TABLES["partners"], _referred(partners, entries, "partner_id"))
        .where(entries.connection_id == connection_id, entries.id == entry_id)
    )
    row = db.execute(query).first()
    return JournalEntry(**row._mapping) if row else None


def list_items_of_entry(db: Database, connection_id: int, entry: JournalEntry) -> list[LedgerItem]:
    """List the items in the order of the entry. Its date is that of its items, and finds them
    fast."""
    query = (
        _select_items()
        .where(
            items.connection_id == connection_id,
            items.company_id == entry.company_id,
            items.date == entry.date,
            items.entry_id == entry.id,
        )
        .order_by(items.sequence, items.id)
    )
    return [LedgerItem(**row._mapping) for row in db.execute(query)]


def _select_items() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            items.id,
            items.entry_id,
            entries.number,
            entries.reference,
            items.company_id,
            items.date,
            journals.name.label("journal"),
            items.account_id,
            items.partner_id,
            partners.name.label("partner"),
            items.label,
            items.debit,
            items.credit,
            items.balance,
            currencies.code.label("currency"),
            shown_places(currencies.decimal_places).label("decimal_places"),
            items.amount_currency,
            items.shares,
        )
        .select_from(STREAM_TABLES["journal_items"])
        .outerjoin(STREAM_TABLES["journal_entries"], _referred(entries, items, "entry_id"))
        .outerjoin(STREAM_TABLES["journals"], _referred(journals, items, "journal_id"))
        .outerjoin(STREAM_TABLES["partners"], _referred(partners, items, "partner_id"))
        .outerjoin(STREAM_TABLES["currencies"], _referred(currencies, items, "currency_id"))
    )


def _is_after(place: Place) -> sa.ColumnElement[bool]:
    same_day = sa.and_(items.date == place.date, items.id > place.id)
    return sa.or_(items.date > place.date, same_day)


def _referred(
    columns: sa.ColumnCollection[str, sa.Column[object]],
    referring: sa.ColumnCollection[str, sa.Column[object]],
    name: str,
) -> sa.ColumnElement[bool]:
    return sa.and_(columns.connection_id == referring.connection_id, columns.id == referring[name])
