"""The process that pulls: it takes jobs from the queue until it is told to end.

``python -m receiver.jobs.worker`` is the one beside ``monitr serve``; it ends with its parent.
"""

import os
import signal
import time

import structlog
from sqlalchemy import Engine

from receiver.config import Config, read_config
from receiver.db.engine import make_engine
from receiver.jobs.queue import Jobs
from receiver.jobs.run import this_worker
from receiver.logs import configure_logs

log = structlog.get_logger()

LOOK_SECONDS = 0.5
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def work(engine: Engine, config: Config, parent: int | None = None) -> None:
    """Until a signal says to end, or the parent has ended. What is being pulled then waits for the
    next worker, which goes on with it."""
    worker = this_worker(engine, config)
    consumer = Jobs(worker).make_consumer()
    consumer.start()
    told: list[int] = []
    for each in ENDS:
        signal.signal(each, lambda number, _frame: told.append(number))
    log.info("worker started", worker=worker.name)
    while not told and parent in (None, os.getppid()):
        consumer.check_worker_health()
        time.sleep(LOOK_SECONDS)
    worker.stopping.set()
    consumer.stop(graceful=True)
    log.info("worker ended", worker=worker.name)


def _work_beside_serve() -> None:
    configure_logs()
    config = read_config()
    engine = make_engine(config.database_url)
    work(engine, config, os.getppid())
    engine.dispose()


if __name__ == "__main__":
    _work_beside_serve()
