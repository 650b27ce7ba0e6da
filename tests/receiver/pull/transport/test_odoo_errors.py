"""What an Odoo's exceptions mean; nothing of a traceback comes through."""

import pytest

from receiver import errors
from receiver.pull.transport.odoo_errors import exception_in, named, never_saying

TRACEBACK = """Traceback (most recent call last):
  File "/odoo/http.py", line 1, in dispatch
    result = method()
  File "/odoo/models.py", line 2, in read
    raise ValueError("secret: of Acme")
{last}
"""


@pytest.mark.parametrize(
    ("exception", "error"),
    [
        ("odoo.exceptions.AccessDenied", errors.WrongOdooKey),
        ("werkzeug.exceptions.Unauthorized", errors.WrongOdooKey),
        ("odoo.exceptions.AccessError", errors.MissingPermissions),
        ("werkzeug.exceptions.Forbidden", errors.MissingPermissions),
        ("odoo.exceptions.UserError", errors.OdooCallRefused),
        ("odoo.exceptions.MissingError", errors.OdooCallRefused),
        ("werkzeug.exceptions.NotFound", errors.OdooCallRefused),
        ("werkzeug.exceptions.TooManyRequests", errors.OdooRateLimited),
        ("psycopg2.OperationalError", errors.OdooServerError),
        ("builtins.ValueError", errors.OdooServerError),
        ("", errors.OdooServerError),
        ("not a name\nat all", errors.OdooServerError),
    ],
)
def test_each_exception_has_its_error(exception: str, error: type[errors.MonitrError]) -> None:
    found = named(exception, "Not this\nway")

    assert type(found) is error
    assert ("Odoo says: Not this way." in str(found)) is is_for_people(error)
    assert ("Not this" in str(found)) is is_for_people(error)
    assert "\n" not in str(found)


def is_for_people(error: type[errors.MonitrError]) -> bool:
    """What Odoo refuses on purpose, it says why."""
    return issubclass(error, errors.MissingPermissions | errors.OdooCallRefused)


@pytest.mark.parametrize("exception", ["odoo.exceptions.AccessError", "odoo.exceptions.UserError"])
def test_no_traceback_is_said(exception: str) -> None:
    message = TRACEBACK.format(last="odoo.exceptions.UserError: Not this way")

    assert "secret" not in str(named(exception, message))
    assert "Odoo says" not in str(named(exception, message))


def test_a_long_message_is_cut() -> None:
    said = str(named("odoo.exceptions.UserError", "Not this way. " * 1000))

    assert "Not this way. Not this way" in said
    assert len(said) < 600


def test_words_with_the_key_in_them_are_not_said() -> None:
    with pytest.raises(errors.OdooCallRefused) as refusal, never_saying("key-of-acme"):
        raise named("odoo.exceptions.UserError", "You sent key-of-acme")

    assert str(refusal.value) == errors.default_text(errors.OdooCallRefused)


def test_other_words_are() -> None:
    with pytest.raises(errors.OdooCallRefused, match="Not this way"), never_saying("key-of-acme"):
        raise named("odoo.exceptions.UserError", "Not this way")


def test_too_many_wrong_logins_are_no_wrong_key() -> None:
    message = "Too many login failures, please wait a bit before trying again."

    assert type(named("odoo.exceptions.AccessDenied", message)) is errors.OdooRateLimited


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ("ValueError: secret: of Acme", "ValueError"),
        ("psycopg2.OperationalError: FATAL:  database is gone\n\n", "psycopg2.OperationalError"),
        ("KeyError", "KeyError"),
        ("ValueError: a line\nand another", "ValueError"),
    ],
)
def test_it_finds_the_exception_of_a_traceback(last: str, name: str) -> None:
    assert exception_in(TRACEBACK.format(last=last)) == name


@pytest.mark.parametrize("text", ["", "no traceback at all", "\n\n"])
def test_there_may_be_none(text: str) -> None:
    assert exception_in(text) == ""
