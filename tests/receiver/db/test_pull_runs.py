"""The rows of the pulls: one open run for a connection, one worker for a run."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import delete_connection
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import (
    AskedBy,
    Cost,
    Lease,
    PullRun,
    RunState,
    ask_for_run,
    cancel_run,
    list_runs,
    list_takeable_runs,
    take_run,
    update_held_run,
)
from receiver.db.tables import metadata
from receiver.errors import NotFound, PullEnded, PullRunning
from tests.receiver.pulled_connections import (
    add_pulled_connection,
    ask,
    let_lease_run_out,
    newest_run,
)

LEASE = timedelta(minutes=5)
AT_ONCE = 8
WHILE_SECONDS = 0.5  # in which the others come to the point where they wait


@pytest.fixture
def connection_id(engine: Engine, config: Config) -> int:
    return add_pulled_connection(engine, config)


def take(engine: Engine, run: PullRun, worker: str = "one") -> Lease | None:
    now = datetime.now(UTC)
    with writing(engine) as db:
        return take_run(db, (run.connection_id, run.run_id), worker, now, now + LEASE)


def note(engine: Engine, lease: Lease, **values: object) -> PullRun | None:
    with writing(engine) as db:
        return update_held_run(db, lease, Cost(2, 30), **values)


def cancel(engine: Engine, run: PullRun) -> PullRun:
    with writing(engine) as db:
        return cancel_run(db, run.connection_id, run.run_id, datetime.now(UTC))


def test_one_of_many_workers_takes_a_run(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        leases = list(threads.map(lambda number: take(engine, run, str(number)), range(AT_ONCE)))

    assert len([lease for lease in leases if lease]) == 1
    assert newest_run(engine).taken_count == 1


def test_who_asks_while_others_do_gets_the_same_run(engine: Engine, connection_id: int) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        with writing(engine) as db:
            first = ask_for_run(db, connection_id, AskedBy.HAND, datetime.now(UTC))
            others = [threads.submit(ask, engine, connection_id) for _ in range(AT_ONCE)]
            time.sleep(WHILE_SECONDS)
        runs = [other.result() for other in others]

    assert {run.run_id for run in runs} == {first.run_id}
    with reading(engine) as db:
        assert len(list_runs(db, connection_id, limit=100)) == 1


def test_the_database_itself_refuses_a_second_open_run(engine: Engine, connection_id: int) -> None:
    table = metadata.tables["pull_runs"]
    values = {**vars(ask(engine, connection_id)), "run_id": 2}

    with pytest.raises(sa.exc.IntegrityError), writing(engine) as db:
        db.execute(sa.insert(table).values(values))


def test_nobody_asks_for_what_is_running(engine: Engine, connection_id: int) -> None:
    take(engine, ask(engine, connection_id))

    with pytest.raises(PullRunning) as refusal:
        ask(engine, connection_id)

    assert refusal.value.more == {"run_id": 1}


def test_who_asks_for_what_waits_has_it_at_once(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)
    lease = take(engine, run)
    assert lease
    later = datetime.now(UTC) + LEASE
    note(engine, lease, state=RunState.WAITING, due_at=later)
    assert take(engine, run) is None

    assert ask(engine, connection_id).run_id == run.run_id

    assert take(engine, run)


def test_a_run_whose_lease_ran_out_is_seen_and_taken_over(
    engine: Engine, connection_id: int
) -> None:
    run = ask(engine, connection_id)
    first = take(engine, run, "one")
    assert first
    let_lease_run_out(engine)
    now = datetime.now(UTC)
    with reading(engine) as db:
        assert [each.state_at(now) for each in list_takeable_runs(db, now)] == ["stuck"]

    second = take(engine, run, "two")

    assert second
    assert note(engine, first, stream="partners") is None
    noted = note(engine, second, stream="journals")
    assert noted
    assert (noted.stream, noted.worker, noted.failure_count) == ("journals", "two", 1)
    assert (noted.call_count, noted.milliseconds_in_odoo) == (2, 30)  # of the holder alone


def test_who_was_late_and_not_replaced_goes_on(engine: Engine, connection_id: int) -> None:
    lease = take(engine, ask(engine, connection_id))
    assert lease
    let_lease_run_out(engine)

    assert note(engine, lease, lease_until=datetime.now(UTC) + LEASE)

    with reading(engine) as db:
        assert list_takeable_runs(db, datetime.now(UTC)) == []


def test_what_waits_is_cancelled_at_once(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)

    assert cancel(engine, run).state == RunState.CANCELLED

    assert take(engine, run) is None
    assert ask(engine, connection_id).run_id == 2


def test_what_is_stuck_is_cancelled_at_once(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)
    lease = take(engine, run)
    let_lease_run_out(engine)

    assert cancel(engine, run).state == RunState.CANCELLED

    assert lease
    assert note(engine, lease) is None


def test_what_runs_is_cancelled_by_its_worker(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)
    lease = take(engine, run)
    assert lease

    assert cancel(engine, run).state == RunState.RUNNING

    noted = note(engine, lease)
    assert noted
    assert noted.cancel_asked_at


def test_what_has_ended_is_not_cancelled(engine: Engine, connection_id: int) -> None:
    run = ask(engine, connection_id)
    cancelled = cancel(engine, run)

    with pytest.raises(PullEnded):
        cancel(engine, run)

    assert newest_run(engine) == cancelled


@pytest.mark.parametrize("end", [RunState.SUCCEEDED, RunState.FAILED])
def test_what_its_worker_ends_at_the_same_moment_is_not_cancelled(
    engine: Engine, connection_id: int, end: RunState
) -> None:
    run = ask(engine, connection_id)
    lease = take(engine, run)
    assert lease

    cancelled = cancel_while(engine, run, lease, state=end, finished_at=datetime.now(UTC))

    with pytest.raises(PullEnded):
        cancelled.result()
    assert (newest_run(engine).state, newest_run(engine).cancel_asked_at) == (end, None)


def test_what_its_worker_puts_back_at_the_same_moment_is_cancelled_at_once(
    engine: Engine, connection_id: int
) -> None:
    run = ask(engine, connection_id)
    lease = take(engine, run)
    assert lease

    cancelled = cancel_while(engine, run, lease, state=RunState.WAITING, lease_until=None)

    assert cancelled.result() == newest_run(engine)
    assert newest_run(engine).state == RunState.CANCELLED
    assert newest_run(engine).finished_at


def cancel_while(engine: Engine, run: PullRun, lease: Lease, **values: object) -> Future[PullRun]:
    """Somebody cancels the run when its worker has noted this, which is not yet to be seen."""
    with ThreadPoolExecutor() as threads, writing(engine) as db:
        update_held_run(db, lease, Cost(2, 30), **values)
        cancelled = threads.submit(cancel, engine, run)
        time.sleep(WHILE_SECONDS)
    return cancelled


def test_a_connection_that_is_deleted_takes_its_runs_along(
    engine: Engine, config: Config, connection_id: int
) -> None:
    other_id = add_pulled_connection(engine, config, "globex")
    run, kept = ask(engine, connection_id), ask(engine, other_id)
    lease = take(engine, run)
    assert lease

    with writing(engine) as db:
        delete_connection(db, connection_id)

    assert note(engine, lease) is None
    assert newest_run(engine, "globex") == kept
    with pytest.raises(NotFound):
        cancel(engine, run)


def test_the_newest_runs_come_first(engine: Engine, connection_id: int) -> None:
    for _ in range(3):
        cancel(engine, ask(engine, connection_id, AskedBy.SCHEDULE))

    with reading(engine) as db:
        assert [run.run_id for run in list_runs(db, connection_id, limit=2)] == [3, 2]
        assert [run.run_id for run in list_runs(db, connection_id, limit=2, before_id=2)] == [1]
    with writing(engine) as db:
        assert ask_for_run(db, connection_id, AskedBy.HAND, datetime.now(UTC)).asked_by == "hand"
