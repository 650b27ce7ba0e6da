"""Who may sign in: passwords, sessions, one-time codes, and a pause after too many failures.

Raises the errors of signing in: WrongSignIn, TooManySignIns, WeakPassword, WrongCode.
"""

import math
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.db.engine import reading, writing
from receiver.db.failed_sign_ins import count_failures, forget_failures, note_failure
from receiver.db.sessions import (
    delete_code,
    delete_sessions,
    find_code_user,
    has_setup_code,
    insert_code,
    insert_session,
)
from receiver.db.users import User, find_user, has_users, insert_user, update_password
from receiver.errors import TooManySignIns, WeakPassword, WrongCode, WrongSignIn

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024  # argon2 would work long on a longer one
FAILURES_OF_A_NAME = 5
FAILURES_OF_AN_ADDRESS = 20  # many users may share one
PAUSE = timedelta(minutes=15)
SETUP_CODE_LIFE = timedelta(hours=24)
PASSWORD_LINK_LIFE = timedelta(days=3)

_hasher = PasswordHasher()
_hash_of_nobody = _hasher.hash(secrets.token_hex())


def sign_in(engine: Engine, name: str, password: str, address: str, now: datetime) -> str:
    """The id of the new session. Takes the same time and says the same whatever was wrong."""
    subjects = {f"name {name}": FAILURES_OF_A_NAME, f"address {address}": FAILURES_OF_AN_ADDRESS}
    with reading(engine) as db:
        for subject, allowed in subjects.items():
            _refuse_after_failures(db, subject, allowed, now)
        user = find_user(db, name)
    if not _fits(user, password):
        with writing(engine) as db:
            for subject in subjects:
                note_failure(db, subject, now, PAUSE)
        raise WrongSignIn
    assert user
    with writing(engine) as db:
        forget_failures(db, f"name {name}")
        return start_session(db, user, now)


def start_session(db: Database, user: User, now: datetime) -> str:
    session_id = secrets.token_urlsafe(32)
    insert_session(db, session_id, user.id, now)
    return session_id


def hash_password(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword("The password is too long. Take less than a thousand characters.")
    return _hasher.hash(password)


def change_password(db: Database, user: User, old: str, new: str, session_id: str | None) -> None:
    """Ends every session of the user but the one with that id."""
    if not _fits(user, old):
        raise WrongSignIn("The present password is wrong.", path="/old_password")
    update_password(db, user.id, hash_password(new))
    delete_sessions(db, user.id, but=session_id)


def new_setup_code(db: Database, now: datetime) -> str | None:
    """What makes its holder the first administrator; None where there are users already."""
    if has_users(db):
        return None
    code = secrets.token_urlsafe(12)
    insert_code(db, code, None, now + SETUP_CODE_LIFE)
    return code


def make_first_administrator(
    db: Database, code: str, name: str, password: str, now: datetime
) -> User:
    if has_users(db) or not has_setup_code(db, code, now):
        raise WrongCode(
            "This set-up code is wrong or has expired. `monitr setup` prints a new one on the"
            " receiver's machine."
        )
    delete_code(db, code)
    user = insert_user(db, name, now, is_administrator=True)
    update_password(db, user.id, hash_password(password))
    return user


def new_password_code(db: Database, user: User, now: datetime) -> str:
    """What lets the user set a password, once."""
    code = secrets.token_urlsafe(32)
    insert_code(db, code, user.id, now + PASSWORD_LINK_LIFE)
    return code


def set_password_by_code(db: Database, code: str, password: str, now: datetime) -> User:
    """Ends every session of the user."""
    user = find_code_user(db, code, now)
    if user is None:
        raise WrongCode
    update_password(db, user.id, hash_password(password))
    delete_code(db, code)
    delete_sessions(db, user.id)
    return user


def _refuse_after_failures(db: Database, subject: str, allowed: int, now: datetime) -> None:
    count, first_at = count_failures(db, subject, now - PAUSE)
    if first_at and count >= allowed:
        raise TooManySignIns(math.ceil((first_at + PAUSE - now).total_seconds()))


def _fits(user: User | None, password: str) -> bool:
    """Works as long for a user that is not there."""
    may_enter = bool(user and user.password_hash and user.deactivated_at is None)
    stored = user.password_hash if user and may_enter else None
    try:
        _hasher.verify(stored or _hash_of_nobody, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return may_enter
