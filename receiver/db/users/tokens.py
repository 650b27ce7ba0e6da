"""API tokens, as stored: only their SHA-256, for a token is 256 random bits."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.conflicts import insert_unless_there
from receiver.db.tables import api_tokens, connections
from receiver.errors import NameTaken, NotFound


@dataclass(frozen=True)
class ApiToken:
    name: str
    created_at: datetime
    connection_id: int | None  # None reads every connection
    connection_name: str | None
    may_manage: bool  # what it reads


def find_token(db: Database, token: str) -> ApiToken | None:
    row = db.execute(_tokens().where(api_tokens.c.token_sha256 == _sha256(token))).first()
    return ApiToken(**row._mapping) if row else None


def list_tokens(db: Database) -> list[ApiToken]:
    rows = db.execute(_tokens().order_by(api_tokens.c.name))
    return [ApiToken(**row._mapping) for row in rows]


def insert_token(
    db: Database, name: str, token: str, connection_id: int | None, now: datetime
) -> None:
    """One that only reads. Raises NameTaken."""
    values = {
        "name": name,
        "token_sha256": _sha256(token),
        "connection_id": connection_id,
        "created_at": now,
    }
    if insert_unless_there(db, api_tokens, values) is None:
        raise NameTaken("There is already a token named %(name)s.", name=name)


def let_manage(db: Database, name: str) -> None:
    """Let the token manage what it reads from now on."""
    db.execute(sa.update(api_tokens).where(api_tokens.c.name == name).values(may_manage=True))


def delete_token(db: Database, name: str) -> None:
    """Raises NotFound."""
    if not db.execute(sa.delete(api_tokens).where(api_tokens.c.name == name)).rowcount:
        raise NotFound("There is no token named %(name)s.", name=name)


def _tokens() -> sa.Select[*tuple[object, ...]]:
    return sa.select(
        api_tokens.c.name,
        api_tokens.c.created_at,
        api_tokens.c.connection_id,
        api_tokens.c.may_manage,
        connections.c.name.label("connection_name"),
    ).outerjoin_from(api_tokens, connections)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
