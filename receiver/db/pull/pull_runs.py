"""The runs of the pull, as stored: these rows are the queue that workers take from.

A worker holds a run by a lease. Each statement of the holder asks whether the lease is still its
own, so that a worker that was thought dead changes nothing once another one has taken over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.connections.connections import lock_connection
from receiver.db.tables import IS_OPEN, connections, pull_runs
from receiver.errors import NotFound, PullEnded, PullRunning
from receiver.messages import Sentence, decode_sentence


class RunState(StrEnum):
    WAITING = "waiting"  # for a worker, or for its next attempt
    RUNNING = "running"
    STUCK = "stuck"  # running, by a worker that is not heard any more; never stored
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AskedBy(StrEnum):
    SCHEDULE = "schedule"
    HAND = "hand"


@dataclass(frozen=True)
class PullRun:
    connection_id: int
    run_id: int
    asked_at: datetime
    asked_by: str
    state: str
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    lease_until: datetime | None
    cancel_asked_at: datetime | None
    taken_count: int
    failure_count: int  # attempts that failed, or whose worker was lost
    what: str | None
    stream: str | None
    done_count: int | None  # records of the stream
    expected_count: int | None  # None where nobody knows
    record_count: int
    written_count: int
    deleted_count: int
    call_count: int
    milliseconds_in_odoo: int
    repaired_count: int | None  # None until it succeeded
    proof_id: str | None  # None where this Odoo adds nothing up
    failure_code: str | None
    failure: str | None  # in English
    failure_sentence: str | None  # the same for the pages, encoded

    @property
    def why(self) -> Sentence:
        """It failed. One that a former release stored is known in English alone."""
        failure = self.failure or ""
        if self.failure_sentence:
            sentence = decode_sentence(self.failure_sentence)
            if str(sentence) == failure:
                return sentence
        return Sentence(failure)

    def state_at(self, now: datetime) -> RunState:
        """State as stored, or stuck."""
        if self.state == RunState.RUNNING and self.lease_until and self.lease_until < now:
            return RunState.STUCK
        return RunState(self.state)

    def seconds_at(self, now: datetime) -> float | None:
        """Seconds from its start to its end, or until now; None before it started."""
        return (
            ((self.finished_at or now) - self.started_at).total_seconds()
            if self.started_at
            else None
        )


@dataclass(frozen=True)
class Lease:
    """The right to go on with a run, until somebody else takes it."""

    connection_id: int
    run_id: int
    taken_count: int


@dataclass(frozen=True)
class Cost:
    """What was asked of Odoo."""

    call_count: int
    milliseconds_in_odoo: int


def find_newest_run(db: Database, connection_id: int) -> PullRun | None:
    return _first(db, _runs_of(connection_id))


def list_newest_runs(
    db: Database, connection_ids: Sequence[int], states: Collection[RunState] = tuple(RunState)
) -> dict[int, PullRun]:
    """``{connection id: its newest run in one of these states}``, where there is one."""
    each = pull_runs.alias()
    newest = (
        sa.select(each.c.run_id)
        .where(each.c.connection_id == connections.c.id, each.c.state.in_(states))
        .order_by(each.c.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(pull_runs)
        .join(connections, pull_runs.c.connection_id == connections.c.id)
        .where(is_among(db, connections.c.id, connection_ids), pull_runs.c.run_id == newest)
    )
    return {row.connection_id: PullRun(**row._mapping) for row in db.execute(query)}


def find_open_run(db: Database, connection_id: int) -> PullRun | None:
    """The one that waits or runs."""
    return _first(db, _runs_of(connection_id).where(IS_OPEN))


def get_run(db: Database, connection_id: int, run_id: int) -> PullRun:
    """Raises NotFound."""
    found = _first(db, _runs_of(connection_id).where(pull_runs.c.run_id == run_id))
    if found is None:
        raise NotFound("There is no pull with the number %(number)s.", number=str(run_id))
    return found


def list_runs(
    db: Database,
    connection_id: int,
    *,
    limit: int | None,
    offset: int = 0,
    before_id: int | None = None,
) -> list[PullRun]:
    """The newest first; a limit of None is none."""
    query = _runs_of(connection_id).limit(limit).offset(offset)
    if before_id is not None:
        query = query.where(pull_runs.c.run_id < before_id)
    return [PullRun(**row._mapping) for row in db.execute(query)]


def list_takeable_runs(db: Database, now: datetime, limit: int | None = None) -> list[PullRun]:
    """List the runs of all connections that can be taken: what waits and is due, and what is stuck.
    The longest due first."""
    query = sa.select(pull_runs).where(_is_takeable(now)).order_by(pull_runs.c.due_at).limit(limit)
    return [PullRun(**row._mapping) for row in db.execute(query)]


def ask_for_run(db: Database, connection_id: int, by: AskedBy, now: datetime) -> PullRun:
    """A run that is due now: a new one, or the one that waits or is stuck.

    Raises PullRunning where a worker is at it.
    """
    lock_connection(db, connection_id)
    known = find_open_run(db, connection_id)
    if known is None:
        return _insert_run(db, connection_id, by, now)
    if known.state_at(now) is RunState.RUNNING:
        raise PullRunning(known.run_id)
    db.execute(_update(connection_id, known.run_id).values(due_at=now))
    return get_run(db, connection_id, known.run_id)


def _insert_run(db: Database, connection_id: int, by: AskedBy, now: datetime) -> PullRun:
    newest = sa.select(sa.func.max(pull_runs.c.run_id))
    run_id = (db.scalar(newest.where(pull_runs.c.connection_id == connection_id)) or 0) + 1
    values = {
        "connection_id": connection_id,
        "run_id": run_id,
        "asked_at": now,
        "asked_by": by,
        "state": RunState.WAITING,
        "due_at": now,
    }
    db.execute(sa.insert(pull_runs).values(values))
    return get_run(db, connection_id, run_id)


def take_run(
    db: Database, run: tuple[int, int], worker: str, now: datetime, lease_until: datetime
) -> Lease | None:
    """None where it is neither due nor stuck: another worker was faster. ``run`` is the ids of
    connection and run. Taking a stuck one counts as a failure of it."""
    was_stuck = sa.case((pull_runs.c.state == RunState.RUNNING, 1), else_=0)
    update = _update(*run).where(_is_takeable(now))
    values = {
        "state": RunState.RUNNING,
        "worker": worker,
        "lease_until": lease_until,
        "started_at": sa.func.coalesce(pull_runs.c.started_at, sa.literal(now, _INSTANT)),
        "taken_count": pull_runs.c.taken_count + 1,
        "failure_count": pull_runs.c.failure_count + was_stuck,
    }
    taken_count = db.scalar(update.values(values).returning(pull_runs.c.taken_count))
    return None if taken_count is None else Lease(*run, taken_count)


def update_held_run(db: Database, lease: Lease, cost: Cost, **values: object) -> PullRun | None:
    """The run with these values and with this cost added; None where the lease was lost."""
    added = {
        "call_count": pull_runs.c.call_count + cost.call_count,
        "milliseconds_in_odoo": pull_runs.c.milliseconds_in_odoo + cost.milliseconds_in_odoo,
    }
    update = _update(lease.connection_id, lease.run_id).where(
        pull_runs.c.state == RunState.RUNNING, pull_runs.c.taken_count == lease.taken_count
    )
    row = db.execute(update.values(**added, **values).returning(pull_runs)).first()
    return PullRun(**row._mapping) if row else None


def cancel_run(db: Database, connection_id: int, run_id: int, now: datetime) -> PullRun:
    """What waits or is stuck is cancelled at once, what runs by its worker as soon as it looks.

    Raises NotFound, or PullEnded.
    """
    is_idle = sa.or_(pull_runs.c.state == RunState.WAITING, _is_stuck(now))
    at_once = {"state": RunState.CANCELLED, "finished_at": now, "lease_until": None}
    values = {name: _value_if(is_idle, name, value) for name, value in at_once.items()}
    # One statement: a worker may end the run, or put it back, at the same moment.
    update = _update(connection_id, run_id).where(IS_OPEN).values(cancel_asked_at=now, **values)
    row = db.execute(update.returning(pull_runs)).first()
    if row is None:
        get_run(db, connection_id, run_id)
        raise PullEnded
    return PullRun(**row._mapping)


def _value_if(is_so: sa.ColumnElement[bool], name: str, value: object) -> sa.ColumnElement[Any]:
    column = pull_runs.c[name]
    return sa.case((is_so, sa.literal(value, column.type)), else_=column)


_INSTANT = pull_runs.c.started_at.type


def _runs_of(connection_id: int) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(pull_runs).where(pull_runs.c.connection_id == connection_id)
    return query.order_by(pull_runs.c.run_id.desc())


def _update(connection_id: int, run_id: int) -> sa.Update:
    return sa.update(pull_runs).where(
        pull_runs.c.connection_id == connection_id, pull_runs.c.run_id == run_id
    )


def _is_takeable(now: datetime) -> sa.ColumnElement[bool]:
    is_due = sa.and_(pull_runs.c.state == RunState.WAITING, pull_runs.c.due_at <= now)
    return sa.or_(is_due, _is_stuck(now))


def _is_stuck(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(pull_runs.c.state == RunState.RUNNING, pull_runs.c.lease_until < now)


def _first(db: Database, query: sa.Select[*tuple[Any, ...]]) -> PullRun | None:
    row = db.execute(query.limit(1)).first()
    return PullRun(**row._mapping) if row else None
