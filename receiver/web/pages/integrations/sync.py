"""Asks for a pull at once."""

from datetime import datetime

from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import writing
from receiver.db.pull.pull_runs import AskedBy, ask_for_run
from receiver.web.current import current_engine


def ask_for_pull(connection: Connection, now: datetime) -> None:
    """Raises NotFound for an Odoo that is not pulled, and PullRunning."""
    with writing(current_engine()) as db:
        get_odoo_access(db, connection.id, connection.name)
        ask_for_run(db, connection.id, AskedBy.HAND, now)
