"""An API key that an Odoo is read with, as people are told of it: when it ends, what more it opens.

Of a user with several keys Odoo does not say which is in use: the first that ends is meant.
"""

from datetime import datetime

from receiver.db.odoo_accesses import OdooAccess

WARNING_DAYS = 14
LABELS = {
    "account.move": "journal entries",
    "account.account": "accounts",
    "res.partner": "contacts",
    "res.users": "users",
    "ir.module.module": "apps",
}
FOR_ADMINISTRATORS = {"res.users", "ir.module.module"}
LEAST = (
    'One that may only read has "Read-only" as right in Accounting (without Enterprise: "Show'
    ' Accounting Features - Readonly", shown in developer mode) and "Analytic Accounting".'
)


def days_left(access: OdooAccess, now: datetime) -> int | None:
    """Whole days, less than 0 once it has ended; None where it never ends or nothing is known."""
    return (access.key_expires_at - now).days if access.key_expires_at else None


def describe_key(access: OdooAccess, now: datetime) -> str:
    """As a list shows it: "12 days", "expired", "no end" or "unknown"."""
    days = days_left(access, now)
    if days is None:
        return "no end" if access.key_count else "unknown"
    if days < 0:
        return "expired"
    return "1 day" if days == 1 else f"{days} days"


def describe_privileges(username: str, writable: str) -> str:
    """What the user may do beyond reading, and whether to mind; empty where it is nothing."""
    models = writable.split(",") if writable else []
    if not models:
        return ""
    listed = _listed([LABELS[model] for model in models])
    if FOR_ADMINISTRATORS & {*models}:
        return (
            f"The user {username} may change {listed} in Odoo, and a lost key would open that to"
            f" others. Give Monitr a user of its own. {LEAST}"
        )
    return (
        f"The user {username} may also change {listed}, as accountants may; Monitr only reads."
        f" {LEAST}"
    )


def _listed(words: list[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
