"""When a connection was heard, when it should be heard again, and for how long to be patient."""

from datetime import datetime, timedelta

from monitr_wire.hello import LONGEST_WAIT_MINUTES

from receiver.db.connections.connections import Connection
from receiver.errors import OtherDatabase

# Odoo looks each minute whether a push is due, but only when a worker is free; a push takes its
# time, and an update or a backup stops Odoo for some minutes. A quarter of the rhythm is as much as
# matters to whoever chose that rhythm: 10 minutes for 15, 15 for an hour, an hour for a day.
SHORTEST_GRACE = timedelta(minutes=10)
LONGEST_GRACE = timedelta(hours=1)


def rhythm_of(connection: Connection) -> timedelta | None:
    """How often Odoo promised to be heard; None where it did not."""
    minutes = connection.push_every_minutes
    return timedelta(minutes=minutes) if minutes else None


def heard_at(connection: Connection) -> datetime | None:
    """The last sign of life: a contact, or a request that was refused."""
    if is_refused(connection):
        return connection.last_refused_at
    return connection.last_contact_at


def is_failing(connection: Connection, tied_out_at: datetime | None) -> bool:
    """Tell whether pushes fail now. Only a push that came to its end, tied out, shows that what
    failed before has healed."""
    return bool(connection.failing_since) and not _has_healed(connection, tied_out_at)


def is_missing(connection: Connection, tied_out_at: datetime | None) -> bool:
    """Whether changes may be missing that Odoo could not note, for the same reason."""
    return bool(connection.missed_since) and not _has_healed(connection, tied_out_at)


def _has_healed(connection: Connection, tied_out_at: datetime | None) -> bool:
    told_at = connection.last_hello_at
    return bool(tied_out_at and told_at and tied_out_at > told_at)


def is_refused(connection: Connection) -> bool:
    """Whether its last request was refused. One of a copy of its database is not its own."""
    is_own = connection.last_refused_code != OtherDatabase.code
    return is_own and has_refusal_since_contact(connection)


def has_refusal_since_contact(connection: Connection) -> bool:
    refused, contact = connection.last_refused_at, connection.last_contact_at
    return refused is not None and (contact is None or refused >= contact)


def grace_of(every: timedelta) -> timedelta:
    """How much later than expected a contact may come without being late."""
    return min(max(every / 4, SHORTEST_GRACE), LONGEST_GRACE)


def patience_of(every: timedelta) -> timedelta:
    """How long after the last sign of life silence begins: a second contact is missing as well,
    and no wait between tries explains it."""
    return 2 * every + timedelta(minutes=LONGEST_WAIT_MINUTES)
