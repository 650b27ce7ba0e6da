"""/account: language, password, and every session."""

from flask import Flask

from receiver.sign_in import FAILURES_OF_BOTH
from tests.receiver.web.pages.conftest import PASSWORD, Browser, signed_in

NEW = "another long password"


def test_a_new_password_ends_the_other_sessions(app: Flask, anna: Browser) -> None:
    other = signed_in(app, "anna")

    answer = anna.post("/account/password", {"old_password": PASSWORD, "password": NEW})

    assert answer.status_code == 303
    assert anna.is_signed_in()
    assert not other.is_signed_in()
    assert other.sign_in("anna", NEW).status_code == 303


def test_it_wants_the_present_password(anna: Browser) -> None:
    answer = anna.post("/account/password", {"old_password": "wrong", "password": NEW})

    assert answer.status_code == 422
    assert 'id="old_password-error"' in answer.text


def test_signing_out_everywhere_ends_every_session(app: Flask, anna: Browser) -> None:
    other = signed_in(app, "anna")

    anna.post("/account/sign-out-everywhere")

    assert not anna.is_signed_in()
    assert not other.is_signed_in()


def test_the_language_is_kept_with_the_user(app: Flask, anna: Browser) -> None:
    anna.post("/account/language", {"language": "nl"})

    assert '<html lang="nl">' in signed_in(app, "anna").get("/").text


def test_an_unknown_language_changes_nothing(anna: Browser) -> None:
    anna.post("/account/language", {"language": "tlh"})

    assert '<html lang="en">' in anna.get("/").text


def test_guessing_the_present_password_is_paused_as_signing_in_is(anna: Browser) -> None:
    for _ in range(FAILURES_OF_BOTH):
        assert anna.post("/account/password", {"old_password": "wrong"}).status_code == 422

    answer = anna.post("/account/password", {"old_password": PASSWORD, "password": NEW})

    assert answer.status_code == 429
    assert "Try again in 15 minutes." in answer.text
    assert anna.sign_in("anna").status_code == 429
