"""Transactions: all or nothing for writers, one unchanging view for readers, and lost databases."""

from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.db.connections.connections import insert_connection, list_connections
from receiver.db.engine import make_engine, reading, writing
from receiver.errors import DatabaseUnavailable

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def insert(db: Database, name: str) -> int:
    return insert_connection(db, name, f"con_{name}", NOW)


def names(db: Database) -> list[str]:
    return [connection.name for connection in list_connections(db)]


def test_a_writer_that_fails_leaves_no_trace(engine: Engine) -> None:
    def fail_half_way() -> None:
        with writing(engine) as db:
            insert(db, "acme")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()

    with reading(engine) as db:
        assert names(db) == []


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(engine: Engine) -> None:
    with reading(engine) as db:
        before = names(db)
        with writing(engine) as other:
            insert(other, "acme")
        after = names(db)

    assert before == after == []


def test_a_reader_cannot_write_to_postgresql(postgresql_database: str) -> None:
    engine = make_engine(postgresql_database)

    with pytest.raises(sa.exc.InternalError, match="read-only"), reading(engine) as db:
        insert(db, "acme")
    engine.dispose()


def test_a_reader_has_memory_for_the_reports_of_a_large_ledger(postgresql_database: str) -> None:
    engine = make_engine(postgresql_database)

    with reading(engine) as db:
        memory = db.execute(sa.text("SHOW work_mem")).scalar_one()
    with writing(engine) as db:
        usual = db.execute(sa.text("SHOW work_mem")).scalar_one()

    assert (memory, usual) == ("64MB", "4MB")
    engine.dispose()


def test_a_mistake_in_sql_is_not_taken_for_an_outage(engine: Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError), reading(engine) as db:
        db.execute(sa.text("SELECT nothing FROM nowhere"))


def test_an_error_quotes_no_values(engine: Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as error, writing(engine) as db:
        db.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "whsec_secret"})

    assert "whsec_secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://monitr@127.0.0.1:1/monitr", "sqlite:////no/such/folder/monitr.sqlite3"],
)
def test_a_database_out_of_reach_is_named_so(url: str) -> None:
    with pytest.raises(DatabaseUnavailable), reading(make_engine(url)):
        pass


def test_a_connection_lost_half_way_is_named_so_and_the_next_one_works(
    postgresql_database: str,
) -> None:
    engine = make_engine(postgresql_database)

    def lose_it_half_way() -> None:
        with writing(engine) as db:
            insert(db, "acme")
            terminate(postgresql_database, session_of(db))
            insert(db, "globex")

    with pytest.raises(DatabaseUnavailable):
        lose_it_half_way()

    with reading(engine) as db:
        assert names(db) == []
    engine.dispose()


def test_a_connection_lost_while_nobody_used_it_is_replaced(postgresql_database: str) -> None:
    engine = make_engine(postgresql_database)
    with reading(engine) as db:
        pid = session_of(db)
    terminate(postgresql_database, pid)

    with reading(engine) as db:
        assert names(db) == []
    engine.dispose()


def session_of(db: Database) -> int:
    return int(db.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())


def terminate(url: str, pid: int) -> None:
    """Ends another session, as a restart of the database would; waits until it is gone."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_sqlite_writes_ahead_and_guards_foreign_keys(sqlite_database: str) -> None:
    engine = make_engine(sqlite_database)

    with reading(engine) as db:
        assert db.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert db.execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1
    engine.dispose()
