"""Where a record opens in Odoo, for people who may log in there."""

from monitr_wire.series import record_path
from monitr_wire.streams import JOURNAL_ENTRIES, Stream, model_in_series
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import find_odoo_access


def odoo_url(db: Database, connection: Connection) -> str | None:
    """Where the puller reads it, else what the addon says; None where neither is known."""
    access = find_odoo_access(db, connection.id)
    url = access.url if access else connection.odoo_url
    return url.rstrip("/") if url and url.startswith(("https://", "http://")) else None


def entry_link(odoo_url: str | None, series: str | None, entry_id: int) -> str | None:
    return record_link(odoo_url, series, JOURNAL_ENTRIES, entry_id)


def record_link(
    odoo_url: str | None, series: str | None, stream: Stream, record_id: int
) -> str | None:
    if odoo_url is None or series is None:
        return None
    return odoo_url + record_path(series, model_in_series(stream, series), record_id)
