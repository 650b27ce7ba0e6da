"""/users: for administrators of everything, and nobody else."""

import re

import pytest
from flask import Flask
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.engine import reading
from receiver.db.users.users import Role, get_user, list_roles
from tests.receiver.web.pages.conftest import PASSWORD, Browser, add_user


@pytest.mark.parametrize("path", ["/users", "/users/new", "/users/anna"])
def test_others_may_not_see_it(bob: Browser, carol: Browser, path: str) -> None:
    assert bob.get(path).status_code == 403
    assert carol.get(path).status_code == 403


def test_others_may_not_change_anything(engine: Engine, bob: Browser) -> None:
    answer = bob.post("/users/bob/roles", {"is_administrator": "yes"})

    assert answer.status_code == 403
    with reading(engine) as db:
        assert not get_user(db, "bob").is_administrator


def test_a_new_user_sets_the_password_by_the_link(anna: Browser, browser: Browser) -> None:
    page = anna.post("/users/new", {"name": "dora", "email": "Dora@acme.example"}).text
    link = re.search(r'value="https://monitr\.example\.com(/set-password/[^"]+)"', page)
    assert link

    browser.post(link[1], {"password": PASSWORD})

    assert browser.is_signed_in()
    assert link[1] not in anna.get("/users/dora").text


@pytest.mark.parametrize(
    ("ticked", "is_administrator"), [({"is_administrator": "yes"}, True), ({}, False)]
)
def test_a_new_user_is_an_administrator_where_somebody_says_so(
    engine: Engine, anna: Browser, ticked: dict[str, str], is_administrator: bool
) -> None:
    anna.post("/users/new", {"name": "dora", **ticked})

    with reading(engine) as db:
        assert get_user(db, "dora").is_administrator == is_administrator


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "anna"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "dora", "email": "dora"}, "email"),
        ({"name": "dora", "email": "taken@acme.example"}, "email"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(
    engine: Engine, anna: Browser, form: dict[str, str], field: str
) -> None:
    add_user(engine, "emil", email="taken@acme.example")

    answer = anna.post("/users/new", form)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_an_e_mail_address_is_stored_later(engine: Engine, anna: Browser, bob: Browser) -> None:
    answer = anna.post("/users/bob/email", {"email": "Bob@acme.example"})

    assert answer.status_code == 303
    with reading(engine) as db:
        assert get_user(db, "bob").email == "bob@acme.example"
    assert anna.post("/users/bob/email", {"email": "bob@acme.example"}).status_code == 303
    assert anna.post("/users/bob/email", {"email": ""}).status_code == 303
    with reading(engine) as db:
        assert get_user(db, "bob").email is None


@pytest.mark.parametrize("email", ["bob", "taken@acme.example"])
def test_it_says_at_the_field_what_is_wrong_with_the_address(
    engine: Engine, anna: Browser, bob: Browser, email: str
) -> None:
    add_user(engine, "emil", email="taken@acme.example")

    answer = anna.post("/users/bob/email", {"email": email})

    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    with reading(engine) as db:
        assert get_user(db, "bob").email is None


def test_a_name_that_is_an_address_is_the_address(engine: Engine, anna: Browser) -> None:
    anna.post("/users/new", {"name": "Dora@acme.example"})

    with reading(engine) as db:
        assert get_user(db, "Dora@acme.example").email == "dora@acme.example"


def test_roles_are_stored_for_each_connection(
    engine: Engine, anna: Browser, bob: Browser, globex: ConnectionKey
) -> None:
    with reading(engine) as db:
        user = get_user(db, "bob")
        ((acme_id, _),) = list_roles(db, user.id).items()

    anna.post("/users/bob/roles", {f"role-{acme_id}": "administrator", "role-999": "viewer"})

    with reading(engine) as db:
        assert list_roles(db, user.id) == {acme_id: Role.ADMINISTRATOR}


def test_who_is_deactivated_is_out_until_let_in_again(anna: Browser, bob: Browser) -> None:
    anna.post("/users/bob/deactivate")
    assert bob.sign_in("bob").status_code == 422

    anna.post("/users/bob/reactivate")

    assert bob.sign_in("bob").status_code == 303


def test_a_deleted_user_is_gone(anna: Browser, bob: Browser) -> None:
    anna.post("/users/bob/delete")

    assert anna.get("/users/bob").status_code == 404
    assert not bob.is_signed_in()


@pytest.mark.parametrize("change", ["roles", "deactivate", "delete"])
def test_the_last_administrator_stays(anna: Browser, change: str) -> None:
    answer = anna.post(f"/users/anna/{change}")

    assert answer.status_code == 409
    assert "Make another user an administrator first." in answer.text
    assert anna.get("/users").status_code == 200


def test_two_administrators_may_do_without_one(app: Flask, engine: Engine, anna: Browser) -> None:
    add_user(engine, "emil", is_administrator=True)

    assert anna.post("/users/anna/delete").status_code == 303
