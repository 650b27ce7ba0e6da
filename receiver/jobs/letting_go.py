"""The way out where a pull stopped at what became hidden from the user of the API key."""

from datetime import datetime

from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection, lock_connection
from receiver.db.connections.odoo_accesses import update_letting_go
from receiver.db.pull.pull_runs import AskedBy, PullRun, ask_for_run
from receiver.errors import NothingHidden
from receiver.monitoring.pulls import find_pulls


def let_go_of_hidden(db: Database, connection: Connection, now: datetime) -> PullRun:
    """Ask for a pull that removes what is hidden from the user as if it were deleted in Odoo. From
    its success on it is not so any more.

    Raises NothingHidden unless the last pull stopped for that, and PullRunning.
    """
    lock_connection(db, connection.id)
    pulls = find_pulls(db, connection, now)
    if pulls is None or not pulls.has_lost_sight:
        raise NothingHidden
    run = ask_for_run(db, connection.id, AskedBy.HAND, now)
    update_letting_go(db, connection.id, lets_go=True)
    return run
