"""Brings one stream up to date: by what Odoo says it wrote since, or by reading everything again.

``write_date`` is when a transaction began, not when it was committed, and raw SQL does not move it.
So the rows are asked for from some time before the newest one that was there the last time; what
still slips through changes the aggregates (prove.py), and what changes neither is found when
everything is read again, at least once a day.

There is no upper end: the newest ``write_date`` is noted before the first row is read, so what is
written while it is read is read again the next time. It is Odoo's own clock that set it, to which
ours is compared nowhere, but for rows that claim to be of the future.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitr_wire.streams import (
    ACCOUNTS,
    ANALYTIC_ACCOUNTS,
    ANALYTIC_PLANS,
    COMPANIES,
    CURRENCIES,
    JOURNAL_ITEMS,
    JOURNALS,
)

from receiver.db.engine import reading
from receiver.db.pull.pull_positions import PullPosition
from receiver.db.store.set_aside import list_set_aside_ids
from receiver.pull.extract.read import Reader
from receiver.pull.run import Progress, Run
from receiver.pull.scope import Domain

EVERYTHING_EVERY = timedelta(days=1)
# Longer than Odoo's default limits let a request (2 minutes) or most scheduled actions run.
OVERLAP = timedelta(minutes=15)
# So few records that all of them are read each time: names in a language, codes and companies of
# accounts change without their rows.
SMALL = (COMPANIES, CURRENCIES, JOURNALS, ACCOUNTS, ANALYTIC_PLANS, ANALYTIC_ACCOUNTS)

# From 17 on Odoo renumbers items that are matched in part by raw SQL; there are few at a time.
MATCHED_IN_PART: Domain = [
    "&",
    ("matching_number", "!=", False),
    ("full_reconcile_id", "=", False),
]


def bring_up_to_date(run: Run, reader: Reader, positions: Mapping[str, PullPosition]) -> None:
    """A read of everything that was broken off goes on where it had come to.

    Raises a Rejected for what is no record, and whatever the client or ``tell`` raises.
    """
    position = positions.get(reader.stream.name)
    if position is None or _is_outdated(run, reader, position) or _is_due(reader, position):
        position = _begin(run, reader)
    if position.after_id is None:
        _read_set_aside(run, reader)
        _read_changes(run, reader, position)
    else:
        _read_everything(run, reader, position, position.after_id)


def _is_outdated(run: Run, reader: Reader, position: PullPosition) -> bool:
    """What was read then may be in another scope or form; so may be what was pushed since."""
    pushed_at = run.connection.last_hello_at
    return position.shape != reader.shape or (pushed_at or position.begun_at) > position.begun_at


def _is_due(reader: Reader, position: PullPosition) -> bool:
    """An Odoo that adds nothing up can prove nothing: everything is read each time."""
    if position.after_id is not None:
        return False
    is_each_time = reader.stream in SMALL or reader.offers.read_groups is None
    return is_each_time or datetime.now(UTC) - position.begun_at > EVERYTHING_EVERY


def _begin(run: Run, reader: Reader) -> PullPosition:
    position = PullPosition(
        stream=reader.stream.name,
        shape=reader.shape,
        begun_at=datetime.now(UTC),
        after_id=0,
        written_until=None if reader.stream in SMALL else _written_until(reader),
    )
    run.save(position)
    return position


def _written_until(reader: Reader) -> datetime | None:
    last_write = reader.last_write()
    return min(last_write, datetime.now(UTC)) if last_write else None


def _read_everything(run: Run, reader: Reader, position: PullPosition, after_id: int) -> None:
    """The position follows each range: whoever goes on reads one range again at most."""
    name, done = reader.stream.name, 0
    expected = None if reader.stream in SMALL else reader.count(after_id)
    for lines, id_range in reader.read_all(after_id):
        run.store_read(reader, lines, id_range=id_range)
        position = replace(position, after_id=id_range.up_to_id)
        run.save(position)
        done += lines.count(b"\n")
        run.tell(Progress(name, done, expected, "everything"))


def _read_changes(run: Run, reader: Reader, position: PullPosition) -> None:
    """Rows that left the stream, such as entries reset to draft, were written too."""
    until = _written_until(reader)
    done = 0
    for ids in reader.read_ids(_changed_since(reader, position.written_until, until)):
        for lines, deletions in reader.read_some(ids):
            run.store_read(reader, lines, deletions=deletions)
            done += lines.count(b"\n") + len(deletions)
            run.tell(Progress(reader.stream.name, done, None, "changes"))
    run.save(replace(position, written_until=until))


def _read_set_aside(run: Run, reader: Reader) -> None:
    """Again, for it may have been mended in a way that Odoo did not note."""
    with reading(run.engine) as db:
        ids = list_set_aside_ids(db, run.connection.id, reader.stream.name)
    for lines, deletions in reader.read_some(ids):
        run.store_read(reader, lines, deletions=deletions)


def _changed_since(reader: Reader, since: datetime | None, until: datetime | None) -> Domain:
    """If the newest rows are gone, or a backup was restored, that much more is read again."""
    if since is None or until is None:
        return []
    first = min(since, until) - OVERLAP
    text = first.replace(tzinfo=None).isoformat(" ", "seconds")
    changed: Domain = [("write_date", ">=", text)]
    return ["|", *changed, *MATCHED_IN_PART] if reader.stream is JOURNAL_ITEMS else changed
