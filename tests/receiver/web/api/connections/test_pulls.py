"""/v1/connections/{name}/pulls: history and cost, progress, pull now, cancel."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import writing
from receiver.db.pull.pull_runs import Cost, RunState, cancel_run
from receiver.db.users.tokens import let_manage
from receiver.errors import GoneFromSight
from tests.receiver.pulled_connections import (
    add_pulled_connection,
    ask,
    let_lease_run_out,
    newest_run,
    take_newest,
)
from tests.receiver.web.conftest import reader_of

PULLS = "/v1/connections/acme/pulls"
LET_GO = "/v1/connections/acme/let-go"


@pytest.fixture
def connection_id(engine: Engine, config: Config) -> int:
    return add_pulled_connection(engine, config)


@pytest.fixture
def reader(app: Flask, engine: Engine, connection_id: int) -> FlaskClient:
    return reader_of(app, engine, "acme")


@pytest.fixture
def manager(reader: FlaskClient, engine: Engine) -> FlaskClient:
    with writing(engine) as db:
        let_manage(db, "acme's")
    return reader


def test_it_lists_the_pulls_with_their_cost_newest_first(
    reader: FlaskClient, engine: Engine, connection_id: int
) -> None:
    counts = {"record_count": 1_200, "written_count": 34, "deleted_count": 5}
    for _ in range(3):
        ask(engine, connection_id)
        take_newest(engine, RunState.SUCCEEDED, Cost(67, 8_900), **counts)

    page = reader.get(PULLS + "?limit=2").get_json()

    assert [pull["run_id"] for pull in page["pulls"]] == [3, 2]
    cost = {"call_count": 67, "seconds_in_odoo": 8.9}
    assert page["pulls"][0].items() >= {**counts, **cost}.items()
    assert (page["every_minutes"], page["is_paused"]) == (60, False)
    assert page["next_at"] > datetime.now(UTC).isoformat()
    rest = reader.get(f"{PULLS}?limit=2&cursor={page['next_cursor']}").get_json()
    assert [pull["run_id"] for pull in rest["pulls"]] == [1]
    assert rest["next_cursor"] is None


def test_it_shows_how_far_a_pull_is(
    reader: FlaskClient, engine: Engine, connection_id: int
) -> None:
    progress = {"what": "everything", "stream": "partners", "done_count": 7, "expected_count": 9}
    ask(engine, connection_id)
    take_newest(engine, **progress)

    shown = reader.get(PULLS + "/newest").get_json()

    assert shown.items() >= {**progress, "state": "running", "asked_by": "hand"}.items()
    assert shown["seconds"] >= 0
    assert reader.get(PULLS + "/1").get_json()["stream"] == "partners"
    let_lease_run_out(engine)
    assert reader.get(PULLS + "/1").get_json()["state"] == "stuck"


@pytest.mark.parametrize("run_id", ["newest", "1", "0", "-1", "first", "9" * 40, "%00"])
def test_it_knows_no_pull_where_there_was_none(reader: FlaskClient, run_id: str) -> None:
    assert reader.get(f"{PULLS}/{run_id}").status_code == 404


def test_a_connection_that_pushes_has_no_pulls(
    acme_reader: FlaskClient, acme: ConnectionKey
) -> None:
    answer = acme_reader.get(PULLS)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_a_token_of_another_connection_sees_and_does_nothing(
    globex_reader: FlaskClient, engine: Engine, connection_id: int
) -> None:
    ask(engine, connection_id)
    with writing(engine) as db:
        let_manage(db, "globex's")

    answers = [
        globex_reader.get(PULLS),
        globex_reader.get(PULLS + "/newest"),
        globex_reader.post(PULLS),
        globex_reader.post(LET_GO),
        globex_reader.post(PULLS + "/newest/cancel"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert newest_run(engine).cancel_asked_at is None


def test_a_token_that_may_only_read_starts_and_cancels_nothing(
    reader: FlaskClient, engine: Engine, connection_id: int
) -> None:
    ask(engine, connection_id)

    assert reader.post(PULLS).status_code == 403
    assert reader.post(LET_GO).status_code == 403
    assert reader.post(PULLS + "/newest/cancel").status_code == 403

    assert newest_run(engine).cancel_asked_at is None


def test_pull_now(manager: FlaskClient, engine: Engine) -> None:
    answer = manager.post(PULLS)

    assert answer.status_code == 202
    assert answer.get_json().items() >= {"run_id": 1, "state": "waiting"}.items()
    assert newest_run(engine).asked_by == "hand"


def test_pull_now_says_where_one_is_running(
    manager: FlaskClient, engine: Engine, connection_id: int
) -> None:
    ask(engine, connection_id)
    take_newest(engine)

    answer = manager.post(PULLS)

    assert answer.status_code == 409
    assert answer.get_json().items() >= {"code": "pull_running", "run_id": 1}.items()


def test_let_go_of_what_is_hidden(manager: FlaskClient, engine: Engine, connection_id: int) -> None:
    ask(engine, connection_id)
    refused = manager.post(LET_GO)
    take_newest(engine, RunState.FAILED, failure_code=GoneFromSight.code)

    answer = manager.post(LET_GO)

    assert (refused.status_code, refused.get_json()["code"]) == (409, "nothing_hidden")
    assert answer.status_code == 202
    assert answer.get_json().items() >= {"run_id": 2, "state": "waiting"}.items()


def test_cancel(manager: FlaskClient, engine: Engine, connection_id: int) -> None:
    ask(engine, connection_id)
    take_newest(engine)

    answer = manager.post(PULLS + "/newest/cancel")

    assert answer.status_code == 200
    assert answer.get_json()["cancel_asked_at"]
    assert answer.get_json()["state"] == "running"  # until its worker looks


def test_cancel_of_what_has_ended(manager: FlaskClient, engine: Engine, connection_id: int) -> None:
    ask(engine, connection_id)
    with writing(engine) as db:
        cancel_run(db, connection_id, 1, datetime.now(UTC))

    answer = manager.post(PULLS + "/1/cancel")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "pull_ended")


def test_the_health_of_the_connection_comes_from_its_pulls(
    reader: FlaskClient, engine: Engine, connection_id: int
) -> None:
    ask(engine, connection_id)
    take_newest(engine, RunState.FAILED, failure_code="not_an_odoo", failure="It is no Odoo.")

    health = reader.get("/v1/connections/acme/health").get_json()

    assert health["state"] == "failing"
    assert [reason["code"] for reason in health["reasons"]] == ["pull_failed", "no_worker"]
