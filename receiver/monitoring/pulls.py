"""How a connection's Odoo is pulled: when the next pull is due, what became of the last ones."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import OdooAccess, list_odoo_accesses
from receiver.db.pull.pull_runs import PullRun, RunState, list_newest_runs
from receiver.db.pull.workers import is_worker_seen_since
from receiver.errors import GoneFromSight, RefusedByOdooOnline, WrongOdooDatabase, WrongOdooKey

MINUTE_SECONDS = 60
# A worker looks each minute whether there is something to do.
WORKER_PATIENCE = timedelta(minutes=5)
# What Odoo says to a wrong log-in. After ten of them 14 and 15 refuse the right key too, of anybody
# who comes from this address: so nothing but a person's wish makes another try.
REFUSED_LOG_INS = {each.code for each in (WrongOdooKey, RefusedByOdooOnline, WrongOdooDatabase)}


@dataclass(frozen=True)
class Pulls:
    access: OdooAccess
    next_at: datetime | None  # when the schedule asks for the next one; None where it does not
    is_paused: bool  # Odoo refused the key; the schedule waits for another one, or for somebody
    newest: PullRun | None
    last_ended: PullRun | None  # by itself, well or not
    succeeded_at: datetime | None  # the last time
    is_worker_seen: bool

    @property
    def every_minutes(self) -> int:
        """0: only by hand."""
        return self.access.pull_every_minutes

    @property
    def has_failed(self) -> bool:
        """The last one that came to an end by itself."""
        return self.last_ended is not None and self.last_ended.state == RunState.FAILED

    @property
    def has_lost_sight(self) -> bool:
        """Whether that failed since the user may not see any more what is stored."""
        return bool(self.last_ended and self.last_ended.failure_code == GoneFromSight.code)

    @property
    def since(self) -> datetime:
        """When the key was entered."""
        return self.access.checked_at


def find_pulls(db: Database, connection: Connection, now: datetime) -> Pulls | None:
    """None where nothing is stored to read that Odoo with."""
    return list_pulls(db, [connection], now).get(connection.id)


def list_pulls(db: Database, connections: Sequence[Connection], now: datetime) -> dict[int, Pulls]:
    """``{connection id: pulls}`` of those that are pulled, in as many queries as for one."""
    accesses = list_odoo_accesses(db, [each.id for each in connections])
    ids = [*accesses]
    newest = list_newest_runs(db, ids)
    ended = list_newest_runs(db, ids, [RunState.SUCCEEDED, RunState.FAILED])
    succeeded = list_newest_runs(db, ids, [RunState.SUCCEEDED])
    is_worker_seen = is_worker_seen_since(db, now - WORKER_PATIENCE, now)
    found = {}
    for id, public_id in ((each.id, each.public_id) for each in connections if each.id in accesses):
        access, last = accesses[id], newest.get(id)
        is_paused = _is_refused(access, ended.get(id))
        found[id] = Pulls(
            access=access,
            next_at=None if is_paused else next_pull_at(public_id, access, last),
            is_paused=is_paused,
            newest=last,
            last_ended=ended.get(id),
            succeeded_at=succeeded[id].finished_at if id in succeeded else None,
            is_worker_seen=is_worker_seen,
        )
    return found


def next_pull_at(public_id: str, access: OdooAccess, newest: PullRun | None) -> datetime | None:
    """Each connection has moments of its own in the rhythm, so that not all are pulled at once.

    The first pull is due when the key was entered; None where only hands ask.
    """
    every_seconds = access.pull_every_minutes * MINUTE_SECONDS
    if not every_seconds:
        return None
    if newest is None:
        return access.checked_at
    offset = zlib.crc32(public_id.encode()) % every_seconds
    passed = (int(newest.asked_at.timestamp()) - offset) // every_seconds
    return datetime.fromtimestamp((passed + 1) * every_seconds + offset, UTC)


def _is_refused(access: OdooAccess, ended: PullRun | None) -> bool:
    """Whether the key that is stored now was refused the last time."""
    if ended is None or ended.finished_at is None or ended.failure_code not in REFUSED_LOG_INS:
        return False
    return access.checked_at <= ended.finished_at
