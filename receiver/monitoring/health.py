"""A connection's health: whether its Odoo is heard in the rhythm that it promised, and why not.

Each signed contact is a sign of life; of an Odoo that is pulled, each pull that succeeded. All here
follows from what is stored and the present time; why it is so, in sentences, is in
``push_problems.py`` and ``pull_problems.py``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from receiver.db.connections.connections import Connection
from receiver.db.connections.heartbeat import Keys
from receiver.db.proof.proofs import Proof
from receiver.db.pull.pull_runs import RunState
from receiver.monitoring.contact_schedule import (
    grace_of,
    heard_at,
    is_failing,
    is_refused,
    patience_of,
    rhythm_of,
)
from receiver.monitoring.pull_problems import list_reasons_of_pulls
from receiver.monitoring.pulls import Pulls
from receiver.monitoring.push_problems import (
    Reason,
    list_notes,
    list_reasons,
    of_hidden,
    of_set_aside,
    of_unbalanced,
)


class State(StrEnum):
    WAITING = "waiting"  # for the first contact
    ALIVE = "alive"
    INCOMPLETE = "incomplete"  # all is well but for records set aside, entries that do not balance
    LATE = "late"  # a contact is overdue
    SILENT = "silent"  # a second one is overdue too
    FAILING = "failing"  # Odoo is heard, and says that its pushes fail; or the last pull failed
    REFUSED = "refused"  # Odoo's last request was refused; or it refused the key to pull with
    REVOKED = "revoked"  # no key of the connection is valid
    BY_HAND = "by_hand"  # it is pushed or pulled only when someone asks for it
    UNKNOWN = "unknown"  # an older addon, which does not say how often it pushes


UNTROUBLED = (State.ALIVE, State.BY_HAND, State.UNKNOWN)


@dataclass(frozen=True)
class Health:
    state: State
    reasons: list[Reason]
    expected_every_minutes: int | None  # None where no rhythm is promised
    last_contact_at: datetime | None
    last_scheduled_contact_at: datetime | None
    next_contact_expected_at: datetime | None
    notes: tuple[Reason, ...] = ()  # what may be meant to be so

    def with_books(self, set_aside_count: int, proof: Proof | None) -> "Health":
        """Where records are set aside, or entries do not balance, no connection is well."""
        more = [of_set_aside(set_aside_count)] if set_aside_count else []
        if proof and proof.unbalanced_count:
            more.append(of_unbalanced(proof.unbalanced_count))
        hidden = (of_hidden(proof.hidden),) if proof and proof.hidden else ()
        is_incomplete = bool(more) and self.state in UNTROUBLED
        return replace(
            self,
            state=State.INCOMPLETE if is_incomplete else self.state,
            reasons=[*self.reasons, *more],
            notes=(*self.notes, *hidden),
        )


def health_of_pulls(connection: Connection, pulls: Pulls, now: datetime) -> Health:
    """Health of an Odoo that is read and does not push."""
    return Health(
        state=_state_of_pulls(pulls, now),
        reasons=list_reasons_of_pulls(connection.name, pulls, now),
        expected_every_minutes=pulls.every_minutes or None,
        last_contact_at=connection.last_contact_at,
        last_scheduled_contact_at=None,
        next_contact_expected_at=pulls.next_at,
    )


def _state_of_pulls(pulls: Pulls, now: datetime) -> State:
    newest = pulls.newest
    if pulls.is_paused:
        return State.REFUSED
    if newest and newest.state_at(now) is RunState.RUNNING:
        return State.ALIVE
    every = timedelta(minutes=pulls.every_minutes)
    silence = every and _silence_since(pulls.succeeded_at or pulls.since, every, now)
    if silence:
        return silence
    if newest and (newest.failure or pulls.has_failed):
        return State.FAILING
    if pulls.last_ended is None:
        return State.WAITING
    return State.ALIVE if every else State.BY_HAND


def health_of(
    connection: Connection, keys: Keys, tied_out_at: datetime | None, now: datetime
) -> Health:
    """Health of an Odoo that pushes. ``tied_out_at`` is when a proof last tied out."""
    every = rhythm_of(connection)
    heard = heard_at(connection)
    return Health(
        state=_state(connection, keys, tied_out_at, now),
        reasons=list_reasons(connection, keys, tied_out_at, now),
        expected_every_minutes=connection.push_every_minutes or None,
        last_contact_at=connection.last_contact_at,
        last_scheduled_contact_at=connection.last_scheduled_contact_at,
        next_contact_expected_at=heard + every if heard and every and keys.valid_count else None,
        notes=tuple(list_notes(connection, now)),
    )


def _state(
    connection: Connection, keys: Keys, tied_out_at: datetime | None, now: datetime
) -> State:
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
    return _silence_since(heard, every, now) if every and heard else None


def _silence_since(heard: datetime, every: timedelta, now: datetime) -> State | None:
    if now > heard + patience_of(every):
        return State.SILENT
    if now > heard + every + grace_of(every):
        return State.LATE
    return None


def _state_as_told(connection: Connection, tied_out_at: datetime | None) -> State:
    if is_failing(connection, tied_out_at):
        return State.FAILING
    if connection.push_every_minutes is None:
        return State.UNKNOWN
    return State.ALIVE if connection.push_every_minutes else State.BY_HAND
