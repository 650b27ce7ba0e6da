"""What an Odoo's own errors mean. Nothing of its traceback is kept, and little of its message."""

import re

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
        return MissingPermissions()
    if kind in REFUSALS:
        return OdooCallRefused(
            "Odoo refused a call that should work (%(exception)s).", exception=kind
        )
    return _inside(name) if name else OdooServerError()


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
