"""Signing in: passwords, sessions, one-time codes, and a pause after too many failures.

Raises the errors of signing in: WrongSignIn, TooManySignIns, WeakPassword, WrongCode.
"""

import math
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import reading, writing
from receiver.db.users.failed_sign_ins import count_attempt, forget_attempts, take_back_attempt
from receiver.db.users.sessions import (
    delete_password_code,
    delete_sessions,
    insert_code,
    insert_session,
    use_password_code,
    use_setup_code,
)
from receiver.db.users.users import (
    User,
    find_active_user,
    find_user,
    find_user_by_email,
    get_user,
    has_users,
    insert_user,
    is_still_let_in,
    lock_users,
    update_password,
)
from receiver.errors import (
    InvalidName,
    NotFound,
    TooManySignIns,
    WeakPassword,
    WrongCode,
    WrongSignIn,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024  # argon2 would work long on a longer one
# Allowed within PAUSE. A name alone is allowed many, or a stranger could lock its owner out; whom
# strangers lock out all the same gets in by a browser that is known.
FAILURES_OF_BOTH = 5
FAILURES_OF_A_BROWSER = 5
FAILURES_OF_A_NAME = 100
FAILURES_OF_AN_ADDRESS = 20  # many users may share one
FAILURES_OF_A_PROXY = 500  # that is not trusted: whoever it names may be made up
PAUSE = timedelta(minutes=15)
SETUP_CODE_LIFE = timedelta(hours=24)
PASSWORD_LINK_LIFE = timedelta(days=3)
# Where codes are used, for who prints a link.
FIRST_ADMINISTRATOR_PATH = "/first-administrator"
SET_PASSWORD_PATH = "/set-password/"


class KnownBrowser(NamedTuple):
    """A browser in which this user signed in before."""

    user_id: int
    browser_id: str


@dataclass(frozen=True)
class Visitor:
    """Who is at the door, before a name and a password are looked at."""

    address: str
    proxy: str = ""  # not trusted, and says that the address is theirs
    browser: KnownBrowser | None = None


class Subject(NamedTuple):
    """What failures are counted for."""

    key: str
    allowed: int


_hasher = PasswordHasher()
# Written down, of no password: to make one takes a third of a second of each start.
HASH_OF_NOBODY = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)


def sign_in(
    engine: Engine, name: str, password: str, visitor: Visitor, now: datetime
) -> tuple[User, str]:
    """The user and the id of the new session. Takes the same time and says the same whatever was
    wrong."""
    with reading(engine) as db:
        user = find_user(db, name) if NAME.fullmatch(name) else None
    _check_password(engine, user, password, _subjects(name, visitor, user), now)
    if user is None:
        raise WrongSignIn
    with writing(engine) as db:
        return user, start_session(db, user, now)


def start_session(db: Database, user: User, now: datetime) -> str:
    """Raises WrongSignIn where the user was deactivated, or got another password, meanwhile."""
    if not is_still_let_in(db, user):
        raise WrongSignIn
    session_id = secrets.token_urlsafe(32)
    insert_session(db, session_id, user.id, now)
    return session_id


def check_user_name(name: str) -> None:
    """Raises InvalidName."""
    if not NAME.fullmatch(name):
        raise InvalidName


def check_email(email: str) -> None:
    """None is needed. Raises InvalidName."""
    if email and not EMAIL.fullmatch(email):
        raise InvalidName("This is not an e-mail address.", path="/email")


