"""A connection's health: whether its Odoo is heard in the rhythm that it promised, and why not.

Each signed contact is a sign of life. All here follows from what is stored and the present time;
why it is so, in sentences, is in ``reasons.py``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from receiver.db.connections import Connection
from receiver.db.heartbeat import Keys
from receiver.report.reasons import Reason, list_reasons
from receiver.report.rhythm import grace_of, heard_at, is_refused, patience_of, rhythm_of


class State(StrEnum):
    WAITING = "waiting"  # for the first contact
    ALIVE = "alive"
    LATE = "late"  # a contact is overdue
    SILENT = "silent"  # a second one is overdue too
    FAILING = "failing"  # Odoo is heard, and says that its pushes fail
    REFUSED = "refused"  # Odoo's last request was refused
    REVOKED = "revoked"  # no key of the connection is valid
    BY_HAND = "by_hand"  # Odoo is set to push only when someone presses Push now
    PULLED = "pulled"  # this receiver reads that Odoo, which does not push
    UNKNOWN = "unknown"  # an older addon, which does not say how often it pushes


@dataclass(frozen=True)
class Health:
    state: State
    reasons: list[Reason]
    expected_every_minutes: int | None  # None where no rhythm is promised
    last_contact_at: datetime | None
    last_scheduled_contact_at: datetime | None
    next_contact_expected_at: datetime | None


def health_of(
    connection: Connection, keys: Keys, tied_out_at: datetime | None, now: datetime
) -> Health:
    """``tied_out_at`` is when a proof last tied out."""
    every = rhythm_of(connection)
    heard = heard_at(connection)
    return Health(
        state=_state(connection, keys, tied_out_at, now),
        reasons=list_reasons(connection, keys, now),
        expected_every_minutes=connection.push_every_minutes or None,
        last_contact_at=connection.last_contact_at,
        last_scheduled_contact_at=connection.last_scheduled_contact_at,
        next_contact_expected_at=heard + every if heard and every and keys.valid_count else None,
    )


def _state(
    connection: Connection, keys: Keys, tied_out_at: datetime | None, now: datetime
) -> State:
    if keys.access or keys.newest_made_at is None:
        return State.PULLED
    if not keys.valid_count:
        return State.REVOKED
    if heard_at(connection) is None:
        return State.WAITING
    silence = _silence(connection, now)
    if silence:
        return silence
    if is_refused(connection):
        return State.REFUSED
    return _state_as_told(connection, tied_out_at)


def _silence(connection: Connection, now: datetime) -> State | None:
    every, heard = rhythm_of(connection), heard_at(connection)
    if not every or not heard:
        return None
    if now > heard + patience_of(every):
        return State.SILENT
    if now > heard + every + grace_of(every):
        return State.LATE
    return None


def _state_as_told(connection: Connection, tied_out_at: datetime | None) -> State:
    """Only a push that came to its end, tied out, shows that what failed before has healed."""
    told_at = connection.last_hello_at
    has_healed = bool(tied_out_at and told_at and tied_out_at > told_at)
    if connection.failing_since and not has_healed:
        return State.FAILING
    if connection.push_every_minutes is None:
        return State.UNKNOWN
    return State.ALIVE if connection.push_every_minutes else State.BY_HAND
