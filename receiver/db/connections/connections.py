"""Connections and their secrets, as stored."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from monitr_wire.hello import HELLO_FIELDS, Hello, HelloField
from sqlalchemy import Connection as Database

from receiver.db.conflicts import insert_unless_there
from receiver.db.tables import (
    STREAM_TABLES,
    Instant,
    api_tokens,
    closed_period_changes,
    connection_secrets,
    connections,
    odoo_accesses,
    proof_differences,
    proofs,
    pull_positions,
    pull_runs,
    receipts,
    repairs,
    structures,
    user_roles,
)
from receiver.errors import NameTaken, NotFound, UnknownConnection

OWN_TABLES = (
    structures,
    pull_runs,
    closed_period_changes,
    repairs,
    proof_differences,
    proofs,
    receipts,
    pull_positions,
    api_tokens,
    connection_secrets,
    odoo_accesses,
    user_roles,
)  # what refers to another comes before it
OF_ONE_CONTACT = ("is_scheduled", "late_seconds")  # of a hello; see _rhythm
STORED: dict[str, Callable[[Any], object]] = {  # how values of a hello are, by their types
    "ids": lambda ids: ",".join(map(str, ids)),
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "parts": json.dumps,
}


@dataclass(frozen=True)
class Connection:
    """One Odoo database paired with this receiver. What the hello says is None until then."""

    id: int
    public_id: str
    name: str
    created_at: datetime
    series: str | None
    addon_version: str | None
    database_uuid: str | None
    database_name: str | None
    language: str | None
    company_ids: str | None  # "1,3"
    start_date: date | None
    push_every_minutes: int | None  # 0: only by hand; None: an addon from before it said so
    is_cron_active: bool | None
    late_seconds: int | None  # how long the last scheduled contact was due when it came
    failing_since: datetime | None  # by Odoo's clock
    failure: str | None
    failure_parts: str | None  # of the same sentence, as receiver/messages.py encodes it
    missed_since: datetime | None  # changes from then on may be missing; by Odoo's clock
    missed: str | None  # whose changes, in technical names
    unwatched: str | None  # tables whose changes only the proof finds, and why
    odoo_url: str | None  # where people find it, as an addon says
    last_contact_at: datetime | None  # a hello or a batch
    last_hello_at: datetime | None
    last_scheduled_contact_at: datetime | None
    overdue_at: datetime | None  # a scheduled push was due then, and only hands came since
    last_refused_at: datetime | None
    last_refused_code: str | None
    last_unsigned_at: datetime | None  # a refused request in its name that none of its keys signed
    last_unsigned_code: str | None
    last_sequence: int
    last_actuals_on: date | None  # closed by hand up to and including this day
    watched_periods: str | None  # see db/accounting/watched_periods.py
    leaves_out_closings: bool  # what OCA's addon marks, out of reports of results
    closing_journal_ids: str | None  # "3,14": their entries too


@dataclass(frozen=True)
class StoredSecret:
    id: int  # a newer secret has a higher one
    encrypted_secret: str


def find_connection(db: Database, public_id: str) -> Connection | None:
    return _first(db, sa.select(connections).where(connections.c.public_id == public_id))


def get_connection(db: Database, name: str) -> Connection:
    """Raises NotFound."""
    found = _first(db, sa.select(connections).where(connections.c.name == name))
    if found is None:
        raise NotFound("There is no connection named %(name)s.", name=name)
    return found


def get_connection_by_id(db: Database, connection_id: int) -> Connection:
    """Raises NotFound."""
    found = _first(db, sa.select(connections).where(connections.c.id == connection_id))
    if found is None:
        raise NotFound("This connection was deleted.")
    return found


def list_connections(db: Database) -> list[Connection]:
    rows = db.execute(sa.select(connections).order_by(connections.c.name))
    return [Connection(**row._mapping) for row in rows]


def lock_connection(db: Database, connection_id: int) -> Connection:
    """The connection, kept from every other writer until this transaction ends.

    Raises UnknownConnection where it was deleted meanwhile.
    """
    query = sa.select(connections).where(connections.c.id == connection_id)
    found = _first(db, query.with_for_update())
    if found is None:
        raise UnknownConnection
    return found


def insert_connection(db: Database, name: str, public_id: str, now: datetime) -> int:
    """The new connection's id. Raises NameTaken."""
    values = {"name": name, "public_id": public_id, "created_at": now}
    connection_id = insert_unless_there(db, connections, values)
    if connection_id is None:
        raise _taken(name)
    return int(connection_id)


