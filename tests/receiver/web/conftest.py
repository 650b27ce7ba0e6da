"""Who reads: a token bound to "acme", one bound to "globex", and one that sees every connection."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.users.tokens import insert_token, let_manage


@pytest.fixture
def acme_reader(app: Flask, engine: Engine, acme: ConnectionKey) -> FlaskClient:
    return reader_of(app, engine, "acme")


@pytest.fixture
def globex_reader(app: Flask, engine: Engine, globex: ConnectionKey) -> FlaskClient:
    return reader_of(app, engine, "globex")


@pytest.fixture
def reader_of_all(app: Flask, engine: Engine) -> FlaskClient:
    return reader_of(app, engine, None)


@pytest.fixture
def acme_manager(app: Flask, engine: Engine, acme_reader: FlaskClient) -> FlaskClient:
    return managing(engine, "acme", acme_reader)


@pytest.fixture
def manager_of_all(app: Flask, engine: Engine, reader_of_all: FlaskClient) -> FlaskClient:
    return managing(engine, None, reader_of_all)


def managing(engine: Engine, connection: str | None, reader: FlaskClient) -> FlaskClient:
    """The same client, whose token may manage from now on."""
    with writing(engine) as db:
        let_manage(db, f"{connection}'s")
    return reader


def reader_of(app: Flask, engine: Engine, connection: str | None) -> FlaskClient:
    """A client whose every request carries a token that reads this connection, or all of them."""
    token = f"monitr_token_of_{connection}"
    with writing(engine) as db:
        bound_to = get_connection(db, connection).id if connection else None
        insert_token(db, f"{connection}'s", token, bound_to, datetime.now(UTC))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
