"""Letting go of what is hidden: where the last pull stopped for it, and nowhere else."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import PullRun, RunState
from receiver.errors import GoneFromSight, MissingPermissions, NothingHidden, PullRunning
from receiver.jobs.letting_go import let_go_of_hidden
from tests.receiver.pulled_connections import add_pulled_connection, ask, newest_run, take_newest


@pytest.fixture
def connection_id(engine: Engine, config: Config) -> int:
    return add_pulled_connection(engine, config)


def let_go(engine: Engine) -> PullRun:
    with writing(engine) as db:
        return let_go_of_hidden(db, get_connection(db, "acme"), datetime.now(UTC))


def lets_go(engine: Engine, connection_id: int) -> bool:
    with reading(engine) as db:
        return get_odoo_access(db, connection_id, "acme").lets_go


def pull_fails(engine: Engine, connection_id: int, failure_code: str) -> None:
    ask(engine, connection_id)
    take_newest(engine, RunState.FAILED, failure_code=failure_code)


def test_the_next_pull_lets_go(engine: Engine, connection_id: int) -> None:
    pull_fails(engine, connection_id, GoneFromSight.code)

    run = let_go(engine)

    assert (run.run_id, run.state, run.asked_by) == (2, RunState.WAITING, "hand")
    assert lets_go(engine, connection_id)


@pytest.mark.parametrize("failure_code", [None, MissingPermissions.code])
def test_without_anything_hidden_there_is_nothing_to_let_go_of(
    engine: Engine, connection_id: int, failure_code: str | None
) -> None:
    if failure_code:
        pull_fails(engine, connection_id, failure_code)

    with pytest.raises(NothingHidden):
        let_go(engine)

    assert not lets_go(engine, connection_id)


@pytest.mark.usefixtures("acme")
def test_of_an_odoo_that_pushes_nothing_is_hidden_from_a_pull(engine: Engine) -> None:
    with pytest.raises(NothingHidden):
        let_go(engine)


def test_a_pull_that_is_under_way_does_not_let_go(engine: Engine, connection_id: int) -> None:
    pull_fails(engine, connection_id, GoneFromSight.code)
    ask(engine, connection_id)
    take_newest(engine)

    with pytest.raises(PullRunning):
        let_go(engine)

    assert newest_run(engine).run_id == 2
    assert not lets_go(engine, connection_id)
