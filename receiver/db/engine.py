"""The door to the database: every statement of the receiver runs in a transaction opened here."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from receiver.db import amounts
from receiver.errors import DatabaseUnavailable, NotFound

CONNECT_SECONDS = 5
# For each sort and hash: with PostgreSQL's own 4 MB a large ledger's report goes by the disk.
REPORT_MEMORY = "64MB"
FOREIGN_KEY_VIOLATION = "23503"  # PostgreSQL's code
SQLITE_BUSY_SECONDS = 30  # a writer waits this long for the one before it
OUTAGES = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    psycopg.OperationalError,
    sqlite3.OperationalError,
)


def make_engine(url: str) -> Engine:
    """Opens no connection yet. To be called once in each process, after it was forked."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        return _make_sqlite_engine(url)
    return sa.create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at the end, or leaves no trace.

    Raises DatabaseUnavailable, and NotFound where something is stored of what was deleted since it
    was looked up.
    """
    immediate = engine.execution_options(sqlite_begin="IMMEDIATE")
    with naming_outages(), _naming_what_is_gone(), immediate.begin() as db:
        yield db


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One unchanging view of the database for all queries inside. Raises DatabaseUnavailable."""
    with naming_outages(), _snapshot_engine(engine).begin() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql(f"SET LOCAL work_mem = '{REPORT_MEMORY}'")
        yield db


def _snapshot_engine(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine  # in WAL mode every transaction is a snapshot
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def naming_outages() -> Iterator[None]:
    """Raises DatabaseUnavailable for what the database's absence raises inside."""
    try:
        yield
    except OUTAGES as error:
        if _is_wrong_sql(error):
            raise
        raise DatabaseUnavailable from error


@contextmanager
def _naming_what_is_gone() -> Iterator[None]:
    """What a row refers to was there when it was looked up: no id comes from anywhere else."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        if not _refers_to_nothing(error.orig):
            raise
        raise NotFound("What this belongs to was deleted meanwhile.") from error


def _refers_to_nothing(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return getattr(cause, "sqlstate", None) == FOREIGN_KEY_VIOLATION


def _is_wrong_sql(error: Exception) -> bool:
    """SQLite's driver calls wrong SQL an operational error too; that is a mistake of ours."""
    cause = getattr(error, "orig", error)
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _make_sqlite_engine(url: str) -> Engine:
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": SQLITE_BUSY_SECONDS}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    amounts.prepare_sqlite(connection)
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not guessed
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(db: Connection) -> None:
    """A writer takes the lock at once: waiting for it later would fail instead of wait."""
    mode = db.get_execution_options().get("sqlite_begin", "DEFERRED")
    db.exec_driver_sql(f"BEGIN {mode}")
