"""The queue of jobs: it tells a worker to look at a run. The run itself is a row of the database,
so a job that is lost, or there twice, does no harm.

It is a file in the data folder, or tables in a PostgreSQL that workers on many machines share.
"""

import hashlib
from contextlib import closing
from typing import Any

import psycopg
import structlog
from huey.api import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.pull_runs import PullRun
from receiver.errors import DatabaseUnavailable
from receiver.jobs.run import Worker, run_pull, this_worker
from receiver.jobs.sweep import sweep
from receiver.logs import described

log = structlog.get_logger()

EACH_MINUTE_SECONDS = 60
LONGEST_NAP_SECONDS = 1.0  # between two looks into the queue
# For the pulls under way, which end at their next call of Odoo; gunicorn gives requests as long.
END_SECONDS = 30


class Jobs:
    """The queue, and what a worker does with that which is in it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._queue = _open_queue(worker.config)
        self._pull = self._queue.task(name="pull")(self._run_pull)
        self._queue.periodic_task(
            lambda _moment: True, name="sweep", priority=1, expires=EACH_MINUTE_SECONDS
        )(self._sweep)

    def enqueue(self, run: PullRun) -> None:
        self._pull(run.connection_id, run.run_id)

    def close(self) -> None:
        self._queue.storage.close()

    def make_consumer(self) -> Consumer:
        consumer: Consumer = self._queue.create_consumer(
            workers=self._worker.config.pulls_at_once,
            max_delay=LONGEST_NAP_SECONDS,
            scheduler_interval=EACH_MINUTE_SECONDS,
            shutdown_timeout=END_SECONDS,
        )
        return consumer

    def _run_pull(self, connection_id: int, run_id: int) -> None:
        run = run_pull(self._worker, connection_id, run_id)
        if run:
            ids = {"connection_id": connection_id, "run_id": run_id}
            log.info("pull ended", **ids, state=run.state, code=run.failure_code)

    def _sweep(self) -> None:
        queued = {tuple(task.args) for task in self._queue.pending()}
        for run in sweep(self._worker):
            if (run.connection_id, run.run_id) not in queued:
                self.enqueue(run)


def hint(engine: Engine, config: Config, run: PullRun) -> None:
    """Lets a worker take the run at once; without it, it is found within a minute."""
    try:
        with closing(Jobs(this_worker(engine, config))) as jobs:
            jobs.enqueue(run)
    except Exception as error:
        log.warning("no hint of a pull", run_id=run.run_id, **described(error))


def _open_queue(config: Config) -> Huey:
    """Jobs are pickled and signed. A new secret key begins a new queue: it cannot read the old."""
    key = hashlib.sha256(b"monitr-jobs:" + config.secret_key.encode()).hexdigest()
    options: dict[str, Any] = {
        "name": f"monitr-{hashlib.sha256(key.encode()).hexdigest()[:8]}",
        "serializer": SignedSerializer(key, "monitr"),
        "results": False,
    }
    if config.jobs_url:
        dsn = config.jobs_url.replace("postgresql+psycopg:", "postgresql:", 1)
        try:
            return PostgresHuey(dsn=dsn, table_prefix="monitr_jobs", **options)
        except psycopg.OperationalError as error:
            why, _, _ = str(error).partition("\n")
            raise DatabaseUnavailable(
                "The PostgreSQL of MONITR_JOBS_URL does not answer: %(why)s.", why=why
            ) from error
    return SqliteHuey(filename=str(config.jobs_file), **options)
