"""What is checked and then done holds when several do it at once.

Each race begins on a barrier and is run MONITR_TEST_RACES times (20 if not given), for who comes
first differs.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial, wraps
from threading import Barrier
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import (
    Starter,
    create_structure,
    rename_structure,
)
from receiver.config import Config
from receiver.db.connections.connections import delete_connection, get_connection
from receiver.db.connections.odoo_accesses import save_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_positions import PullPosition, save_position
from receiver.db.pull.pull_runs import AskedBy, ask_for_run
from receiver.db.tables import (
    api_tokens,
    connections,
    odoo_accesses,
    one_time_codes,
    pull_positions,
    pull_runs,
    sessions,
    structures,
    users,
)
from receiver.db.users.tokens import insert_token
from receiver.db.users.users import (
    Role,
    User,
    deactivate_user,
    delete_user,
    get_user,
    insert_user,
    list_users,
    lock_user,
    set_roles,
    update_administrator,
    update_email,
)
from receiver.errors import LastAdministrator, NameTaken, NotFound, WrongCode, WrongSignIn
from receiver.pairing import add_connection, rotate_connection
from receiver.sign_in import (
    change_password,
    find_or_make_user,
    make_first_administrator,
    new_password_code,
    new_setup_code,
    set_password_by_code,
    start_session,
)
from tests.receiver.stored_rows import ODOO_ACCESS
from tests.receiver.web.pages.conftest import PASSWORD, Browser, signed_in

ROUNDS = int(os.environ.get("MONITR_TEST_RACES") or 20)
CROWD = 6
NOW = datetime.now(UTC)

Given = TypeVar("Given")
Act = Callable[[Database], object]


def repeated(race: Callable[..., None]) -> Callable[..., None]:
    """The race, again and again; after each there is acme alone, as if nothing had been."""

    @wraps(race)
    def rounds(**fixtures: Any) -> None:
        for _ in range(ROUNDS):
            race(**fixtures)
            empty(fixtures["engine"])

    return rounds


def empty(engine: Engine) -> None:
    with writing(engine) as db:
        for table in (users, one_time_codes, api_tokens, structures, pull_runs):
            db.execute(sa.delete(table))
        for table in (odoo_accesses, pull_positions):
            db.execute(sa.delete(table))
        db.execute(sa.delete(connections).where(connections.c.name != "acme"))


def at_once(*actions: Callable[[], Given]) -> list[Given]:
    """What each of them gave, all begun together."""
    barrier = Barrier(len(actions))

    def act(action: Callable[[], Given]) -> Given:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


def ends_of(engine: Engine, *acts: Act) -> list[type[Exception] | None]:
    """How these ended that began together, each in its own transaction: None where well."""

    def end_of(act: Act) -> type[Exception] | None:
        try:
            with writing(engine) as db:
                act(db)
        except Exception as error:
            return type(error)
        return None

    return at_once(*(lambda a=act: end_of(a) for act in acts))  # type: ignore[misc]


def crowd(act: Callable[[Database, int], object]) -> list[Act]:
    """The same by many, each of whom knows their number."""
    return [lambda db, n=number: act(db, n) for number in range(CROWD)]  # type: ignore[misc]


def count(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def made(engine: Engine, name: str, *, is_administrator: bool = False) -> User:
    with writing(engine) as db:
        return insert_user(db, name, NOW, is_administrator=is_administrator)


def setup_code(engine: Engine) -> str:
    with writing(engine) as db:
        return new_setup_code(db, NOW) or ""


@repeated
def test_a_setup_code_makes_one_administrator(engine: Engine) -> None:
    code = setup_code(engine)

    ends = ends_of(
        engine,
        *crowd(lambda db, n: make_first_administrator(db, code, f"user{n}", PASSWORD, NOW)),
    )

    assert (ends.count(None), ends.count(WrongCode)) == (1, CROWD - 1)
    assert count(engine, users) == 1


@repeated
def test_a_password_link_works_once(engine: Engine) -> None:
    anna = made(engine, "anna")
    with writing(engine) as db:
        code = new_password_code(db, anna, NOW)

    ends = ends_of(engine, *crowd(lambda db, _: set_password_by_code(db, code, PASSWORD, NOW)))

    assert (ends.count(None), ends.count(WrongCode)) == (1, CROWD - 1)


@repeated
def test_of_set_up_codes_made_at_once_one_is_valid(engine: Engine) -> None:
    ends = ends_of(engine, *crowd(lambda db, _: new_setup_code(db, NOW)))

    assert set(ends) == {None}
    assert count(engine, one_time_codes) == 1


@repeated
def test_of_password_links_made_at_once_one_is_valid(engine: Engine) -> None:
    anna = made(engine, "anna")

    ends = ends_of(engine, *crowd(lambda db, _: new_password_code(db, anna, NOW)))

    assert set(ends) == {None}
    assert count(engine, one_time_codes) == 1


@pytest.mark.parametrize(
    "take_away",
    [
        lambda db, user: update_administrator(db, user, False),
        lambda db, user: deactivate_user(db, user, NOW),
        delete_user,
    ],
    ids=["demoted", "deactivated", "deleted"],
)
@repeated
def test_an_administrator_is_left_of_two_who_take_each_other_away(
    engine: Engine, take_away: Callable[[Database, User], None]
) -> None:
    anna, emil = (made(engine, name, is_administrator=True) for name in ("anna", "emil"))

    ends = ends_of(engine, lambda db: take_away(db, emil), lambda db: take_away(db, anna))

    assert (ends.count(None), ends.count(LastAdministrator)) == (1, 1)
    with reading(engine) as db:
        left = [each for each in list_users(db) if each.is_administrator]
    assert [each.deactivated_at for each in left].count(None) == 1


@pytest.mark.parametrize(
    "name_it",
    [
        lambda db, config, n: insert_user(db, "anna", NOW),
        lambda db, config, n: insert_user(db, f"anna{n}", NOW, email="anna@acme.example"),
        lambda db, config, n: update_email(db, get_user(db, f"user{n}"), "anna@acme.example"),
        lambda db, config, n: add_connection(db, config, "initech", NOW),
        lambda db, config, n: insert_token(db, "mine", f"token {n}", None, NOW),
        lambda db, config, n: create_structure(db, acme_id(db), Starter("empty", "new"), NOW),
        lambda db, config, n: rename_structure(db, acme_id(db), n + 1, "new"),
    ],
    ids=["user", "address", "new address", "connection", "token", "structure", "new name"],
)
@repeated
def test_a_name_is_given_once(
    engine: Engine,
    config: Config,
    acme: ConnectionKey,
    name_it: Callable[[Database, Config, int], object],
) -> None:
    with writing(engine) as db:
        for number in range(CROWD):
            insert_user(db, f"user{number}", NOW)
            create_structure(db, acme_id(db), Starter("empty", f"old {number}"), NOW)

    ends = ends_of(engine, *crowd(lambda db, n: name_it(db, config, n)))

    assert (ends.count(None), ends.count(NameTaken)) == (1, CROWD - 1)


def acme_id(db: Database) -> int:
    return get_connection(db, "acme").id


@repeated
def test_who_is_vouched_for_twice_at_once_is_one_user(engine: Engine, config: Config) -> None:
    config = replace(config, sign_in_makes_users=True)

    ends = ends_of(
        engine, *crowd(lambda db, _: find_or_make_user(db, config, "anna@acme.example", NOW))
    )

    assert set(ends) == {None}
    assert count(engine, users) == 1


@pytest.mark.parametrize(
    "shut_out",
    [
        lambda db, user: change_password(db, user, PASSWORD, None),
        lambda db, user: deactivate_user(db, user, NOW),
    ],
    ids=["other password", "deactivated"],
)
@repeated
def test_no_session_is_left_of_who_signs_in_while_being_shut_out(
    engine: Engine, shut_out: Callable[[Database, User], None]
) -> None:
    anna = made(engine, "anna")

    def shut_anna_out() -> None:
        with writing(engine) as db:
            shut_out(db, anna)

    def sign_in_until_refused() -> None:
        with suppress(WrongSignIn):
            for _ in range(1000):
                with writing(engine) as db:
                    start_session(db, anna, NOW)

    at_once(shut_anna_out, *[sign_in_until_refused] * 3)

    assert count(engine, sessions) == 0


@repeated
def test_what_belongs_to_something_deleted_meanwhile_finds_it_gone(
    engine: Engine, config: Config
) -> None:
    anna = made(engine, "anna")
    with writing(engine) as db:
        add_connection(db, config, "initech", NOW)
        initech = get_connection(db, "initech")

    ends = ends_of(
        engine,
        lambda db: delete_connection(db, initech.id),
        lambda db: delete_user(db, anna),
        lambda db: rotate_connection(db, config, "initech", NOW),
        lambda db: insert_token(db, "mine", "token", initech.id, NOW),
        lambda db: set_roles(db, lock_user(db, "anna").id, {initech.id: Role.VIEWER}),
        lambda db: new_password_code(db, anna, NOW),
    )

    assert ends[:2] == [None, None]
    assert set(ends) <= {None, NotFound}


@pytest.mark.parametrize(
    "store",
    [
        lambda db: save_odoo_access(db, acme_id(db), ODOO_ACCESS),
        lambda db: save_position(db, acme_id(db), PullPosition("accounts", "", NOW, None, None)),
        lambda db: ask_for_run(db, acme_id(db), AskedBy.HAND, NOW),
        lambda db: set_roles(db, lock_user(db, "anna").id, {acme_id(db): Role.VIEWER}),
    ],
    ids=["access", "position", "run", "role"],
)
@repeated
def test_what_is_stored_by_several_at_once_is_stored(
    engine: Engine, acme: ConnectionKey, store: Act
) -> None:
    made(engine, "anna")

    assert set(ends_of(engine, *[store] * CROWD)) == {None}


class TestForms:
    """The same by the front door."""

    def test_six_first_administrators_are_one(self, app: Flask, engine: Engine) -> None:
        code = setup_code(engine)
        form = {"code": code, "password": PASSWORD}
        browsers = [Browser(app.test_client()) for _ in range(CROWD)]

        answers = at_once(
            *(
                partial(each.post, "/first-administrator", form | {"name": f"user{number}"})
                for number, each in enumerate(browsers)
            )
        )

        assert sorted(each.status_code for each in answers) == [303] + [422] * (CROWD - 1)
        assert sum(each.is_signed_in() for each in browsers) == 1

    def test_a_password_link_used_six_times_lets_one_in(self, app: Flask, engine: Engine) -> None:
        anna = made(engine, "anna")
        with writing(engine) as db:
            path = "/set-password/" + new_password_code(db, anna, NOW)
        browsers = [Browser(app.test_client()) for _ in range(CROWD)]

        answers = at_once(*(partial(each.post, path, {"password": PASSWORD}) for each in browsers))

        assert sorted(each.status_code for each in answers) == [303] + [403] * (CROWD - 1)
        assert sum(each.is_signed_in() for each in browsers) == 1

    def test_six_users_of_one_name_are_one(self, app: Flask, engine: Engine) -> None:
        made(engine, "emil", is_administrator=True)
        browsers = [signed_in(app, "emil") for _ in range(CROWD)]

        answers = at_once(
            *(partial(each.post, "/users/new", {"name": "anna"}) for each in browsers)
        )

        assert sorted(each.status_code for each in answers) == [200] + [422] * (CROWD - 1)
