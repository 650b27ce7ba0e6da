"""A run in the hands of one worker: its lease, its progress, its cost, and when it must stop."""

import time
from datetime import UTC, datetime, timedelta
from threading import Event

from sqlalchemy import Engine

from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import Cost, Lease, PullRun, RunState, update_held_run
from receiver.db.store.receipts import count_received_since

# Longer than one answer of Odoo may take, and what is stored or added up between two of them. So
# long a pull stands still whose worker was killed.
LEASE = timedelta(minutes=10)
RENEW_SECONDS = 2.0  # so old may be what is shown, and so long is a wish to cancel overlooked


class Stopped(Exception):
    """The run is to end here, between two calls."""


class LeaseLost(Stopped):
    """Another worker has taken the run over: nothing more may be written."""


class CancelAsked(Stopped):
    """Somebody cancelled the run."""


class WorkerStopping(Stopped):
    """The worker was told to end; the run waits for another one."""


class HeldRun:
    """What the worker notes on the run. Each note raises LeaseLost, and DatabaseUnavailable."""

    def __init__(self, engine: Engine, lease: Lease, stopping: Event) -> None:
        self.lease = lease
        self.failure_count = 0  # of the attempts before
        self._began_at = datetime.now(UTC)
        self._engine = engine
        self._stopping = stopping
        self._call_count = 0
        self._seconds = 0.0
        self._renewed_at = 0.0

    def renew(self, **progress: object) -> None:
        """Holds it for longer. Raises any Stopped."""
        run = self._note(lease_until=datetime.now(UTC) + LEASE, **progress)
        self._renewed_at, self.failure_count = time.monotonic(), run.failure_count
        self._began_at = run.started_at or self._began_at
        if run.cancel_asked_at:
            raise CancelAsked
        if self._stopping.is_set():
            raise WorkerStopping

    def count_call(self, seconds: float) -> None:
        """A call of Odoo that took so long. Renews where that was not just done."""
        self._call_count += 1
        self._seconds += seconds
        if time.monotonic() - self._renewed_at >= RENEW_SECONDS:
            self.renew()

    def end(self, state: RunState, **values: object) -> None:
        with reading(self._engine) as db:
            brought = count_received_since(db, self.lease.connection_id, self._began_at)
        ended = {"state": state, "finished_at": datetime.now(UTC), "lease_until": None}
        self._note(**ended, **vars(brought), **values)

    def put_back(self, due_at: datetime, **values: object) -> PullRun:
        """Lets it wait for the next attempt."""
        return self._note(state=RunState.WAITING, due_at=due_at, lease_until=None, **values)

    def _note(self, **values: object) -> PullRun:
        cost = Cost(self._call_count, round(self._seconds * 1000))
        with writing(self._engine) as db:
            run = update_held_run(db, self.lease, cost, **values)
        if run is None:
            raise LeaseLost
        self._call_count, self._seconds = 0, 0.0
        return run
