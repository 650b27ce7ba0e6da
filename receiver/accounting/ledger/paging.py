"""The general ledger page by page: the items of one page, and where the next begins."""

from dataclasses import dataclass

from sqlalchemy import Connection as Database

from receiver.accounting.ledger.general_ledger import (
    GeneralLedger,
    LedgerLine,
    LedgerQuestion,
    general_ledger,
    ledger_lines,
    place_of,
)
from receiver.db.accounting.general_ledger import Place
from receiver.db.connections.connections import Connection


@dataclass(frozen=True)
class LedgerPage(GeneralLedger):
    after: Place | None  # of the last item of the page before; None: this is the first page
    items: tuple[LedgerLine, ...]
    next_place: Place | None  # after which the next page begins; None: this is the last page
    next_account_id: int | None  # of the first item of the next page


def ledger_page(
    db: Database,
    connection: Connection,
    question: LedgerQuestion,
    *,
    after: Place | None,
    limit: int,
) -> LedgerPage:
    """At most ``limit`` items after that place. Raises InvalidQuery and DifferentCurrencies."""
    found = general_ledger(db, connection, question)
    parts = ledger_lines(db, found, after=after, limit=limit + 1)
    items = [line for part in parts for line in part]
    has_more = len(items) > limit
    return LedgerPage(
        **vars(found),
        after=after,
        items=tuple(items[:limit]),
        next_place=place_of(items[limit - 1]) if has_more else None,
        next_account_id=items[limit].account_id if has_more else None,
    )
