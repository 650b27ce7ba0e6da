"""How all connections stand: the same as each alone, in as many queries as one takes."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import list_connections
from receiver.db.engine import reading
from receiver.db.pull.pull_runs import RunState
from receiver.monitoring.connection_status import Care, Way, find_standing, list_standings
from receiver.monitoring.health import State
from tests.receiver.connection_with_everything import send_one_of_everything
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest


@pytest.fixture
def pulled(engine: Engine, config: Config) -> None:
    """hooli: its first pull succeeded, the second failed, the third waits."""
    connection_id = add_pulled_connection(engine, config, "hooli")
    for end in (RunState.SUCCEEDED, RunState.FAILED):
        ask(engine, connection_id)
        take_newest(engine, end, name="hooli")
    ask(engine, connection_id)


def test_all_together_stand_as_each_alone(
    client: FlaskClient,
    acme: ConnectionKey,
    globex: ConnectionKey,
    pulled: None,
    engine: Engine,
) -> None:
    send_one_of_everything(client, acme)
    now = datetime.now(UTC)

    with reading(engine) as db:
        connections = list_connections(db)
        together = list_standings(db, connections, now)
        alone = [find_standing(db, each, now) for each in connections]

    assert together == alone
    by_name = {each.connection.name: each for each in together}
    assert by_name["acme"].proof
    assert by_name["acme"].companies
    assert (by_name["globex"].proof, by_name["globex"].companies) == (None, [])
    assert [each.way for each in together] == [Way.PUSH, Way.PUSH, Way.PULL]


def test_the_runs_of_a_pull_are_told_apart(pulled: None, engine: Engine) -> None:
    with reading(engine) as db:
        [standing] = list_standings(db, list_connections(db), datetime.now(UTC))

    pulls = standing.pulls
    assert pulls
    assert pulls.newest
    assert pulls.last_ended
    assert (pulls.newest.run_id, pulls.newest.state) == (3, "waiting")
    assert (pulls.last_ended.run_id, pulls.last_ended.state) == (2, "failed")
    assert standing.succeeded_at == pulls.succeeded_at is not None


def test_a_pull_that_failed_is_failing_even_where_it_is_late_too(
    pulled: None, engine: Engine
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=80)

    with reading(engine) as db:
        [standing] = list_standings(db, list_connections(db), later)

    assert standing.health.state is State.LATE
    assert standing.care is Care.FAILING
