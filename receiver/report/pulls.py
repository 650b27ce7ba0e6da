"""How a connection's Odoo is pulled: when the next pull is due, what became of the last ones."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.odoo_accesses import OdooAccess, find_odoo_access
from receiver.db.pull_runs import PullRun, RunState, find_newest_run, find_newest_run_in
from receiver.db.workers import is_worker_seen_since
from receiver.errors import RefusedByOdooOnline, WrongOdooDatabase, WrongOdooKey

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
    def since(self) -> datetime:
        """When the key was entered."""
        return self.access.checked_at


def find_pulls(db: Database, connection: Connection, now: datetime) -> Pulls | None:
    """None where nothing is stored to read that Odoo with."""
    access = find_odoo_access(db, connection.id)
    if access is None:
        return None
    newest = find_newest_run(db, connection.id)
    succeeded = find_newest_run_in(db, connection.id, [RunState.SUCCEEDED])
    ended = find_newest_run_in(db, connection.id, [RunState.SUCCEEDED, RunState.FAILED])
    is_paused = _is_refused(access, ended)
    return Pulls(
        access=access,
        next_at=None if is_paused else next_pull_at(connection.public_id, access, newest),
        is_paused=is_paused,
        newest=newest,
        last_ended=ended,
        succeeded_at=succeeded.finished_at if succeeded else None,
        is_worker_seen=is_worker_seen_since(db, now - WORKER_PATIENCE, now),
    )


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
