"""The one builder of books for reports: entries as a person would write them down, into the store.

Ready books are beside it: ``small.py`` is written down in a test or generated, ``two_years.py`` is
what small companies keep, ``large.py`` as large as is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, islice

from sqlalchemy import Engine

from receiver.db.connections.connections import Connection, get_connection, insert_connection
from receiver.db.engine import reading, writing
from receiver.db.store.incoming import Incoming
from receiver.db.store.store import store
from tests.receiver.batches import incoming_of
from tests.receiver.records import Record, journal_item, record_of

RECORDS_AT_ONCE = 10_000
ZERO = Decimal(0)

Shares = list[tuple[tuple[int, ...], Decimal]]
Values = Mapping[str, object]


@dataclass(frozen=True)
class Item:
    account_id: int
    balance: Decimal  # debit less credit
    shares: Shares | None = None
    values: Values = field(default_factory=dict)  # of its other fields


@dataclass(frozen=True)
class Entry:
    """A posted entry, whose items add up to zero."""

    company_id: int
    day: date
    items: tuple[Item, ...]
    closing_type: str | None = None
    journal_id: int | None = None  # of the items
    values: Values = field(default_factory=dict)  # of its other fields


def add_connection(engine: Engine, name: str) -> Connection:
    with writing(engine) as db:
        insert_connection(db, name, name, datetime.now(UTC))
    with reading(engine) as db:
        return get_connection(db, name)


def add_records(engine: Engine, connection_id: int, stream: str, records: Iterable[Record]) -> None:
    add_batches(engine, connection_id, batches_of(stream, records))


def batches_of(stream: str, records: Iterable[Record]) -> Iterator[Incoming]:
    """What as many batches as it takes bring to the store."""
    left = iter(records)
    while part := list(islice(left, RECORDS_AT_ONCE)):
        yield incoming_of(stream, part)


def add_batches(engine: Engine, connection_id: int, batches: Iterable[Incoming]) -> None:
    for batch in batches:
        with writing(engine) as db:
            store(db, connection_id, batch)


def entry_records(entries: Iterable[Entry]) -> Iterator[Record]:
    """The journal entries, with ids from 1."""
    for id, entry in enumerate(entries, 1):
        values = {"number": f"MISC/{id}", **entry.values}
        yield record_of(
            "journal_entries",
            id=id,
            date=entry.day,
            company_id=entry.company_id,
            closing_type=entry.closing_type,
            **values,
        )


def item_records(entries: Iterable[Entry]) -> Iterator[Record]:
    """The journal items of the same entries, with ids from 1."""
    ids = count(1)
    for entry_id, entry in enumerate(entries, 1):
        for item in entry.items:
            yield journal_item(
                next(ids),
                debit=str(max(item.balance, ZERO)),
                credit=str(max(-item.balance, ZERO)),
                entry_id=entry_id,
                company_id=entry.company_id,
                account_id=item.account_id,
                date=entry.day,
                journal_id=entry.journal_id,
                shares=item.shares,
                **item.values,
            )
