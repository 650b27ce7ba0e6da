"""Users and what they may do with which connection, as stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import one_time_codes, sessions, user_roles, users
from receiver.errors import LastAdministrator, NameTaken, NotFound


class Role(StrEnum):
    """What a user may do with one connection. An administrator of everything needs none."""

    VIEWER = "viewer"  # sees its figures
    ADMINISTRATOR = "administrator"  # and sets it up


@dataclass(frozen=True)
class User:
    id: int
    name: str
    email: str | None
    password_hash: str | None
    is_administrator: bool
    language: str | None
    created_at: datetime
    deactivated_at: datetime | None


def lock_users(db: Database) -> None:
    """Keeps users from every other writer until this transaction ends, so that what is checked from
    here on stays true. To be taken before any other lock.

    SQLite has a single writer anyway.
    """
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"LOCK TABLE {users.name} IN SHARE ROW EXCLUSIVE MODE")


def lock_user(db: Database, name: str) -> User:
    """The user, and users kept as above. Raises NotFound."""
    lock_users(db)
    return get_user(db, name)


def is_still_let_in(db: Database, user: User) -> bool:
    """Whether the user is active, with the same password; so it stays while this transaction is."""
    query = sa.select(users.c.password_hash).where(
        users.c.id == user.id, users.c.deactivated_at.is_(None)
    )
    row = db.execute(query.with_for_update(read=True)).first()
    return row is not None and row.password_hash == user.password_hash


def has_users(db: Database) -> bool:
    return db.scalar(sa.select(users.c.id).limit(1)) is not None


def find_user(db: Database, name: str) -> User | None:
    return _first(db, users.c.name == name)


def find_user_by_email(db: Database, email: str) -> User | None:
    return _first(db, users.c.email == email.lower())


def find_active_user(db: Database, user_id: int) -> User | None:
    return _first(db, sa.and_(users.c.id == user_id, users.c.deactivated_at.is_(None)))


def get_user(db: Database, name: str) -> User:
    """Raises NotFound."""
    found = find_user(db, name)
    if found is None:
        raise NotFound("There is no user named %(name)s.", name=name)
    return found


def list_users(db: Database) -> list[User]:
    rows = db.execute(sa.select(users).order_by(users.c.name))
    return [User(**row._mapping) for row in rows]


def insert_user(
    db: Database,
    name: str,
    now: datetime,
    *,
    email: str | None = None,
    is_administrator: bool = False,
) -> User:
    """Without a password yet; a name that is an e-mail address is theirs, if no other is given.

    Raises NameTaken, also for an e-mail address that another has.
    """
    lock_users(db)
    if find_user(db, name):
        raise NameTaken("There is already a user named %(name)s.", path="/name", name=name)
    email = email or (name if "@" in name else None)
    _check_email_is_free(db, email)
    values = {
        "name": name,
        "email": email.lower() if email else None,
        "is_administrator": is_administrator,
        "created_at": now,
    }
    db.execute(sa.insert(users).values(values))
    return get_user(db, name)


def update_password(db: Database, user_id: int, password_hash: str) -> None:
    _update(db, user_id, password_hash=password_hash)


def update_email(db: Database, user: User, email: str | None) -> None:
    """Raises NameTaken."""
    lock_users(db)
    _check_email_is_free(db, email, user.id)
    _update(db, user.id, email=email.lower() if email else None)


def update_language(db: Database, user_id: int, language: str) -> None:
    _update(db, user_id, language=language)


def update_administrator(db: Database, user: User, is_administrator: bool) -> None:
    """Raises LastAdministrator."""
    with _keeping_an_administrator(db):
        _update(db, user.id, is_administrator=is_administrator)


def deactivate_user(db: Database, user: User, now: datetime) -> None:
    """Ends the user's sessions and password link too. Raises LastAdministrator."""
    with _keeping_an_administrator(db):
        _update(db, user.id, deactivated_at=now)
    for table in (sessions, one_time_codes):
        db.execute(sa.delete(table).where(table.c.user_id == user.id))


def reactivate_user(db: Database, user_id: int) -> None:
    _update(db, user_id, deactivated_at=None)


def delete_user(db: Database, user: User) -> None:
    """Raises LastAdministrator."""
    with _keeping_an_administrator(db):
        db.execute(sa.delete(users).where(users.c.id == user.id))


def list_roles(db: Database, user_id: int) -> dict[int, Role]:
    """Roles by the connection's id."""
    query = sa.select(user_roles.c.connection_id, user_roles.c.role)
    rows = db.execute(query.where(user_roles.c.user_id == user_id))
    return {connection_id: Role(role) for connection_id, role in rows}


def set_roles(db: Database, user_id: int, roles: dict[int, Role]) -> None:
    """The user's roles from now on, by the connection's id. The caller has locked the users."""
    db.execute(sa.delete(user_roles).where(user_roles.c.user_id == user_id))
    for connection_id, role in roles.items():
        values = {"connection_id": connection_id, "user_id": user_id, "role": role.value}
        db.execute(sa.insert(user_roles).values(values))


def _check_email_is_free(db: Database, email: str | None, user_id: int | None = None) -> None:
    """Check that no other user has the address. Raises NameTaken."""
    owner = find_user_by_email(db, email) if email else None
    if owner and owner.id != user_id:
        raise NameTaken(
            "Another user has the e-mail address %(email)s.", path="/email", email=email
        )


@contextmanager
def _keeping_an_administrator(db: Database) -> Iterator[None]:
    """Raises LastAdministrator where there was one before what is done inside, and none after."""
    lock_users(db)
    had_one = _has_administrator(db)
    yield
    if had_one and not _has_administrator(db):
        raise LastAdministrator


def _has_administrator(db: Database) -> bool:
    found = sa.select(users.c.id).where(users.c.is_administrator, users.c.deactivated_at.is_(None))
    return db.scalar(found.limit(1)) is not None


def _update(db: Database, user_id: int, **values: object) -> None:
    db.execute(sa.update(users).where(users.c.id == user_id).values(values))


def _first(db: Database, condition: sa.ColumnElement[bool]) -> User | None:
    row = db.execute(sa.select(users).where(condition)).first()
    return User(**row._mapping) if row else None
