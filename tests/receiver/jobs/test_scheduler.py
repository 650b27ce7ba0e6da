"""What a worker finds: pulls that are due by their schedules, and runs that nobody is at."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import update_pull_schedule
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import AskedBy, PullRun, RunState, list_runs, list_takeable_runs
from receiver.db.pull.workers import is_worker_seen_since
from receiver.jobs.run import Worker, run_pull
from receiver.jobs.scheduler import ask_for_due_pulls
from receiver.monitoring.pulls import Pulls, find_pulls
from tests.receiver.pulled_connections import (
    add_pulled_connection,
    ask,
    let_an_hour_pass,
    let_lease_run_out,
    newest_run,
    take_newest,
)


@pytest.fixture
def worker(engine: Engine, config: Config) -> Worker:
    return Worker("one", engine, config, Event())


def found(worker: Worker) -> list[tuple[int, int]]:
    return [(run.connection_id, run.run_id) for run in look(worker)]


def look(worker: Worker) -> list[PullRun]:
    """As the worker does: first at the schedules, then for what can be taken."""
    ask_for_due_pulls(worker)
    with reading(worker.engine) as db:
        return list_takeable_runs(db, datetime.now(UTC))


def pulls_of(engine: Engine, name: str = "acme") -> Pulls:
    with reading(engine) as db:
        pulls = find_pulls(db, get_connection(db, name), datetime.now(UTC))
    assert pulls
    return pulls


def test_a_new_connection_is_pulled_at_once(worker: Worker, acme: ConnectionKey) -> None:
    """One that pushes is not."""
    connection_id = add_pulled_connection(worker.engine, worker.config, "globex")

    assert found(worker) == [(connection_id, 1)]

    assert newest_run(worker.engine, "globex").asked_by == AskedBy.SCHEDULE


def test_a_second_look_asks_for_no_second_pull(worker: Worker) -> None:
    connection_id = add_pulled_connection(worker.engine, worker.config)

    assert found(worker) == found(worker) == [(connection_id, 1)]


def test_what_runs_is_left_alone_until_its_lease_runs_out(worker: Worker) -> None:
    connection_id = add_pulled_connection(worker.engine, worker.config)
    look(worker)
    take_newest(worker.engine)

    assert found(worker) == []

    let_lease_run_out(worker.engine)
    assert found(worker) == [(connection_id, 1)]


def test_the_next_pull_comes_when_its_time_has_come(worker: Worker) -> None:
    connection_id = add_pulled_connection(worker.engine, worker.config)
    ask(worker.engine, connection_id)
    take_newest(worker.engine, RunState.SUCCEEDED)
    next_at = pulls_of(worker.engine).next_at
    assert next_at
    assert timedelta(0) < next_at - datetime.now(UTC) <= timedelta(hours=1)
    assert found(worker) == []

    let_an_hour_pass(worker.engine)

    assert found(worker) == [(connection_id, 2)]


def test_without_a_schedule_nobody_pulls(worker: Worker) -> None:
    connection_id = add_pulled_connection(worker.engine, worker.config)
    with writing(worker.engine) as db:
        update_pull_schedule(db, connection_id, 0)

    assert found(worker) == []

    assert pulls_of(worker.engine).next_at is None


@pytest.mark.parametrize("code", ["wrong_odoo_key", "refused_by_odoo_online"])
def test_a_refused_key_is_not_tried_again_until_somebody_asks(worker: Worker, code: str) -> None:
    """Odoo 14 and 15 shut out whoever tries ten times."""
    connection_id = add_pulled_connection(worker.engine, worker.config)
    ask(worker.engine, connection_id)
    take_newest(worker.engine, RunState.FAILED, failure_code=code)
    let_an_hour_pass(worker.engine)

    assert found(worker) == []
    assert pulls_of(worker.engine).is_paused

    ask(worker.engine, connection_id)
    take_newest(worker.engine, RunState.SUCCEEDED)
    let_an_hour_pass(worker.engine)
    assert found(worker) == [(connection_id, 3)]


def test_another_failure_does_not_stop_the_schedule(worker: Worker) -> None:
    connection_id = add_pulled_connection(worker.engine, worker.config)
    ask(worker.engine, connection_id)
    take_newest(worker.engine, RunState.FAILED, failure_code="missing_permissions")
    let_an_hour_pass(worker.engine)

    assert found(worker) == [(connection_id, 2)]


def test_connections_of_one_rhythm_have_moments_of_their_own(worker: Worker) -> None:
    names = [f"connection-{number}" for number in range(5)]
    for name in names:
        ask(worker.engine, add_pulled_connection(worker.engine, worker.config, name))

    assert len({pulls_of(worker.engine, name).next_at for name in names}) > 1
    assert pulls_of(worker.engine, names[0]) == pulls_of(worker.engine, names[0])


def test_a_worker_is_seen_when_it_looks_and_while_it_works(worker: Worker) -> None:
    add_pulled_connection(worker.engine, worker.config)
    assert not pulls_of(worker.engine).is_worker_seen

    run = look(worker)[0]

    assert pulls_of(worker.engine).is_worker_seen
    later = datetime.now(UTC) + timedelta(minutes=1)
    take_newest(worker.engine)
    with reading(worker.engine) as db:
        assert is_worker_seen_since(db, later, later)
    let_lease_run_out(worker.engine)
    with reading(worker.engine) as db:
        assert not is_worker_seen_since(db, later, later)
    with reading(worker.engine) as db:
        assert len(list_runs(db, run.connection_id, limit=10)) == 1


def test_a_job_that_comes_twice_does_nothing_the_second_time(worker: Worker) -> None:
    run = ask(worker.engine, add_pulled_connection(worker.engine, worker.config))
    take_newest(worker.engine, RunState.SUCCEEDED)

    assert run_pull(worker, run.connection_id, run.run_id) is None
