"""The process that pulls: it looks for runs that can be taken, until it is told to end.

The rows of ``pull_runs`` are the whole queue: what is due, who holds it, what is tried again. Any
number of workers, on any number of machines, share it by sharing the database.

``python -m receiver.jobs.worker`` is the one beside ``monitr serve``; it ends with its parent.
"""

import os
import signal
import time
from datetime import UTC, datetime
from threading import Thread

import structlog
from sqlalchemy import Engine

from receiver.config import Config, read_config
from receiver.db.engine import make_engine, reading
from receiver.db.pull.pull_runs import PullRun, list_takeable_runs
from receiver.errors import DatabaseUnavailable
from receiver.jobs.run import Worker, run_pull, this_worker
from receiver.jobs.scheduler import ask_for_due_pulls
from receiver.logs import configure_logs, described

log = structlog.get_logger()

LOOK_SECONDS = 1.0  # between two looks for runs; so long may a pull that is asked for wait
SCHEDULE_SECONDS = 60.0  # between two looks at the schedules
OUTAGE_SECONDS = 5.0  # before the next look where the database does not answer
# For the pulls under way, which end at their next call of Odoo; gunicorn gives requests as long.
END_SECONDS = 30.0
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def work(engine: Engine, config: Config, parent: int | None = None) -> None:
    """Pull until a signal says to end, or the parent has ended. What is being pulled then waits for
    the next worker, which goes on with it."""
    worker = this_worker(engine, config)
    pulls = PullThreads(worker)
    told: list[int] = []
    for each in ENDS:
        signal.signal(each, lambda number, _frame: told.append(number))
    log.info("worker started", worker=worker.name)
    next_schedule_at = 0.0
    while not told and parent in (None, os.getppid()):
        try:
            if time.monotonic() >= next_schedule_at:
                ask_for_due_pulls(worker)
                next_schedule_at = time.monotonic() + SCHEDULE_SECONDS
            pulls.begin()
        except DatabaseUnavailable as error:
            log.warning("worker waits for the database", **described(error))
            time.sleep(OUTAGE_SECONDS)
        time.sleep(LOOK_SECONDS)
    worker.stopping.set()
    pulls.wait_for_end(END_SECONDS)
    log.info("worker ended", worker=worker.name)


class PullThreads:
    """The pulls under way in this worker, each in a thread that dies with the process."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._threads: dict[tuple[int, int], Thread] = {}  # by connection and run id

    def begin(self) -> None:
        """Take the runs that can be taken, as many as there is room for. Another worker may be
        faster. Raises DatabaseUnavailable."""
        self._threads = {ids: each for ids, each in self._threads.items() if each.is_alive()}
        room = self._worker.config.pulls_at_once - len(self._threads)
        for run in self._list_takeable()[:room] if room > 0 else []:
            thread = Thread(target=self._pull, args=(run,), daemon=True)
            self._threads[run.connection_id, run.run_id] = thread
            thread.start()

    def wait_for_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(deadline - time.monotonic(), 0))

    def _list_takeable(self) -> list[PullRun]:
        """One of ours may be among them: it was begun, and is not taken yet."""
        now, limit = datetime.now(UTC), self._worker.config.pulls_at_once
        with reading(self._worker.engine) as db:
            runs = list_takeable_runs(db, now, limit)
        return [run for run in runs if (run.connection_id, run.run_id) not in self._threads]

    def _pull(self, run: PullRun) -> None:
        ids = {"connection_id": run.connection_id, "run_id": run.run_id}
        try:
            ended = run_pull(self._worker, run.connection_id, run.run_id)
        except Exception as error:  # the run stays as it is, and is taken over later
            log.error("pull broke off", **ids, **described(error))
            return
        if ended:
            log.info("pull ended", **ids, state=ended.state, code=ended.failure_code)


def _work_beside_serve() -> None:
    configure_logs()
    config = read_config()
    engine = make_engine(config.database_url)
    work(engine, config, os.getppid())
    engine.dispose()


if __name__ == "__main__":
    _work_beside_serve()
