"""Where a record opens in Odoo, for people who may log in there."""

from monitr_wire.streams import Stream
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import find_odoo_access

PLANS_SINCE = 16  # of analytic accounts; they were groups before
PATHS_SINCE = 18  # before, the web client is at /web alone and knows a record by the fragment
ENTRY_MODEL = "account.move"


def odoo_url(db: Database, connection: Connection) -> str | None:
    """Where the puller reads it, else what the addon says; None where neither is known."""
    access = find_odoo_access(db, connection.id)
    url = access.url if access else connection.odoo_url
    return url.rstrip("/") if url and url.startswith(("https://", "http://")) else None


def entry_link(odoo_url: str | None, series: str | None, entry_id: int) -> str | None:
    return _link(odoo_url, series, ENTRY_MODEL, entry_id)


def record_link(
    odoo_url: str | None, series: str | None, stream: Stream, record_id: int
) -> str | None:
    """A stream that has two models has the second one before PLANS_SINCE."""
    is_old = series is not None and _major(series) < PLANS_SINCE
    return _link(odoo_url, series, stream.models[-1 if is_old else 0], record_id)


def _link(odoo_url: str | None, series: str | None, model: str, record_id: int) -> str | None:
    if odoo_url is None or series is None:
        return None
    if _major(series) >= PATHS_SINCE:
        return f"{odoo_url}/odoo/{model}/{record_id}"
    return f"{odoo_url}/web#id={record_id}&model={model}&view_type=form"


def _major(series: str) -> int:
    return int(series.partition(".")[0])
