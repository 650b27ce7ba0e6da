"""Sessions of who is signed in, and codes that let someone in once. Only their SHA-256 is
stored."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import one_time_codes, sessions, users
from receiver.db.users.users import User

IDLE_HOURS = 12
LONGEST_DAYS = 7
SEEN_EVERY = timedelta(minutes=1)  # a request within it of the one before writes nothing


def insert_session(db: Database, session_id: str, user_id: int, now: datetime) -> None:
    """Takes the opportunity to forget sessions that have ended."""
    db.execute(sa.delete(sessions).where(sa.not_(_is_alive(now))))
    values = {
        "id_sha256": _sha256(session_id),
        "user_id": user_id,
        "created_at": now,
        "last_seen_at": now,
    }
    db.execute(sa.insert(sessions).values(values))


def find_session_user(db: Database, session_id: str, now: datetime) -> tuple[User, datetime] | None:
    """The active user of a session that is still alive, and when it was last seen."""
    query = (
        sa.select(users, sessions.c.last_seen_at)
        .join_from(sessions, users)
        .where(sessions.c.id_sha256 == _sha256(session_id), _is_alive(now))
        .where(users.c.deactivated_at.is_(None))
    )
    row = db.execute(query).first()
    if row is None:
        return None
    values = dict(row._mapping)
    last_seen_at = values.pop("last_seen_at")
    return User(**values), last_seen_at


def update_last_seen(db: Database, session_id: str, now: datetime) -> None:
    update = sa.update(sessions).where(sessions.c.id_sha256 == _sha256(session_id))
    db.execute(update.values(last_seen_at=now))


def delete_session(db: Database, session_id: str) -> None:
    db.execute(sa.delete(sessions).where(sessions.c.id_sha256 == _sha256(session_id)))


def delete_sessions(db: Database, user_id: int, *, but: str | None = None) -> None:
    """Signs the user out everywhere, but for the session with that id."""
    delete = sa.delete(sessions).where(sessions.c.user_id == user_id)
    if but is not None:
        delete = delete.where(sessions.c.id_sha256 != _sha256(but))
    db.execute(delete)


def insert_code(db: Database, code: str, user_id: int | None, expires_at: datetime) -> None:
    """A code for the user, or for whoever is to be the first one; older ones end.

    The caller has locked the users.
    """
    db.execute(
        sa.delete(one_time_codes).where(one_time_codes.c.user_id.is_not_distinct_from(user_id))
    )
    values = {"code_sha256": _sha256(code), "user_id": user_id, "expires_at": expires_at}
    db.execute(sa.insert(one_time_codes).values(values))


def use_setup_code(db: Database, code: str, now: datetime) -> bool:
    """Whether it was valid, which it is this once: the statement that finds it deletes it."""
    delete = sa.delete(one_time_codes).where(_is_valid(code, now))
    is_it = one_time_codes.c.user_id.is_(None)
    return db.scalar(delete.where(is_it).returning(one_time_codes.c.code_sha256)) is not None


def use_password_code(db: Database, code: str, now: datetime) -> int | None:
    """The id of the user whose it is, as above; None where it is not valid."""
    delete = sa.delete(one_time_codes).where(_is_valid(code, now))
    return db.scalar(delete.returning(one_time_codes.c.user_id))


def find_code_user(db: Database, code: str, now: datetime) -> User | None:
    query = sa.select(users).join_from(one_time_codes, users).where(_is_valid(code, now))
    row = db.execute(query.where(users.c.deactivated_at.is_(None))).first()
    return User(**row._mapping) if row else None


def delete_password_code(db: Database, user_id: int) -> None:
    db.execute(sa.delete(one_time_codes).where(one_time_codes.c.user_id == user_id))


def _is_alive(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        sessions.c.last_seen_at > now - timedelta(hours=IDLE_HOURS),
        sessions.c.created_at > now - timedelta(days=LONGEST_DAYS),
    )


def _is_valid(code: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(one_time_codes.c.code_sha256 == _sha256(code), one_time_codes.c.expires_at > now)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
