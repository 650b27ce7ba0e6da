"""Who may read: the API token of a request, and what it shows of the connections."""

from typing import cast

from flask import g, request
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection, get_connection, list_connections
from receiver.db.engine import reading
from receiver.db.tokens import ApiToken, find_token
from receiver.errors import NotFound, WrongToken
from receiver.web.current import current_engine


def require_token() -> None:
    """Raises WrongToken unless the request carries a stored token as ``Bearer``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WrongToken
    with reading(current_engine()) as db:
        found = find_token(db, token.strip())
    if not found:
        raise WrongToken
    g.token = found


def get_visible_connection(db: Database, name: str) -> Connection:
    """Raises NotFound alike for a connection that is not there and one the token may not see."""
    if "\0" in name:  # no name has one, and PostgreSQL does not even take the question
        raise NotFound(f"There is no connection named {name}.")
    connection = get_connection(db, name)
    if not _shows(connection):
        raise NotFound(f"There is no connection named {name}.")
    return connection


def list_visible_connections(db: Database) -> list[Connection]:
    return [connection for connection in list_connections(db) if _shows(connection)]


def _shows(connection: Connection) -> bool:
    bound_to = cast(ApiToken, g.token).connection_id
    return bound_to is None or bound_to == connection.id
