"""One pull by one worker, of servers that are dead or no Odoo; real Odoos are in tests/odoo."""

import xmlrpc.client
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Engine
from structlog.testing import capture_logs

from receiver.config import Config
from receiver.db.connections.connections import get_connection_by_id
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import PullRun, RunState, cancel_run, take_run
from receiver.db.tables import odoo_accesses
from receiver.errors import NotAnOdoo
from receiver.jobs.lease import (
    LEASE,
    CancelAsked,
    HeldRun,
    LeaseLost,
    WorkerStopping,
)
from receiver.jobs.run import FIRST_WAIT, MOST_FAILURES, Worker, run_pull
from receiver.pull.run import Run
from receiver.pull.transport.http import Server
from tests.receiver.batches import lines_of
from tests.receiver.pull.servers import HOST, Reply, closed_port, serving
from tests.receiver.pulled_connections import (
    add_pulled_connection,
    ask,
    let_lease_run_out,
    let_wait_pass,
    newest_run,
)
from tests.receiver.records import record_of

WRONG_KEY = xmlrpc.client.dumps(xmlrpc.client.Fault(3, "Access Denied")).encode()


@pytest.fixture
def config(config: Config) -> Config:
    """Lets the worker go to servers of the test."""
    return replace(config, allow_private_addresses=True)


@pytest.fixture
def worker(engine: Engine, config: Config) -> Worker:
    return Worker("one", engine, config, Event())


def pull_from(worker: Worker, url: str) -> PullRun:
    connection_id = add_pulled_connection(worker.engine, worker.config, url=url)
    ask(worker.engine, connection_id)
    return pull_again(worker)


def pull_again(worker: Worker) -> PullRun:
    run = newest_run(worker.engine)
    ended = run_pull(worker, run.connection_id, run.run_id)
    assert ended
    return ended


def held(worker: Worker) -> HeldRun:
    ask(worker.engine, add_pulled_connection(worker.engine, worker.config))
    return taken(worker)


def taken(worker: Worker) -> HeldRun:
    run, now = newest_run(worker.engine), datetime.now(UTC)
    with writing(worker.engine) as db:
        lease = take_run(db, (run.connection_id, run.run_id), worker.name, now, now + LEASE)
    assert lease
    return HeldRun(worker.engine, lease, worker.stopping)


@pytest.fixture
def url() -> Iterator[str]:
    """A server that answers."""
    with serving({"/": Reply(200, b"answer")}) as url:
        yield url


def call(run: HeldRun, url: str) -> bytes:
    return Server(url, allow_private=True, heard=run.count_call).get("/").body


def test_a_dead_server_is_tried_again_later_each_time(worker: Worker) -> None:
    waits = []
    run = pull_from(worker, f"http://{HOST}:{closed_port()}")
    for _ in range(MOST_FAILURES - 1):
        assert (run.state, run.failure_code) == (RunState.WAITING, "odoo_unreachable")
        waits.append(round((run.due_at - datetime.now(UTC)) / FIRST_WAIT))
        assert run_pull(worker, run.connection_id, run.run_id) is None  # it is not due
        let_wait_pass(worker.engine)
        run = pull_again(worker)

    assert waits == [1, 2, 4, 8]
    assert (run.state, run.failure_code) == (RunState.FAILED, "odoo_unreachable")
    assert run.finished_at
    assert run.failure
    assert run.failure.startswith("No connection to Odoo's server")


def test_what_a_person_must_mend_ends_the_run_with_its_sentence(worker: Worker) -> None:
    with serving({}) as url:
        run = pull_from(worker, url)

    assert (run.state, run.failure_code) == (RunState.FAILED, "not_an_odoo")
    assert run.failure == str(NotAnOdoo())
    assert run.why == NotAnOdoo().sentence


def test_a_refused_key_is_sent_once(worker: Worker) -> None:
    with serving({"/xmlrpc/2/common": Reply(200, WRONG_KEY)}) as url:
        run = pull_from(worker, url)

    assert (run.state, run.failure_code) == (RunState.FAILED, "wrong_odoo_key")


def test_what_is_asked_to_log_in_is_counted_too(worker: Worker) -> None:
    """Which is what holds the run for longer: an Odoo may take its time for that."""
    with serving({"/xmlrpc/2/common": Reply(200, WRONG_KEY)}) as url:
        run = pull_from(worker, url)

    assert run.call_count == 3  # three ways in are tried, the last of them refuses


