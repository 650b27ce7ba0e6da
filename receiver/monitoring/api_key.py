"""An API key that an Odoo is read with, as people are told of it: when it ends, what more it opens.

Of a user with several keys Odoo does not say which is in use: the first that ends is meant.
"""

from collections.abc import Sequence
from datetime import datetime

from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.messages import Sentence, Value

WARNING_DAYS = 14
LABELS = {
    "account.move": Sentence("journal entries"),
    "account.account": Sentence("accounts"),
    "res.partner": Sentence("contacts"),
    "res.users": Sentence("users"),
    "ir.module.module": Sentence("apps"),
}
FOR_ADMINISTRATORS = {"res.users", "ir.module.module"}
LEAST = Sentence(
    'One that may only read has "Read-only" as right in Accounting (without Enterprise: "Show'
    ' Accounting Features - Readonly", shown in developer mode) and "Analytic Accounting".'
)

ANALYTIC = Sentence(
    'the rights "Analytic Accounting" and, where there is one, "Analytic Accounting Tags"'
)


def days_left(access: OdooAccess, now: datetime) -> int | None:
    """Whole days, less than 0 once it has ended; None where it never ends or nothing is known."""
    return (access.key_expires_at - now).days if access.key_expires_at else None


def describe_key(access: OdooAccess, now: datetime) -> str:
    """Describe a key as a list shows it: "12 days", "expired", "no end" or "unknown"."""
    days = days_left(access, now)
    if days is None:
        return "no end" if access.key_count else "unknown"
    if days < 0:
        return "expired"
    return "1 day" if days == 1 else f"{days} days"


def describe_privileges(username: str, writable: str) -> Sentence | None:
    """What the user may do beyond reading, and whether to mind; None where it is nothing."""
    models = writable.split(",") if writable else []
    if not models:
        return None
    listed = _listed([LABELS[model] for model in models])
    values: dict[str, Value] = {"username": username, "records": listed, "least": LEAST}
    if FOR_ADMINISTRATORS & {*models}:
        return Sentence(
            "The user %(username)s may change %(records)s in Odoo, and a lost key would open that"
            " to others. Give Monitr a user of its own. %(least)s",
            values,
        )
    return Sentence(
        "The user %(username)s may also change %(records)s, as accountants may; Monitr only reads."
        " %(least)s",
        values,
    )


def describe_left_out(username: str) -> Sentence:
    return Sentence(
        "Analytic plans, accounts and items are left out, and on Odoo 14 and 15 what tags"
        " distribute of journal items: the user %(username)s may not read them."
        " To have them too, ask your Odoo administrator to give this user %(wanted)s.",
        {"username": username, "wanted": ANALYTIC},
    )


def _listed(words: Sequence[Sentence]) -> Sentence:
    *before, last = words
    if not before:
        return last
    return Sentence("%(one)s and %(other)s", {"one": tuple(before), "other": last})
