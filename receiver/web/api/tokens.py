"""Who may read and manage: a request's API token, and what it shows of the connections."""

from typing import cast

from flask import g, request
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection, get_connection, list_connections
from receiver.db.engine import reading
from receiver.db.users.tokens import ApiToken, find_token
from receiver.errors import MayNotManage, NotFound, WrongToken
from receiver.web.current import current_engine

READING_METHODS = ("GET", "HEAD", "OPTIONS")


def require_token() -> None:
    """Raises WrongToken unless the request carries a stored token as ``Bearer``, and MayNotManage
    where it does more than read and the token may not."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WrongToken
    with reading(current_engine()) as db:
        found = find_token(db, token.strip())
    if not found:
        raise WrongToken
    if request.method not in READING_METHODS and not found.may_manage:
        raise MayNotManage
    g.token = found


def require_token_of_all() -> None:
    """Raises MayNotManage for a token that is bound to one connection."""
    if cast(ApiToken, g.token).connection_id is not None:
        raise MayNotManage("This API token is bound to one connection; this needs one that is not.")


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
