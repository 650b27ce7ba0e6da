"""Behind the gear: keys, rhythm, removing, deleting; and who may."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import find_odoo_access, update_pull_schedule
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import RunState
from receiver.db.users.tokens import insert_token
from receiver.errors import GoneFromSight
from tests.receiver.connection_with_everything import (
    fill_every_table,
    rows_of_connections,
    send_one_of_everything,
)
from tests.receiver.pulled_connections import add_pulled_connection, ask, newest_run, take_newest
from tests.receiver.signed import post_hello
from tests.receiver.stored_rows import row_counts
from tests.receiver.web.pages.conftest import Browser
from tests.receiver.web.pages.integrations.test_integrations import key_on

SETTINGS = "/connections/acme/settings"
ACTIONS = ("sync", "let-go", "cancel", "schedule", "closings", "connection-key", "remove", "delete")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_changes_nothing(bob: Browser, engine: Engine, action: str) -> None:
    before = row_counts(engine)

    assert bob.get(SETTINGS).status_code == 403
    assert bob.post(f"/connections/acme/{action}", {"name": "acme"}).status_code == 403
    assert row_counts(engine) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_of_what_one_may_not_see_nothing_is_said(
    carol: Browser, globex: ConnectionKey, action: str
) -> None:
    assert carol.get(SETTINGS).status_code == 200
    assert carol.get("/connections/globex/settings").status_code == 404
    assert carol.post(f"/connections/globex/{action}", {"name": "globex"}).status_code == 404


def test_a_replaced_key_takes_over_at_its_first_use(
    carol: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    assert post_hello(client, acme).status_code == 200

    key = key_on(carol.post("/connections/acme/connection-key").text)

    assert "Waiting for Odoo" in carol.get("/connections/acme/contact").text
    assert post_hello(client, acme).status_code == 200
    assert "Waiting for Odoo" in carol.get("/connections/acme/contact").text
    assert post_hello(client, key).status_code == 200
    assert "Odoo was heard" in carol.get("/connections/acme/contact").text
    assert post_hello(client, acme).status_code == 401


def test_removing_lets_nothing_in_and_keeps_what_came(
    carol: Browser, client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_hello(client, acme)
    before = row_counts(engine)

    assert carol.post("/connections/acme/remove").status_code == 303

    assert row_counts(engine) == before
    assert post_hello(client, acme).status_code == 401
    assert "Not connected" in carol.get("/integrations").text


@pytest.mark.parametrize("typed", ["", "Acme", "globex", "<b>acme</b>"])
def test_it_deletes_nothing_where_the_name_is_not_typed(
    carol: Browser, engine: Engine, typed: str
) -> None:
    before = row_counts(engine)

    answer = carol.post("/connections/acme/delete", {"name": typed})

    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert row_counts(engine) == before


def test_an_odoo_that_is_read_is_read_now_and_the_pull_is_cancelled(
    anna: Browser, engine: Engine, config: Config
) -> None:
    add_pulled_connection(engine, config)

    assert "Sync now" in anna.get(SETTINGS).text
    anna.post("/connections/acme/sync")
    assert newest_run(engine).state == RunState.WAITING
    assert "Cancel the pull" in anna.get(SETTINGS).text
    anna.post("/connections/acme/cancel")

    assert newest_run(engine).state == RunState.CANCELLED
    anna.post("/connections/acme/cancel")
    assert "ended already" in anna.get(SETTINGS).text


def test_what_is_read_already_is_not_read_twice(
    anna: Browser, engine: Engine, config: Config
) -> None:
    ask(engine, add_pulled_connection(engine, config))
    take_newest(engine)

    anna.post("/connections/acme/sync")

    assert "is being pulled already" in anna.get(SETTINGS).text


def test_letting_go_is_offered_where_the_last_pull_found_something_hidden(
    anna: Browser, engine: Engine, config: Config
) -> None:
    ask(engine, add_pulled_connection(engine, config))
    assert "Let go of what is hidden" not in anna.get(SETTINGS).text
    failure = {"failure_code": GoneFromSight.code, "failure": "Record 7 is hidden."}
    take_newest(engine, RunState.FAILED, **failure)

    shown = anna.get(SETTINGS).text
    anna.post("/connections/acme/let-go")

    assert "Let go of what is hidden" in shown
    assert "Record 7 is hidden." in shown
    assert newest_run(engine).run_id == 2
    assert "what is hidden from the user is removed here" in anna.get(SETTINGS).text
    take_newest(engine, RunState.SUCCEEDED)
    assert "Let go of what is hidden" not in anna.get(SETTINGS).text
    anna.post("/connections/acme/let-go")
    assert "nothing to let go of" in anna.get(SETTINGS).text


def test_an_odoo_that_pushes_is_not_read(anna: Browser, acme: ConnectionKey) -> None:
    assert anna.post("/connections/acme/sync").status_code == 404
    assert anna.post("/connections/acme/schedule", {"rhythm": "15"}).status_code == 404


@pytest.mark.parametrize(("rhythm", "minutes"), [("15", 15), ("0", 0), ("-1", 60), ("x", 60)])
def test_the_rhythm_is_one_of_those_offered(
    anna: Browser, engine: Engine, config: Config, rhythm: str, minutes: int
) -> None:
    add_pulled_connection(engine, config)

    answer = anna.post("/connections/acme/schedule", {"rhythm": rhythm})

    assert (answer.status_code == 422) is (minutes == 60)
    with reading(engine) as db:
        access = find_odoo_access(db, get_connection(db, "acme").id)
    assert access
    assert access.pull_every_minutes == minutes


def test_a_rhythm_that_was_set_elsewhere_can_be_kept(
    anna: Browser, engine: Engine, config: Config
) -> None:
    connection_id = add_pulled_connection(engine, config)
    with writing(engine) as db:
        update_pull_schedule(db, connection_id, 30)

    assert '<option value="30" selected>' in anna.get(SETTINGS).text
    assert anna.post("/connections/acme/schedule", {"rhythm": "30"}).status_code == 303


def test_deleting_leaves_no_row_of_it_in_any_table(
    carol: Browser, client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    fill_every_table(client, engine, acme)
    with writing(engine) as db:
        acme_id = get_connection(db, "acme").id
        insert_token(db, "acme-reader", "a token", acme_id, datetime.now(UTC))
    assert all(rows_of_connections(engine).values())

    answer = carol.post("/connections/acme/delete", {"name": "acme"})

    assert answer.status_code == 303
    assert not any(rows_of_connections(engine).values())


def test_deleting_touches_no_other_connection(
    anna: Browser, client: FlaskClient, globex: ConnectionKey, engine: Engine, config: Config
) -> None:
    send_one_of_everything(client, globex)
    before = row_counts(engine)
    add_pulled_connection(engine, config)

    anna.post("/connections/acme/delete", {"name": "acme"})

    assert row_counts(engine) == before


def test_removing_an_odoo_that_is_read_ends_its_pulls_and_forgets_the_key(
    anna: Browser, engine: Engine, config: Config
) -> None:
    ask(engine, add_pulled_connection(engine, config))

    anna.post("/connections/acme/remove")

    assert newest_run(engine).state == RunState.CANCELLED
    with reading(engine) as db:
        assert find_odoo_access(db, get_connection(db, "acme").id) is None
    assert "Not connected" in anna.get("/integrations").text
