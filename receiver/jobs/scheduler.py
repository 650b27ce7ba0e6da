"""The schedule of pulls: a run is made for each connection whose time has come.

Several workers may look at once: a connection has one open run, and one worker takes it.
"""

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection, list_connections, lock_connection
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import AskedBy, ask_for_run
from receiver.db.pull.workers import note_worker
from receiver.errors import PullRunning
from receiver.jobs.run import Worker
from receiver.monitoring.pulls import Pulls, find_pulls, list_pulls


def ask_for_due_pulls(worker: Worker) -> None:
    """Make the runs that the schedules want by now, and note that this worker looks.

    Raises DatabaseUnavailable.
    """
    now = datetime.now(UTC)
    with writing(worker.engine) as db:
        note_worker(db, worker.name, now)
    with reading(worker.engine) as db:
        connections = list_connections(db)
        pulls = list_pulls(db, connections, now)
    for connection in connections:
        if _is_due(pulls.get(connection.id), now):
            with writing(worker.engine) as db:
                _ask(db, connection, now)


def _ask(db: Database, connection: Connection, now: datetime) -> None:
    """Unless another worker did so in the meantime."""
    lock_connection(db, connection.id)
    if _is_due(find_pulls(db, connection, now), now):
        with suppress(PullRunning):
            ask_for_run(db, connection.id, AskedBy.SCHEDULE, now)


def _is_due(pulls: Pulls | None, now: datetime) -> bool:
    if pulls is None or pulls.next_at is None or pulls.next_at > now:
        return False
    return pulls.newest is None or pulls.newest.finished_at is not None
