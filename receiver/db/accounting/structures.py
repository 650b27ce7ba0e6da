"""Reporting structures, as stored: each a document, with the one from before its last change."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import structures
from receiver.errors import NameTaken, NotFound


@dataclass(frozen=True)
class StoredStructure:
    structure_id: int
    name: str
    content: str
    content_before: str | None
    changed_at: datetime


def list_structures(db: Database, connection_id: int) -> list[StoredStructure]:
    """List structures by name."""
    query = sa.select(*_columns()).where(structures.c.connection_id == connection_id)
    rows = db.execute(query.order_by(structures.c.name))
    return [StoredStructure(**row._mapping) for row in rows]


def get_structure(db: Database, connection_id: int, structure_id: int) -> StoredStructure:
    """Raises NotFound."""
    return _got(db, sa.select(*_columns()).where(_is(connection_id, structure_id)))


def lock_structure(db: Database, connection_id: int, structure_id: int) -> StoredStructure:
    """The structure, kept from every other writer until this transaction ends. Raises NotFound."""
    query = sa.select(*_columns()).where(_is(connection_id, structure_id))
    return _got(db, query.with_for_update())


def insert_structure(
    db: Database, connection_id: int, name: str, content: str, now: datetime
) -> int:
    """The new structure's id; the caller has locked the connection. Raises NameTaken."""
    _refuse_taken(db, connection_id, name)
    mine = structures.c.connection_id == connection_id
    last_id = db.scalar(sa.select(sa.func.max(structures.c.structure_id)).where(mine)) or 0
    values = {
        "connection_id": connection_id,
        "structure_id": last_id + 1,
        "name": name,
        "content": content,
        "changed_at": now,
    }
    db.execute(sa.insert(structures).values(values))
    return int(last_id) + 1


def update_content(
    db: Database, connection_id: int, stored: StoredStructure, content: str, now: datetime
) -> None:
    """The content there was is kept as the one before."""
    values = {"content": content, "content_before": stored.content, "changed_at": now}
    update = sa.update(structures).where(_is(connection_id, stored.structure_id))
    db.execute(update.values(values))


def update_name(db: Database, connection_id: int, stored: StoredStructure, name: str) -> None:
    """The caller has locked the connection. Raises NameTaken."""
    if name == stored.name:
        return
    _refuse_taken(db, connection_id, name)
    update = sa.update(structures).where(_is(connection_id, stored.structure_id))
    db.execute(update.values(name=name))


def delete_structure(db: Database, connection_id: int, structure_id: int) -> None:
    db.execute(sa.delete(structures).where(_is(connection_id, structure_id)))


def _refuse_taken(db: Database, connection_id: int, name: str) -> None:
    mine = structures.c.connection_id == connection_id
    query = sa.select(structures.c.structure_id).where(mine, structures.c.name == name)
    if db.scalar(query):
        raise NameTaken(
            "There is already a reporting structure named %(name)s.", path="/name", name=name
        )


def _got(db: Database, query: sa.Select[*tuple[object, ...]]) -> StoredStructure:
    row = db.execute(query).first()
    if row is None:
        raise NotFound("There is no such reporting structure.")
    return StoredStructure(**row._mapping)


def _columns() -> list[sa.Column[object]]:
    return [column for column in structures.columns if column.name != "connection_id"]


def _is(connection_id: int, structure_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        structures.c.connection_id == connection_id, structures.c.structure_id == structure_id
    )
