"""What closes a year is left out of its results: after it every result account is empty.

Of the balance sheet nothing is left out. Before the closing a year's result is in its earnings so
far; after it in the equity account that the closing took it to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection as Database

from receiver.db.accounting.balances import JournalCount, Range, count_closings
from receiver.db.accounting.closings import (
    Closings,
    Journal,
    find_closings,
    list_journals,
    update_closings,
)
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidBody

GENERAL = "general"  # Odoo's type of journals for miscellaneous entries


@dataclass(frozen=True)
class ClosingEntries:
    """Closing entries in a report's days that are on result accounts."""

    are_left_out: bool
    journals: tuple[JournalCount, ...]


NO_CLOSINGS = ClosingEntries(are_left_out=True, journals=())


def closings_of(
    db: Database, connection: Connection, company_ids: Sequence[int]
) -> Closings | None:
    """What the connection's settings say; None where there is nothing to leave out."""
    return find_closings(
        db,
        connection.id,
        company_ids,
        are_marked=connection.leaves_out_closings,
        journal_ids=closing_journals(connection),
    )


def closing_journals(connection: Connection) -> tuple[int, ...]:
    return tuple(int(id) for id in (connection.closing_journal_ids or "").split(",") if id)


def journals_to_choose(db: Database, connection: Connection) -> list[Journal]:
    """Journals that years can be closed in by hand, and those that are chosen."""
    chosen = closing_journals(connection)
    journals = list_journals(db, connection.id)
    return [each for each in journals if each.type == GENERAL or each.id in chosen]


def choose_closings(
    db: Database, connection: Connection, leaves_out: bool, journal_ids: Sequence[int]
) -> None:
    """Raises InvalidBody for a journal that is not there, of which nothing is stored."""
    known = {journal.id for journal in list_journals(db, connection.id)}
    for number, id in enumerate(journal_ids):
        if id not in known:
            raise InvalidBody(
                "There is no journal %(journal)s.", path=f"/journal_ids/{number}", journal=str(id)
            )
    update_closings(db, connection.id, leaves_out, journal_ids)


def without_closings(
    db: Database, connection: Connection, range: Range, *, with_closings: bool
) -> tuple[Range, Closings | None]:
    """The range of a report of results, and what is left out of it unless they are asked for."""
    closings = closings_of(db, connection, range.company_ids)
    return (range if with_closings else replace(range, without=closings)), closings


def closing_entries(
    db: Database, range: Range, closings: Closings | None, account_ids: Sequence[int]
) -> ClosingEntries:
    if closings is None:
        return NO_CLOSINGS
    counts = count_closings(db, range, closings, account_ids)
    return ClosingEntries(are_left_out=range.without is not None, journals=tuple(counts))