def test_a_key_of_another_installation_says_so(worker: Worker, engine: Engine) -> None:
    of_another_key = replace(worker.config, secret_key=Fernet.generate_key().decode())
    ask(engine, add_pulled_connection(engine, of_another_key))

    run = pull_again(worker)

    assert (run.state, run.failure_code) == (RunState.FAILED, "misconfigured")


def test_a_mistake_of_ours_fails_without_its_message(worker: Worker, engine: Engine) -> None:
    ask(engine, add_pulled_connection(engine, worker.config))
    with writing(engine) as db:
        db.execute(sa.update(odoo_accesses).values(company_ids="one"))

    with capture_logs() as logs:
        run = pull_again(worker)

    assert (run.state, run.failure_code) == (RunState.FAILED, "internal_error")
    assert "'one'" not in str(run.failure)
    assert [(each["event"], each["run_id"]) for each in logs] == [("pull failed", run.run_id)]


def test_what_an_attempt_before_has_brought_is_counted_in_the_end(
    worker: Worker, engine: Engine
) -> None:
    first = held(worker)
    first.renew()
    with reading(engine) as db:
        connection = get_connection_by_id(db, first.lease.connection_id)
    brought = lines_of("partners", [record_of("partners", id=7)])
    Run(engine, connection, lambda _progress: None).store(STREAMS_BY_NAME["partners"], brought)
    first.put_back(datetime.now(UTC))

    second = taken(worker)
    second.renew()
    second.end(RunState.SUCCEEDED)

    assert newest_run(engine).record_count == 1


def test_a_run_that_loses_each_worker_fails_in_the_end(worker: Worker) -> None:
    run = held(worker).lease
    for _ in range(MOST_FAILURES - 1):
        let_lease_run_out(worker.engine)
        now = datetime.now(UTC)
        with writing(worker.engine) as db:
            assert take_run(db, (run.connection_id, run.run_id), "dies", now, now + LEASE)
    let_lease_run_out(worker.engine)

    ended = pull_again(worker)

    assert (ended.state, ended.failure_code) == (RunState.FAILED, "worker_lost")


def test_a_worker_that_is_told_to_end_leaves_the_run_to_the_next(worker: Worker) -> None:
    worker.stopping.set()

    run = pull_from(worker, f"http://{HOST}:{closed_port()}")

    assert (run.state, run.failure_count, run.failure) == (RunState.WAITING, 0, None)
    assert run.due_at <= datetime.now(UTC)


def test_a_cancelled_run_ends_at_its_next_call(worker: Worker) -> None:
    run = held(worker)
    run.renew()
    with writing(worker.engine) as db:
        cancel_run(db, run.lease.connection_id, run.lease.run_id, datetime.now(UTC))

    with pytest.raises(CancelAsked):
        run.renew()


def test_a_run_that_was_cancelled_and_lost_is_cancelled_by_the_next_worker(
    worker: Worker,
) -> None:
    run = held(worker)
    with writing(worker.engine) as db:
        cancel_run(db, run.lease.connection_id, run.lease.run_id, datetime.now(UTC))
    let_lease_run_out(worker.engine)

    assert pull_again(worker).state == RunState.CANCELLED


def test_who_lost_the_lease_gets_no_answer_to_write(worker: Worker, url: str) -> None:
    run = held(worker)
    let_lease_run_out(worker.engine)
    now = datetime.now(UTC)
    with writing(worker.engine) as db:
        take_run(db, (run.lease.connection_id, run.lease.run_id), "two", now, now + LEASE)

    with pytest.raises(LeaseLost):
        call(run, url)
    with pytest.raises(LeaseLost):
        run.end(RunState.SUCCEEDED)

    assert newest_run(worker.engine).worker == "two"


def test_each_call_holds_the_run_for_longer_and_is_counted(worker: Worker, url: str) -> None:
    run = held(worker)
    let_lease_run_out(worker.engine)

    assert call(run, url) == b"answer"

    noted = newest_run(worker.engine)
    assert noted.call_count == 1
    assert noted.lease_until
    assert noted.lease_until - datetime.now(UTC) > LEASE - timedelta(minutes=1)


def test_a_call_is_followed_by_the_end_of_the_worker(worker: Worker, url: str) -> None:
    run = held(worker)
    worker.stopping.set()

    with pytest.raises(WorkerStopping):
        call(run, url)
