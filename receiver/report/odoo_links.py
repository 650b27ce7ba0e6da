"""Where a record opens in Odoo, for people who may log in there."""

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.odoo_accesses import find_odoo_access

PATHS_SINCE = 18  # before, the web client is at /web alone and knows a record by the fragment
ENTRY_MODEL = "account.move"


def odoo_url(db: Database, connection: Connection) -> str | None:
    """Where the puller reads it, else what the addon says; None where neither is known."""
    access = find_odoo_access(db, connection.id)
    url = access.url if access else connection.odoo_url
    return url.rstrip("/") if url and url.startswith(("https://", "http://")) else None


def entry_link(odoo_url: str | None, series: str | None, entry_id: int) -> str | None:
    if odoo_url is None or series is None:
        return None
    if int(series.partition(".")[0]) >= PATHS_SINCE:
        return f"{odoo_url}/odoo/{ENTRY_MODEL}/{entry_id}"
    return f"{odoo_url}/web#id={entry_id}&model={ENTRY_MODEL}&view_type=form"
