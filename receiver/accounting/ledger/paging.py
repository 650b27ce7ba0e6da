"""The general ledger page by page: the items of one page, and the cursor that leads to the next."""

import base64
import re
from dataclasses import dataclass
from datetime import date

from monitr_wire.values import ID_PATTERN
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
from receiver.errors import InvalidQuery

CURSOR = re.compile(
    rf"place:({ID_PATTERN}):([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}):({ID_PATTERN})".encode()
)


@dataclass(frozen=True)
class LedgerPage(GeneralLedger):
    after: Place | None  # of the last item of the page before; None: this is the first page
    items: tuple[LedgerLine, ...]
    next_cursor: str | None
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
        next_cursor=encode_place(place_of(items[limit - 1])) if has_more else None,
        next_account_id=items[limit].account_id if has_more else None,
    )


def encode_place(place: Place) -> str:
    text = f"place:{place.account_id}:{place.date}:{place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode_place(cursor: str | None) -> Place | None:
    """Place after which the page begins; None: the first one. Raises InvalidQuery."""
    if cursor is None:
        return None
    try:
        found = CURSOR.fullmatch(base64.urlsafe_b64decode(cursor))
        if found:
            account_id, day, id = (value.decode() for value in found.groups())
            return Place(int(account_id), date.fromisoformat(day), int(id))
    except ValueError:
        pass
    raise InvalidQuery("This is not a cursor that a page gave.", path="cursor")
