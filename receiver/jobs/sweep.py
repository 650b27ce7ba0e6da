"""What a worker looks for each minute: pulls that the schedule wants, runs that nobody is at.

Several workers may do so at once: a connection has one open run, and one worker takes it.
"""

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection, list_connections, lock_connection
from receiver.db.engine import reading, writing
from receiver.db.pull_runs import AskedBy, PullRun, ask_for_run, list_takeable_runs
from receiver.db.workers import note_worker
from receiver.errors import PullRunning
from receiver.jobs.run import Worker
from receiver.report.pulls import Pulls, find_pulls, list_pulls


def sweep(worker: Worker) -> list[PullRun]:
    """Asks for the pulls that are due; every run that can be taken now."""
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
    with reading(worker.engine) as db:
        return list_takeable_runs(db, now)


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
