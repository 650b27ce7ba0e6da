"""What tells of a connection's life besides its contacts: its keys, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.tables import connection_secrets, connections

BETWEEN_NOTES = timedelta(minutes=1)


@dataclass(frozen=True)
class Keys:
    """How it stands with a connection's keys."""

    valid_count: int  # after a rotation two, until the newer one is first used
    newest_made_at: datetime | None  # None: there never was one
    last_revoked_at: datetime | None


NO_KEYS = Keys(valid_count=0, newest_made_at=None, last_revoked_at=None)


def get_keys(db: Database, connection_id: int) -> Keys:
    return list_keys(db, [connection_id])[connection_id]


def list_keys(db: Database, connection_ids: Sequence[int]) -> dict[int, Keys]:
    """``{connection id: keys}`` of every one, also where it never had any."""
    secrets = connection_secrets.c
    query = (
        sa.select(
            secrets.connection_id,
            sa.func.count().filter(secrets.revoked_at.is_(None)),
            sa.func.max(secrets.created_at),
            sa.func.max(secrets.revoked_at),
        )
        .where(is_among(db, secrets.connection_id, connection_ids))
        .group_by(secrets.connection_id)
    )
    found = {id: Keys(*facts) for id, *facts in db.execute(query)}
    return {id: found.get(id, NO_KEYS) for id in connection_ids}


def has_room_for_refusal(db: Database, public_id: str, now: datetime, *, is_signed: bool) -> bool:
    """Whether there is such a connection, and none was noted since its last contact or minute.

    Those that a key of the connection signed are noted apart from those that none did."""
    query = sa.select(connections.c.id).where(_has_room(public_id, now, is_signed=is_signed))
    return db.execute(query).first() is not None


def note_refusal(
    db: Database, public_id: str, code: str, now: datetime, *, is_signed: bool
) -> None:
    """Not where another transaction holds the connection: then its Odoo is being heard."""
    query = sa.select(connections.c.id).where(_has_room(public_id, now, is_signed=is_signed))
    connection_id = db.scalar(query.with_for_update(skip_locked=True))
    kind = _kind(is_signed)
    values = {f"last_{kind}_at": now, f"last_{kind}_code": code}
    db.execute(sa.update(connections).where(connections.c.id == connection_id).values(values))


def _kind(is_signed: bool) -> str:
    return "refused" if is_signed else "unsigned"


def _has_room(public_id: str, now: datetime, *, is_signed: bool) -> sa.ColumnElement[bool]:
    noted_at = connections.c[f"last_{_kind(is_signed)}_at"]
    is_past = sa.or_(
        noted_at.is_(None),
        noted_at <= now - BETWEEN_NOTES,
        noted_at < connections.c.last_contact_at,
    )
    return sa.and_(connections.c.public_id == public_id, is_past)
