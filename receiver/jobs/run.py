"""One pull by one worker: take the run -> open the Odoo -> pull -> note how it ended.

What fails and may succeed later is tried again, each time later; what a person must mend ends the
run with its sentence.
"""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

import structlog
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection_by_id
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import Lease, PullRun, RunState, cancel_run, get_run, take_run
from receiver.errors import MonitrError, PullEnded, RetryLater, WorkerLost
from receiver.jobs.lease import (
    LEASE,
    CancelAsked,
    HeldRun,
    LeaseLost,
    WorkerStopping,
)
from receiver.logs import described
from receiver.messages import Sentence, encode_sentence
from receiver.pull.pull import Pulled, pull
from receiver.pull.run import Progress, Tell
from receiver.pull.scope import Scope
from receiver.pull.setup.credentials import note_key, open_stored_odoo

log = structlog.get_logger()

MOST_FAILURES = 5  # then the run has failed
# Doubled with each failure: 1, 2, 4 and 8 minutes. Odoo's refusal after ten wrong log-ins lasts a
# minute; an update or a backup of it takes some.
FIRST_WAIT = timedelta(minutes=1)
INTERNAL_ERROR = "internal_error"
INTERNAL_SENTENCE = Sentence("Something went wrong inside; the receiver's log says what.")


@dataclass(frozen=True)
class Worker:
    """A process that pulls: its name, what it works with, and whether it was told to end."""

    name: str
    engine: Engine
    config: Config
    stopping: Event


def this_worker(engine: Engine, config: Config) -> Worker:
    """This process, as a worker."""
    return Worker(f"{socket.gethostname()}:{os.getpid()}", engine, config, Event())


def _keep_quiet(_progress: Progress) -> None: ...


def run_pull(
    worker: Worker, connection_id: int, run_id: int, tell: Tell = _keep_quiet
) -> PullRun | None:
    """The run as it is afterwards; None where it is not due, or another worker has it.

    ``tell`` hears how far it is. Raises DatabaseUnavailable; the run is then taken over later.
    """
    with writing(worker.engine) as db:
        lease = take(db, worker, connection_id, run_id)
    return run_taken_pull(worker, lease, tell) if lease else None


def take(db: Database, worker: Worker, connection_id: int, run_id: int) -> Lease | None:
    """The right to pull; None where the run is not due, or another worker has it."""
    now = datetime.now(UTC)
    return take_run(db, (connection_id, run_id), worker.name, now, now + LEASE)


def run_taken_pull(worker: Worker, lease: Lease, tell: Tell = _keep_quiet) -> PullRun | None:
    """The same of a run that was taken already."""
    try:
        _pull_and_note(worker, HeldRun(worker.engine, lease, worker.stopping), tell)
    except LeaseLost:
        return None
    with reading(worker.engine) as db:
        return get_run(db, lease.connection_id, lease.run_id)


def _pull_and_note(worker: Worker, run: HeldRun, tell: Tell) -> None:
    """Raises LeaseLost, or DatabaseUnavailable."""
    try:
        pulled = _pull(worker, run, tell)
    except LeaseLost:
        raise
    except (CancelAsked, KeyboardInterrupt):
        run.end(RunState.CANCELLED)
    except WorkerStopping:
        run.put_back(datetime.now(UTC))
    except Exception as error:
        _note_failure(worker.engine, run, error)
    else:
        run.end(RunState.SUCCEEDED, **_success(pulled))


def _pull(worker: Worker, run: HeldRun, tell: Tell) -> Pulled:
    run.renew()
    if run.failure_count >= MOST_FAILURES:
        raise WorkerLost
    with reading(worker.engine) as db:
        connection = get_connection_by_id(db, run.lease.connection_id)
        access = get_odoo_access(db, connection.id, connection.name)
    scope = Scope(tuple(map(int, access.company_ids.split(","))), access.language)
    odoo = open_stored_odoo(worker.config, access, run.count_call)
    note_key(worker.engine, connection.id, odoo)

    def note(progress: Progress) -> None:
        run.renew(**vars(progress))
        tell(progress)

    return pull(worker.engine, connection, odoo.client, scope, note)


def _success(pulled: Pulled) -> dict[str, object]:
    return {
        "repaired_count": pulled.repaired_count,
        "proof_id": pulled.proof.proof_id if pulled.proof else None,
        "failure_code": None,
        "failure": None,
        "failure_sentence": None,
    }


def _note_failure(engine: Engine, run: HeldRun, error: Exception) -> None:
    """What may succeed later waits for that; what a person must mend, such as the key, does not."""
    code, sentence = _told(error)
    if code == INTERNAL_ERROR:
        log.error("pull failed", **vars(run.lease), **described(error))
    failure_count = run.failure_count + 1
    failure = {
        "failure_code": code,
        "failure": str(sentence),
        "failure_sentence": encode_sentence(sentence),
        "failure_count": failure_count,
    }
    if not isinstance(error, RetryLater) or failure_count >= MOST_FAILURES:
        run.end(RunState.FAILED, **failure)
        return
    waiting = run.put_back(datetime.now(UTC) + FIRST_WAIT * 2 ** (failure_count - 1), **failure)
    if waiting.cancel_asked_at:
        # Whoever asked to cancel it may have found it waiting and cancelled it just now.
        with suppress(PullEnded), writing(engine) as db:
            cancel_run(db, waiting.connection_id, waiting.run_id, datetime.now(UTC))


def _told(error: Exception) -> tuple[str, Sentence]:
    if isinstance(error, MonitrError):
        return error.code, error.sentence
    return INTERNAL_ERROR, INTERNAL_SENTENCE
