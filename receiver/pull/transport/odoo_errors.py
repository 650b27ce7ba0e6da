"""What an Odoo's own errors mean. Nothing of its traceback is kept; of its message, where it is one
for people, its first words.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from receiver.errors import (
    MissingPermissions,
    MonitrError,
    OdooCallRefused,
    OdooRateLimited,
    OdooServerError,
    WrongOdooKey,
)

TOO_MANY = "Too many login failures"
REFUSALS = {"UserError", "ValidationError", "MissingError", "RedirectWarning", "NotFound"}
REFUSALS |= {"UnprocessableEntity", "BadRequest"}
# Letters alone, but for the 2 of psycopg2: a hostile server could send the key back as a name.
NAME = re.compile(r"(?:[a-z_]+2?\.){0,4}[A-Z][A-Za-z]{0,60}")
TRACEBACK = "Traceback (most recent call last)"
MOST_WORDS = 500  # characters of a message
LAST_LINE = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)


def named(exception: str, message: str) -> MonitrError:
    """The error for an exception of Odoo, such as ``odoo.exceptions.AccessError``."""
    name = exception if NAME.fullmatch(exception) else ""
    kind = name.rpartition(".")[2]
    if TOO_MANY in message or kind == "TooManyRequests":
        return OdooRateLimited()
    if kind in ("AccessDenied", "Unauthorized"):
        return WrongOdooKey()
    if kind in ("AccessError", "Forbidden"):
        return _missing_permissions(_words(message))
    if kind in REFUSALS:
        return _refused(kind, _words(message))
    return _inside(name) if name else OdooServerError()


def _missing_permissions(words: str) -> MissingPermissions:
    """Odoo itself names the model, and the groups that may read it."""
    if not words:
        return MissingPermissions()
    return MissingPermissions(
        "Missing permissions: the user may not read all that is needed. Odoo says: %(words)s Ask"
        " your Odoo administrator to give the user this right, or Accountant access.",
        words=words,
    )


def _refused(exception: str, words: str) -> OdooCallRefused:
    if not words:
        return OdooCallRefused(
            "Odoo refused a call that should work (%(exception)s).", exception=exception
        )
    return OdooCallRefused(
        "Odoo refused a call that should work (%(exception)s). Odoo says: %(words)s",
        exception=exception,
        words=words,
    )


def _words(message: str) -> str:
    """On one line, as a sentence that another may follow; empty where it is none for people."""
    if TRACEBACK in message:
        return ""
    printable = "".join(char if char.isprintable() else " " for char in message)
    words = " ".join(printable.split())
    if len(words) > MOST_WORDS:
        return f"{words[:MOST_WORDS]}…"
    return words if not words or words[-1] in ".!?" else f"{words}."


@contextmanager
def never_saying(secret: str) -> Iterator[None]:
    """A hostile server could send the key back in its words: then none of them is kept."""
    try:
        yield
    except MonitrError as error:
        if secret in str(error):
            raise type(error)() from None
        raise


def _inside(exception: str) -> OdooServerError:
    error = OdooServerError(
        "Odoo's server failed inside while it answered (%(exception)s). Its log says more; try"
        " again later.",
        exception=exception,
    )
    error.more = {"odoo_exception": exception}
    return error


def exception_in(traceback: str) -> str:
    """The name of the exception that a traceback ends with, or an empty text."""
    names = LAST_LINE.findall(traceback.rpartition('\n  File "')[2])
    return str(names[-1]) if names else ""
