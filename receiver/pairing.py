"""Pairs an Odoo with this receiver: makes connections and their keys."""

import base64
import secrets
from datetime import datetime

from monitr_wire.connection_key import ConnectionKey, encode_connection_key
from monitr_wire.signature import SECRET_PREFIX
from sqlalchemy import Connection as Database

from receiver.config import Config
from receiver.db.connections.connections import get_connection, insert_connection, insert_secret

PUBLIC_ID_BYTES = 12
SECRET_BYTES = 32


def add_connection(db: Database, config: Config, name: str, now: datetime) -> str:
    """Stores a new connection and returns its connection key. Raises NameTaken."""
    public_id = _new_public_id()
    connection_id = insert_connection(db, name, public_id, now)
    return _new_key(db, config, connection_id, public_id, now)


def add_connection_without_key(db: Database, name: str, now: datetime) -> int:
    """Add a connection for an Odoo that is read and does not push; rotate_connection makes a key.
    Its id.

    Raises NameTaken.
    """
    return insert_connection(db, name, _new_public_id(), now)


def rotate_connection(db: Database, config: Config, name: str, now: datetime) -> str:
    """A new connection key; older ones work until this one is first used. Raises NotFound."""
    connection = get_connection(db, name)
    return _new_key(db, config, connection.id, connection.public_id, now)


def _new_public_id() -> str:
    return "con_" + secrets.token_hex(PUBLIC_ID_BYTES)


def _new_key(
    db: Database, config: Config, connection_id: int, public_id: str, now: datetime
) -> str:
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    insert_secret(db, connection_id, config.encrypt(secret), now)
    key = ConnectionKey(config.public_url, public_id, secret, config.public_ca)
    return encode_connection_key(key)