def hash_password(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword("The password is too long. Take less than a thousand characters.")
    return _hasher.hash(password)


def check_present_password(
    engine: Engine, user: User, password: str, visitor: Visitor, now: datetime
) -> None:
    """Counts and pauses as signing in does."""
    try:
        _check_password(engine, user, password, _subjects(user.name, visitor, user), now)
    except WrongSignIn as error:
        raise WrongSignIn("The present password is wrong.", path="/old_password") from error


def change_password(db: Database, user: User, new: str, session_id: str | None) -> None:
    """Ends every session of the user but the one with that id, and the link to set a password."""
    hashed = hash_password(new)  # takes its time: before the lock
    lock_users(db)
    update_password(db, user.id, hashed)
    delete_sessions(db, user.id, but=session_id)
    delete_password_code(db, user.id)


def new_setup_code(db: Database, now: datetime) -> str | None:
    """What makes its holder the first administrator; None where there are users already."""
    lock_users(db)
    if has_users(db):
        return None
    code = secrets.token_urlsafe(12)
    insert_code(db, code, None, now + SETUP_CODE_LIFE)
    return code


def make_first_administrator(
    db: Database, code: str, name: str, password: str, now: datetime
) -> User:
    lock_users(db)
    if has_users(db) or not use_setup_code(db, code, now):
        raise WrongCode(
            "This set-up code is wrong or has expired. Run monitr setup on the receiver's machine"
            " for a new one."
        )
    user = insert_user(db, name, now, is_administrator=True)
    update_password(db, user.id, hash_password(password))
    return get_user(db, name)


def new_password_code(db: Database, user: User, now: datetime) -> str:
    """What lets the user set a password, once, until then or until it is changed otherwise."""
    lock_users(db)
    code = secrets.token_urlsafe(32)
    insert_code(db, code, user.id, now + PASSWORD_LINK_LIFE)
    return code


def set_password_by_code(db: Database, code: str, password: str, now: datetime) -> User:
    """Ends every session of the user."""
    lock_users(db)
    user_id = use_password_code(db, code, now)
    user = find_active_user(db, user_id) if user_id else None
    if user is None:
        raise WrongCode
    update_password(db, user.id, hash_password(password))
    delete_sessions(db, user.id)
    return get_user(db, user.name)


def find_or_make_user(db: Database, config: Config, name: str, now: datetime) -> User:
    """Whom someone else vouches for, by e-mail address; made, without roles, if a setting says so.

    Raises NotFound, also for a deactivated one; NameTaken and InvalidName where it cannot be made.
    """
    user = find_user_by_email(db, name)
    if user is None and config.sign_in_makes_users:
        check_user_name(name)
        lock_users(db)
        user = find_user_by_email(db, name) or insert_user(db, name, now)
    if user is None or user.deactivated_at:
        raise NotFound("Nobody here has this e-mail address. Ask an administrator for a user.")
    return user


def _check_password(
    engine: Engine,
    user: User | None,
    password: str,
    subjects: Sequence[Subject],
    now: datetime,
) -> None:
    """A failure stays counted for each subject; a success ends the count of the first one."""
    first, *others = subjects
    with writing(engine) as db:
        for subject in subjects:
            _count_attempt(db, subject, now)
    if not _fits(user, password):
        raise WrongSignIn
    with writing(engine) as db:
        forget_attempts(db, first.key)
        for subject in others:
            take_back_attempt(db, subject.key)


def _subjects(name: str, visitor: Visitor, user: User | None) -> Sequence[Subject]:
    browser = visitor.browser
    if browser and user and browser.user_id == user.id:
        return (Subject(f"browser {browser.browser_id}", FAILURES_OF_A_BROWSER),)
    address, proxy = _place(visitor.address), _place(visitor.proxy)
    if proxy:
        address = f"{address} behind {proxy}"
    return (
        Subject(f"name {name} from {address}", FAILURES_OF_BOTH),
        Subject(f"name {name}", FAILURES_OF_A_NAME),
        Subject(f"address {address}", FAILURES_OF_AN_ADDRESS),
        *([Subject(f"proxy {proxy}", FAILURES_OF_A_PROXY)] if proxy else []),
    )


def _place(address: str) -> str:
    """What one client cannot leave: of IPv6, a client has a whole /64 to choose addresses from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found.packed, 64), strict=False))


def _count_attempt(db: Database, subject: Subject, now: datetime) -> None:
    """Before the password is looked at, so that many at once do not slip through."""
    count, first_at = count_attempt(db, subject.key, now, PAUSE)
    if count > subject.allowed:
        raise TooManySignIns(math.ceil((first_at + PAUSE - now).total_seconds()))


def _fits(user: User | None, password: str) -> bool:
    """Works as long for a user that is not there."""
    may_enter = bool(user and user.password_hash and user.deactivated_at is None)
    stored = user.password_hash if user else None
    try:
        _hasher.verify(stored or HASH_OF_NOBODY, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return may_enter
