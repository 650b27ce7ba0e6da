"""Notes what a batch changes in closed periods: what appeared, what changed, what vanished.

The batch is compared with what is stored, right before it is stored. What a proof repairs comes by
batches too: where the receiver's own rows were damaged or lost, their repair is noted like a change
in Odoo, for that is what was shown before and after.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from monitr_wire.streams import JOURNAL_ENTRIES, JOURNAL_ITEMS, Stream
from sqlalchemy import Connection as Database

from receiver.db.accounting.closed_periods import Change, insert_changes
from receiver.db.accounting.watched_periods import WatchedPeriod, watched_periods
from receiver.db.connections.connections import Connection
from receiver.db.store.incoming import Incoming
from receiver.db.store.lines import list_lines, stream_touched

KINDS = APPEARED, CHANGED, VANISHED = "appeared", "changed", "vanished"
WATCHED_STREAMS = (JOURNAL_ENTRIES, JOURNAL_ITEMS)
# These say how far an item is settled, and change whenever somebody pays or takes a payment back:
# that happens in the open period and leaves the closed one's figures alone.
SETTLING_FIELDS = frozenset(
    ("residual", "residual_currency", "reconciled", "full_reconcile_id", "matching_number")
)

Periods = Mapping[int, WatchedPeriod]  # {company id: what is closed}


@dataclass(frozen=True)
class Occasion:
    """Occasion: by what and when a change was noticed."""

    run_id: str
    batch_id: str
    noticed_at: datetime


@dataclass(frozen=True)
class Pair:
    """A record's lines before and after a batch; at least one of them is there."""

    id: int
    before: bytes | None
    after: bytes | None


def note_closed_period_changes(
    db: Database, connection: Connection, incoming: Incoming, occasion: Occasion
) -> None:
    """Note what a batch changes in closed periods, before it is stored and in its transaction."""
    periods = watched_periods(connection)
    if not periods or incoming.stream not in WATCHED_STREAMS:
        return
    for pairs in _differing(db, connection.id, incoming):
        changes = [
            change
            for pair in pairs
            if (change := _change(incoming.stream, pair, periods, occasion))
        ]
        if changes:
            insert_changes(db, connection.id, changes)


def changed_fields(stream: Stream, before: str, after: str) -> list[str]:
    """The names of the fields that count and differ.

    A newer addon's lines have more fields; what the older one did not send has not changed.
    """
    values = zip(stream.field_names, before.split("\t"), after.split("\t"), strict=False)
    return [name for name, old, new in values if old != new and name not in SETTLING_FIELDS]


def _differing(db: Database, connection_id: int, incoming: Incoming) -> Iterator[list[Pair]]:
    """The records that are not stored as they came, one part after the other."""
    lines = dict(zip(incoming.ids, incoming.lines, strict=True))
    digests = dict(zip(incoming.ids, incoming.digests, strict=True))
    new = set(incoming.ids)
    for part in stream_touched(db, connection_id, incoming):
        ids = [id for id, digest in part if digests.get(id) != digest]
        stored = list_lines(db, connection_id, incoming.stream, ids) if ids else {}
        yield [Pair(id, stored[id], lines.get(id)) for id in ids]
        new.difference_update(id for id, _ in part)
    yield [Pair(id, None, lines[id]) for id in sorted(new)]


def _change(stream: Stream, pair: Pair, periods: Periods, occasion: Occasion) -> Change | None:
    """None where it is none, or not in a closed period."""
    before, after = (line.decode() if line else None for line in (pair.before, pair.after))
    if before and after and not changed_fields(stream, before, after):
        return None
    places = {line: _company_and_date(stream, line) for line in (before, after) if line}
    closed_until = [end for place in places.values() if (end := _closed_until(periods, *place))]
    if not closed_until:
        return None
    company_id, _ = places[after or before or ""]
    return Change(
        kind=_kind(pair),
        stream=stream.name,
        record_id=pair.id,
        company_id=company_id,
        closed_until=closed_until[0],
        date_before=places[before][1] if before else None,
        date_after=places[after][1] if after else None,
        before=before,
        after=after,
        **vars(occasion),
    )


def _company_and_date(stream: Stream, line: str) -> tuple[int, date]:
    values = line.split("\t")
    names = stream.field_names
    return int(values[names.index("company_id")]), date.fromisoformat(values[names.index("date")])


def _closed_until(periods: Periods, company_id: int, day: date) -> date | None:
    """The last day of the closed period that holds this day."""
    period = periods.get(company_id)
    if period is None or period.closed_until is None or day > period.closed_until:
        return None
    if period.first_on and day < period.first_on:
        return None
    return period.closed_until


def _kind(pair: Pair) -> str:
    if pair.before is None:
        return APPEARED
    return VANISHED if pair.after is None else CHANGED