def check_connection_name_is_free(db: Database, name: str) -> None:
    """To say it early: another may take it until it is stored. Raises NameTaken."""
    if db.scalar(sa.select(connections.c.id).where(connections.c.name == name)):
        raise _taken(name)


def _taken(name: str) -> NameTaken:
    return NameTaken("There is already a connection named %(name)s.", name=name)


def delete_connection(db: Database, connection_id: int) -> None:
    """Deletes every row of the connection in every table."""
    lock_connection(db, connection_id)
    for table in (*STREAM_TABLES.values(), *OWN_TABLES):
        db.execute(sa.delete(table).where(table.c.connection_id == connection_id))
    db.execute(sa.delete(connections).where(connections.c.id == connection_id))


def update_from_hello(db: Database, connection_id: int, hello: Hello, now: datetime) -> None:
    values = {
        **_described(hello),
        **_rhythm(hello, now),
        "last_contact_at": now,
        "last_hello_at": now,
    }
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def _described(hello: Hello) -> dict[str, object]:
    """What the hello says under the names of columns; those of the rhythm are told apart."""
    values = hello._asdict()
    return {
        field.name: _stored(field, values[field.name])
        for field in HELLO_FIELDS
        if field.name not in OF_ONE_CONTACT
    }


def _stored(field: HelloField, value: Any) -> object:
    if value is None or field.type not in STORED:
        return value
    return STORED[field.type](value)


def _rhythm(hello: Hello, now: datetime) -> dict[str, object]:
    """A contact by the schedule ends what was overdue; one by hand may tell that something is."""
    if hello.is_scheduled:
        return {
            "last_scheduled_contact_at": now,
            "late_seconds": hello.late_seconds,
            "overdue_at": None,
        }
    if not hello.late_seconds:
        return {}
    due_at = now - timedelta(seconds=hello.late_seconds)
    first = sa.func.coalesce(connections.c.overdue_at, sa.literal(due_at, Instant))
    return {"overdue_at": first}


@dataclass(frozen=True)
class PulledOdoo:
    """What a hello would have said of the Odoo."""

    series: str
    database_name: str | None
    language: str
    company_ids: str
    start_date: date | None


def update_from_pull(db: Database, connection_id: int, odoo: PulledOdoo, now: datetime) -> None:
    values = {**vars(odoo), "last_contact_at": now}
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def update_last_sequence(db: Database, connection_id: int, sequence: int, now: datetime) -> None:
    values = {"last_sequence": sequence, "last_contact_at": now}
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def update_last_actuals(db: Database, connection_id: int, day: date | None) -> None:
    update = sa.update(connections).where(connections.c.id == connection_id)
    db.execute(update.values(last_actuals_on=day))


def update_last_contact(db: Database, connection_id: int, now: datetime) -> None:
    values = {"last_contact_at": now}
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def insert_secret(db: Database, connection_id: int, encrypted_secret: str, now: datetime) -> None:
    values = {
        "connection_id": connection_id,
        "encrypted_secret": encrypted_secret,
        "created_at": now,
    }
    db.execute(sa.insert(connection_secrets).values(values))


def list_secrets(db: Database, connection_id: int) -> list[StoredSecret]:
    """The secrets that are not revoked, newest first."""
    return _list_secrets(db, _not_revoked(connection_id))


def list_secrets_ever(db: Database, public_id: str, limit: int) -> list[StoredSecret]:
    """The newest secrets, revoked ones too, of the connection with that public id."""
    is_its = sa.and_(
        connections.c.public_id == public_id, connections.c.id == connection_secrets.c.connection_id
    )
    return _list_secrets(db, is_its, limit)


def _list_secrets(
    db: Database, condition: sa.ColumnElement[bool], limit: int | None = None
) -> list[StoredSecret]:
    query = (
        sa.select(connection_secrets.c.id, connection_secrets.c.encrypted_secret)
        .where(condition)
        .order_by(connection_secrets.c.id.desc())
        .limit(limit)
    )
    return [StoredSecret(**row._mapping) for row in db.execute(query)]


def revoke_secrets(
    db: Database, connection_id: int, now: datetime, *, older_than: int | None = None
) -> None:
    """Revokes every secret of the connection, or those older than the secret with that id."""
    update = sa.update(connection_secrets).where(_not_revoked(connection_id))
    if older_than is not None:
        update = update.where(connection_secrets.c.id < older_than)
    db.execute(update.values(revoked_at=now))


def _not_revoked(connection_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        connection_secrets.c.connection_id == connection_id,
        connection_secrets.c.revoked_at.is_(None),
    )


def _first(db: Database, query: sa.Select[*tuple[object, ...]]) -> Connection | None:
    row = db.execute(query).first()
    return Connection(**row._mapping) if row else None
