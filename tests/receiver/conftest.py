"""A receiver for each test, and the cast: connection "acme" owns, "globex" must see nothing."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from sqlalchemy import Engine

from receiver.app import create_app
from receiver.config import Config
from receiver.db.engine import make_engine, writing
from receiver.db.migrate import upgrade
from receiver.db.tables import metadata
from receiver.pairing import add_connection
from receiver.web.current import equip
from tests.postgres import PostgresServer
from tests.receiver.configs import config_of

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database at the newest schema; a test with it runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'monitr.sqlite3')}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "monitr.sqlite3"
    _migrate(f"sqlite:///{path}")
    path.chmod(0o600)  # as the receiver itself makes one
    return path


@pytest.fixture
def postgresql_database(migrated_postgresql: Engine) -> Iterator[str]:
    """Emptied after each test, which is many times faster than a database for each."""
    yield migrated_postgresql.url.render_as_string(hide_password=False)
    tables = reversed(metadata.sorted_tables)
    with writing(migrated_postgresql) as db:
        db.exec_driver_sql("; ".join(f"DELETE FROM {table.name}" for table in tables))


@pytest.fixture(scope="session")
def migrated_postgresql(postgres: PostgresServer) -> Iterator[Engine]:
    """One for all tests: to open a connection and to read the catalog is dearer than most tests."""
    name = f"receiver_{uuid.uuid4().hex}"
    postgres.create_database(name)
    _migrate(postgres.url(name))
    engine = make_engine(postgres.url(name))
    yield engine
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def config(database: str, tmp_path: Path) -> Config:
    return config_of(tmp_path, database)


@pytest.fixture
def app(config: Config, engine: Engine) -> Flask:
    """Shared by the tests with the same settings, each with a database of its own.

    A test that adds to the app makes its own with ``create_app``.
    """
    app = _assembled(replace(config, data_dir=Path(), database_url="sqlite://"))
    equip(app, config, engine)
    return app


@pytest.fixture
def engine(request: pytest.FixtureRequest, database: str) -> Iterator[Engine]:
    if database.startswith("postgresql"):
        yield request.getfixturevalue("migrated_postgresql")
        return
    engine = make_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def acme(engine: Engine, config: Config) -> ConnectionKey:
    """The connection that the test's data belongs to."""
    return _paired(engine, config, "acme")


@pytest.fixture
def globex(engine: Engine, config: Config) -> ConnectionKey:
    """Another connection, which must see nothing of acme's."""
    return _paired(engine, config, "globex")


@cache
def _assembled(config: Config) -> Flask:
    """Takes a tenth of a second: more than most tests."""
    return create_app(config)


def _paired(engine: Engine, config: Config, name: str) -> ConnectionKey:
    with writing(engine) as db:
        key = add_connection(db, config, name, datetime.now(UTC))
    return decode_connection_key(key)


def _migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
