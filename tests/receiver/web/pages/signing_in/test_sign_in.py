"""/sign-in, /sign-out, /first-administrator and /set-password."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import Engine
from structlog.testing import capture_logs

from receiver.db.engine import reading, writing
from receiver.db.tables import metadata, sessions
from receiver.db.users.failed_sign_ins import count_attempt
from receiver.db.users.users import deactivate_user, get_user
from receiver.sign_in import (
    FAILURES_OF_A_BROWSER,
    FAILURES_OF_A_NAME,
    FAILURES_OF_A_PROXY,
    FAILURES_OF_AN_ADDRESS,
    FAILURES_OF_BOTH,
    HASH_OF_NOBODY,
    PAUSE,
    hash_password,
    new_password_code,
    new_setup_code,
)
from tests.receiver.configs import SECRET_KEY
from tests.receiver.web.pages.conftest import PASSWORD, SECURE, Browser, add_user, signed_in

KNOWN = "__Host-monitr-known"


def setup_code(engine: Engine) -> str:
    with writing(engine) as db:
        code = new_setup_code(db, datetime.now(UTC))
    assert code
    return code


def password_path(engine: Engine, name: str, now: datetime | None = None) -> str:
    with writing(engine) as db:
        code = new_password_code(db, get_user(db, name), now or datetime.now(UTC))
    return f"/set-password/{code}"


class TestFirstAdministrator:
    def test_the_start_asks_for_one_where_nobody_can_sign_in(self, browser: Browser) -> None:
        assert browser.get("/", follow_redirects=True).request.path == "/first-administrator"

    def test_it_makes_the_administrator_and_signs_them_in(
        self, browser: Browser, engine: Engine
    ) -> None:
        form = {"code": setup_code(engine), "name": "anna", "password": PASSWORD}

        assert browser.post("/first-administrator", form).status_code == 303

        assert browser.get("/users").status_code == 200

    def test_a_name_that_is_an_address_is_known_to_openid_connect(
        self, browser: Browser, engine: Engine
    ) -> None:
        name = "Anna@acme.example"
        form = {"code": setup_code(engine), "name": name, "password": PASSWORD}

        assert browser.post("/first-administrator", form).status_code == 303

        with reading(engine) as db:
            assert get_user(db, name).email == "anna@acme.example"

    def test_it_refuses_who_does_not_have_the_code(self, browser: Browser, engine: Engine) -> None:
        setup_code(engine)

        answer = browser.post(
            "/first-administrator", {"code": "guess", "name": "eve", "password": PASSWORD}
        )

        assert answer.status_code == 422
        assert 'id="code-error"' in answer.text
        assert not browser.is_signed_in()

    def test_it_makes_no_second_one(self, browser: Browser, engine: Engine) -> None:
        form = {"code": setup_code(engine), "name": "eve", "password": PASSWORD}
        add_user(engine, "anna", is_administrator=True)

        assert browser.post("/first-administrator", form).status_code == 422
        assert browser.get("/first-administrator").headers["Location"] == "/sign-in"

    @pytest.mark.parametrize(
        ("wrong", "field"), [({"password": "short"}, "password"), ({"name": "a b"}, "name")]
    )
    def test_it_says_at_the_field_what_is_wrong(
        self, browser: Browser, engine: Engine, wrong: dict[str, str], field: str
    ) -> None:
        form = {"code": setup_code(engine), "name": "anna", "password": PASSWORD, **wrong}

        answer = browser.post("/first-administrator", form)

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text


class TestSignIn:
    def test_it_leads_to_where_they_wanted_to_go(self, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna", is_administrator=True)

        first = browser.get("/users")
        answer = browser.post(first.headers["Location"], {"name": "anna", "password": PASSWORD})

        assert answer.headers["Location"] == "/users"

    @pytest.mark.parametrize(
        "next",
        ["https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil.example"],
    )
    def test_it_leads_nowhere_else(self, engine: Engine, browser: Browser, next: str) -> None:
        add_user(engine, "anna")

        answer = browser.post(f"/sign-in?next={next}", {"name": "anna", "password": PASSWORD})

        assert answer.headers["Location"] == "/"

    @pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD)])
    def test_it_says_the_same_whatever_was_wrong(
        self, engine: Engine, browser: Browser, name: str, password: str
    ) -> None:
        add_user(engine, "anna")

        answer = browser.sign_in(name, password)

        assert answer.status_code == 422
        assert "The name or the password is wrong." in answer.text
        assert not browser.is_signed_in()

    def test_it_pauses_after_too_many_failures_on_every_worker(
        self, engine: Engine, browser: Browser, app: Flask
    ) -> None:
        add_user(engine, "anna")
        for _ in range(FAILURES_OF_BOTH):
            assert browser.sign_in("anna", "wrong").status_code == 422

        other = Browser(app.test_client())
        answer = other.sign_in("anna", PASSWORD)

        assert answer.status_code == 429
        assert "Try again in 15 minutes." in answer.text
        add_user(engine, "bob")
        assert other.sign_in("bob").status_code == 303

    def test_success_ends_the_count(self, engine: Engine, browser: Browser, app: Flask) -> None:
        add_user(engine, "anna")
        for _ in range(2):
            for _ in range(FAILURES_OF_BOTH - 1):
                browser.sign_in("anna", "wrong")
            signed_in(app, "anna")

    def test_a_form_without_its_csrf_token_is_refused(
        self, engine: Engine, browser: Browser
    ) -> None:
        add_user(engine, "anna")
        form = {"name": "anna", "password": PASSWORD}

        answer = browser.client.post("/sign-in", base_url=SECURE, data=form)

        assert answer.status_code == 400
        assert not browser.is_signed_in()

    def test_the_cookie_is_bound_to_this_host_and_closed_to_scripts(
        self, engine: Engine, browser: Browser
    ) -> None:
        add_user(engine, "anna")

        cookies = browser.sign_in("anna").headers.getlist("Set-Cookie")

        assert {each.split("=")[0] for each in cookies} == {"__Host-monitr", KNOWN}
        for cookie in cookies:
            for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert word in cookie
            assert "Domain" not in cookie

    def test_neither_passwords_nor_session_ids_are_stored_as_they_are(
        self, engine: Engine, anna: Browser
    ) -> None:
        with anna.client.session_transaction(base_url=SECURE) as session:
            session_id = session["id"]
        with reading(engine) as db:
            stored = str([db.execute(t.select()).all() for t in metadata.tables.values()])

        assert session_id not in stored
        assert PASSWORD not in stored
        assert "$argon2id$" in stored


def fail(engine: Engine, subject: str, times: int) -> None:
    """As if so many had signed in in vain just now."""
    with writing(engine) as db:
        for _ in range(times):
            count_attempt(db, subject, datetime.now(UTC), PAUSE)


class TestKnownBrowser:
    def test_it_is_let_try_where_guesses_of_strangers_lock_the_name(
        self, app: Flask, engine: Engine, browser: Browser
    ) -> None:
        add_user(engine, "anna")
        browser.sign_in("anna")
        browser.post("/sign-out")

        fail(engine, "name anna", FAILURES_OF_A_NAME)

        assert Browser(app.test_client()).sign_in("anna").status_code == 429
        assert browser.sign_in("anna").status_code == 303

    def test_so_is_who_sets_a_password_by_a_link(self, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna")
        browser.post(password_path(engine, "anna"), {"password": PASSWORD})
        browser.post("/sign-out")

        fail(engine, "name anna", FAILURES_OF_A_NAME)

        assert browser.sign_in("anna").status_code == 303

    def test_it_may_change_the_password_then(self, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna")
        browser.sign_in("anna")
        fail(engine, "name anna", FAILURES_OF_A_NAME)

        form = {"old_password": PASSWORD, "password": "another long one"}

        assert browser.post("/account/password", form).status_code == 303

    def test_it_pauses_by_itself(self, app: Flask, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna")
        browser.sign_in("anna")
        browser.post("/sign-out")

        for _ in range(FAILURES_OF_A_BROWSER):
            assert browser.sign_in("anna", "wrong").status_code == 422

        assert browser.sign_in("anna").status_code == 429
        assert Browser(app.test_client()).sign_in("anna").status_code == 303

    def test_it_is_known_for_one_user(self, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna")
        add_user(engine, "eve")
        browser.sign_in("eve")
        browser.post("/sign-out")

        fail(engine, "name anna", FAILURES_OF_A_NAME)

        assert browser.sign_in("anna").status_code == 429

    @pytest.mark.parametrize(
        ("age", "purpose", "status"),
        [
            (timedelta(days=179), "known browser", 303),
            (timedelta(days=181), "known browser", 429),
            (timedelta(), "odoo draft", 429),
        ],
    )
    def test_what_it_keeps_is_sealed_and_ends(
        self, engine: Engine, browser: Browser, age: timedelta, purpose: str, status: int
    ) -> None:
        add_user(engine, "anna")
        fail(engine, "name anna", FAILURES_OF_A_NAME)
        with reading(engine) as db:
            values = {"user_id": get_user(db, "anna").id, "browser_id": "b", "purpose": purpose}
        made_at = int((datetime.now(UTC) - age).timestamp())
        sealed = Fernet(SECRET_KEY).encrypt_at_time(json.dumps(values).encode(), made_at)

        browser.client.set_cookie(KNOWN, sealed.decode(), domain="localhost", secure=True)

        assert browser.sign_in("anna").status_code == status

    def test_what_is_made_up_is_nothing(self, engine: Engine, browser: Browser) -> None:
        add_user(engine, "anna")
        fail(engine, "name anna", FAILURES_OF_A_NAME)

        browser.client.set_cookie(KNOWN, "made up", domain="localhost", secure=True)

        assert browser.sign_in("anna").status_code == 429


class TestUnlistedProxy:
    """X-Forwarded-For from an address that the settings do not trust."""

    def test_failures_of_one_leave_the_others_alone(self, app: Flask, engine: Engine) -> None:
        add_user(engine, "anna")
        eve, anna = behind(app, "198.51.100.1"), behind(app, "198.51.100.2")

        for number in range(FAILURES_OF_AN_ADDRESS + 1):
            answer = eve.sign_in(f"user{number}", "wrong")

        assert answer.status_code == 429
        assert anna.sign_in("anna").status_code == 303

    def test_who_makes_up_addresses_comes_to_an_end_too(self, app: Flask, engine: Engine) -> None:
        add_user(engine, "anna")
        fail(engine, "proxy 127.0.0.1", FAILURES_OF_A_PROXY)

        assert behind(app, "198.51.100.1").sign_in("anna").status_code == 429
        assert Browser(app.test_client()).sign_in("anna").status_code == 303

    def test_the_log_says_it_once(self, app: Flask, engine: Engine) -> None:
        add_user(engine, "anna")
        browser = behind(app, "198.51.100.1")
        # Of its own, for the log says it once in a process.
        proxy = {"sqlite": "203.0.113.98", "postgresql": "203.0.113.99"}[engine.dialect.name]
        browser.client.environ_base["REMOTE_ADDR"] = proxy

        with capture_logs() as logs:
            for _ in range(2):
                browser.sign_in("anna")

        told = [each for each in logs if "MONITR_TRUSTED_PROXIES" in each["event"]]
        assert [each["address"] for each in told] == [proxy]

    @pytest.mark.parametrize("path", ["/health/", "/users"])
    def test_administrators_are_told_on_the_page(self, anna: Browser, path: str) -> None:
        direct = anna.get(path).text
        anna.client.environ_base["HTTP_X_FORWARDED_FOR"] = "198.51.100.1"

        assert "a proxy at 127.0.0.1 that the setting MONITR_TRUSTED_PROXIES" in anna.get(path).text
        assert "MONITR_TRUSTED_PROXIES" not in direct

    def test_others_could_do_nothing_about_it(self, bob: Browser) -> None:
        bob.client.environ_base["HTTP_X_FORWARDED_FOR"] = "198.51.100.1"

        assert "MONITR_TRUSTED_PROXIES" not in bob.get("/health/").text


def behind(app: Flask, address: str) -> Browser:
    """A browser that comes by a proxy which says that this is its address."""
    browser = Browser(app.test_client())
    browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = address
    return browser


class TestSession:
    @pytest.mark.parametrize(
        ("column", "age", "is_alive"),
        [
            ("last_seen_at", timedelta(hours=11), True),
            ("last_seen_at", timedelta(hours=13), False),
            ("created_at", timedelta(days=6), True),
            ("created_at", timedelta(days=8), False),
        ],
    )
    def test_it_ends_when_it_is_old_or_idle(
        self, engine: Engine, anna: Browser, column: str, age: timedelta, is_alive: bool
    ) -> None:
        with writing(engine) as db:
            db.execute(sa.update(sessions).values({column: datetime.now(UTC) - age}))

        assert anna.is_signed_in() is is_alive

    def test_looking_keeps_it_alive(self, engine: Engine, anna: Browser) -> None:
        long_ago = datetime.now(UTC) - timedelta(hours=11)
        with writing(engine) as db:
            db.execute(sa.update(sessions).values(last_seen_at=long_ago))

        anna.get("/")

        with reading(engine) as db:
            assert db.scalar(sa.select(sessions.c.last_seen_at)) > long_ago + timedelta(hours=10)

    def test_signing_out_ends_it_for_a_kept_cookie_too(self, app: Flask, anna: Browser) -> None:
        thief = Browser(app.test_client())
        with anna.client.session_transaction(base_url=SECURE) as stolen:
            values = dict(stolen)
        with thief.client.session_transaction(base_url=SECURE) as session:
            session.update(values)
        assert thief.is_signed_in()

        anna.post("/sign-out")

        assert not anna.is_signed_in()
        assert not thief.is_signed_in()

    def test_a_deactivated_user_is_out_at_once(self, engine: Engine, bob: Browser) -> None:
        add_user(engine, "anna", is_administrator=True)
        with writing(engine) as db:
            deactivate_user(db, get_user(db, "bob"), datetime.now(UTC))

        assert not bob.is_signed_in()
        assert bob.sign_in("bob").status_code == 422


class TestPasswordLink:
    def test_it_sets_the_password_and_ends_every_session(
        self, engine: Engine, bob: Browser, browser: Browser
    ) -> None:
        path = password_path(engine, "bob")

        assert browser.post(path, {"password": "another long one"}).status_code == 303

        assert browser.is_signed_in()
        assert not bob.is_signed_in()
        assert bob.sign_in("bob", "another long one").status_code == 303

    def test_it_works_once(self, engine: Engine, bob: Browser, browser: Browser) -> None:
        path = password_path(engine, "bob")
        browser.post(path, {"password": "another long one"})

        answer = browser.post(path, {"password": "a third long one"})

        assert answer.status_code == 403
        assert "Ask for a new one." in answer.text

    def test_it_ends_with_a_change_of_the_password(
        self, engine: Engine, bob: Browser, browser: Browser
    ) -> None:
        path = password_path(engine, "bob")

        bob.post("/account/password", {"old_password": PASSWORD, "password": "another long one"})

        assert browser.get(path).status_code == 403

    def test_it_ends_with_a_deactivation_for_good(
        self, engine: Engine, anna: Browser, bob: Browser, browser: Browser
    ) -> None:
        path = password_path(engine, "bob")

        anna.post("/users/bob/deactivate")
        anna.post("/users/bob/reactivate")

        assert browser.get(path).status_code == 403

    def test_it_ends_after_three_days(self, engine: Engine, bob: Browser, browser: Browser) -> None:
        path = password_path(engine, "bob", datetime.now(UTC) - timedelta(days=3, minutes=1))

        assert browser.get(path).status_code == 403

    def test_it_asks_again_for_a_longer_one(
        self, engine: Engine, bob: Browser, browser: Browser
    ) -> None:
        path = password_path(engine, "bob")

        answer = browser.post(path, {"password": "short"})

        assert answer.status_code == 422
        assert re.search(r'id="password-error"[^>]*>The password is too short', answer.text)


def test_it_works_as_long_for_a_name_that_is_not_there() -> None:
    stored = hash_password(PASSWORD)

    assert extract_parameters(HASH_OF_NOBODY) == extract_parameters(stored)
    with pytest.raises(VerifyMismatchError):  # that was worked for, unlike what is no hash
        PasswordHasher().verify(HASH_OF_NOBODY, PASSWORD)
