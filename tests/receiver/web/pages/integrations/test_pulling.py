"""Reading an Odoo with an API key: who may, what is wrong at which field, where the key goes."""

import re

import pytest
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import find_odoo_access
from receiver.db.engine import reading
from receiver.db.users.users import User, get_user
from receiver.pull.transport.login import Access
from receiver.web.pages.integrations import sealed_credentials
from receiver.web.pages.integrations.sealed_credentials import seal, unseal
from tests.receiver.pulled_connections import API_KEY, add_pulled_connection
from tests.receiver.stored_rows import row_counts
from tests.receiver.web.pages.conftest import Browser

PULL = "/integrations/odoo/odoo-online/pull"
VALUES = {
    "name": "acme",
    "url": "https://192.168.0.1",
    "database": "acme",
    "username": "accountant@acme.example",
    "api_key": "very-secret-7b2c",
}
ACCESS = Access("https://192.168.0.1", "acme", "accountant@acme.example", "very-secret-7b2c")
SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture
def user(anna: Browser, engine: Engine) -> User:
    """anna."""
    with reading(engine) as db:
        return get_user(db, "anna")


def field_in_error(page: str) -> str:
    found = re.search(r'<small id="(\w+)-error"', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    "path",
    [PULL, PULL + "/choice", "/connections/acme/odoo", "/connections/acme/odoo/choice"],
)
def test_a_viewer_connects_nothing(bob: Browser, engine: Engine, path: str) -> None:
    before = row_counts(engine)

    assert bob.post(path, VALUES).status_code == 403
    assert bob.post("/connections/acme/api-key", VALUES).status_code == 403
    assert row_counts(engine) == before


def test_of_a_connection_one_may_not_see_nothing_is_said(
    carol: Browser, globex: ConnectionKey
) -> None:
    for path in ("odoo", "odoo/choice", "api-key"):
        assert carol.post(f"/connections/globex/{path}", VALUES).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "javascript:alert(1)"),
        ("url", "https://192.168.0.1"),  # private, and this receiver does not go there
        ("url", SCRIPT),
        ("username", ""),
        ("api_key", ""),
        ("api_key", "ключ"),
        ("name", "a b"),
        ("name", SCRIPT),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    anna: Browser, engine: Engine, field: str, value: str
) -> None:
    before = row_counts(engine)

    answer = anna.post(PULL, {**VALUES, field: value})

    assert answer.status_code == 422
    assert field_in_error(answer.text) == field
    assert SCRIPT not in answer.text
    assert VALUES["api_key"] not in answer.text
    assert row_counts(engine) == before


def test_a_taken_name_is_said_before_odoo_is_asked(anna: Browser, acme: ConnectionKey) -> None:
    answer = anna.post(PULL, VALUES)

    assert answer.status_code == 422
    assert field_in_error(answer.text) == "name"


@pytest.mark.parametrize("draft", ["", "nonsense", "\N{SNOWMAN}", "gAAAAA" + "A" * 200])
def test_a_draft_that_was_not_sealed_here_connects_nothing(
    anna: Browser, engine: Engine, draft: str
) -> None:
    before = row_counts(engine)

    answer = anna.post(PULL + "/choice", {"draft": draft, "company_ids": "1"})

    assert answer.status_code == 422
    assert "Enter the values again" in answer.text
    assert row_counts(engine) == before


def test_a_draft_opens_for_its_user_alone(config: Config, user: User, bob: Browser) -> None:
    sealed = seal(config, user, "acme", ACCESS)

    assert ACCESS.api_key not in sealed
    assert unseal(config, user, sealed) == ("acme", ACCESS)
    assert unseal(config, User(**{**vars(user), "id": user.id + 1}), sealed) is None


def test_a_draft_is_worth_nothing_after_half_an_hour(
    config: Config, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = seal(config, user, "acme", ACCESS)

    monkeypatch.setattr(sealed_credentials, "VALID_SECONDS", -1)

    assert unseal(config, user, sealed) is None


def test_a_stored_secret_is_no_draft(config: Config, user: User) -> None:
    assert unseal(config, user, config.encrypt("an API key")) is None
    assert unseal(config, user, config.encrypt('{"user_id": 1}')) is None


def test_a_draft_for_one_connection_changes_no_other(
    anna: Browser, user: User, config: Config, acme: ConnectionKey, engine: Engine
) -> None:
    sealed = seal(config, user, "globex", ACCESS)

    answer = anna.post("/connections/acme/odoo/choice", {"draft": sealed, "company_ids": "1"})

    assert answer.status_code == 422
    assert "Enter the values again" in answer.text
    with reading(engine) as db:
        assert find_odoo_access(db, get_connection(db, "acme").id) is None


def test_the_stored_key_never_comes_back(anna: Browser, engine: Engine, config: Config) -> None:
    add_pulled_connection(engine, config)

    for path in ("odoo", "api-key", "settings", "onboarding"):
        page = anna.get(f"/connections/acme/{path}")
        assert page.status_code == 200
        assert API_KEY not in page.text
    assert "https://acme.odoo.com" in anna.get("/connections/acme/odoo").text


def test_a_key_that_does_not_do_leaves_the_old_one(
    anna: Browser, engine: Engine, config: Config
) -> None:
    add_pulled_connection(engine, config, url="https://192.168.0.1")

    answer = anna.post("/connections/acme/api-key", {"api_key": "another"})

    assert answer.status_code == 422
    assert field_in_error(answer.text) == "api_key"
    with reading(engine) as db:
        access = find_odoo_access(db, get_connection(db, "acme").id)
    assert access
    assert config.decrypt(access.encrypted_api_key) == API_KEY


def test_changing_to_push_forgets_the_api_key(
    anna: Browser, engine: Engine, config: Config
) -> None:
    add_pulled_connection(engine, config)

    assert 'id="key"' in anna.post("/connections/acme/connection-key").text

    with reading(engine) as db:
        assert find_odoo_access(db, get_connection(db, "acme").id) is None
    assert "Pushed by the addon" in anna.get("/integrations").text
