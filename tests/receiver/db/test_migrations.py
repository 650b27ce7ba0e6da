"""The migrations lead from nothing to exactly the tables of tables.py, on both databases."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from receiver.db.engine import make_engine, reading, writing
from receiver.db.migrate import upgrade
from receiver.db.tables import metadata
from receiver.errors import Misconfigured
from tests.postgres import PostgresServer

TOKEN = {"name": "me", "token_sha256": "0" * 64, "created_at": datetime(2026, 1, 31, tzinfo=UTC)}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The engine of a database without tables."""
    if request.param == "sqlite":
        yield make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    name = f"empty_{uuid.uuid4().hex}"
    postgres.create_database(name)
    engine = make_engine(postgres.url(name))
    yield engine
    engine.dispose()
    postgres.drop_database(name)


def test_they_make_the_tables_of_the_program(empty: Engine) -> None:
    upgrade(empty)

    with reading(empty) as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_they_make_the_primary_keys_and_defaults_of_the_program(empty: Engine) -> None:
    """Alembic's comparison does not look at these."""
    upgrade(empty)

    inspected = sa.inspect(empty)
    for table in metadata.tables.values():
        key = inspected.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key.columns]
        with_default = {c["name"] for c in inspected.get_columns(table.name) if c["default"]}
        serial = {"id"} if empty.dialect.name == "postgresql" and key == ["id"] else set()
        assert with_default - serial == {c.name for c in table.columns if c.server_default}


def test_a_second_upgrade_finds_nothing_to_do(empty: Engine) -> None:
    upgrade(empty)
    with writing(empty) as db:
        db.execute(sa.insert(metadata.tables["api_tokens"]).values(TOKEN))

    upgrade(empty)

    with reading(empty) as db:
        assert db.execute(sa.select(metadata.tables["api_tokens"].c.name)).all() == [("me",)]


def test_a_database_of_a_newer_release_is_left_alone(empty: Engine) -> None:
    upgrade(empty)
    with writing(empty) as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Misconfigured, match="newer Monitr"):
        upgrade(empty)


def test_a_migration_that_fails_leaves_no_trace(empty: Engine) -> None:
    with writing(empty) as db:
        db.execute(sa.text("CREATE TABLE journal_items (in_the_way INTEGER)"))

    with pytest.raises(sa.exc.DBAPIError, match="already exists"):
        upgrade(empty)

    assert sa.inspect(empty).get_table_names() == ["journal_items"]
