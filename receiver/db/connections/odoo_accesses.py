"""How a connection's Odoo is read by the puller, as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.conflicts import insert_or_replace
from receiver.db.tables import odoo_accesses
from receiver.errors import NotFound


@dataclass(frozen=True)
class OdooAccess:
    url: str  # https://host[:port]
    database_name: str  # empty where that server has a single one and does not tell its name
    username: str
    encrypted_api_key: str
    language: str
    company_ids: str  # "1,3"
    checked_at: datetime  # when it last let the user in, with all rights needed
    pull_every_minutes: int = 60  # 0: only by hand
    key_expires_at: datetime | None = None  # None: never, or Odoo does not tell
    key_count: int = 0  # how many keys of the user this may be; 0: Odoo does not tell
    writable: str = ""  # models that the user may write too: "account.move,res.partner"
    lacks_analytic: bool = False  # the user may not read what is analytic, so it is left out
    lets_go: bool = False  # the next pull removes what is hidden from the user, once


def find_odoo_access(db: Database, connection_id: int) -> OdooAccess | None:
    return list_odoo_accesses(db, [connection_id]).get(connection_id)


def list_odoo_accesses(db: Database, connection_ids: Sequence[int]) -> dict[int, OdooAccess]:
    """``{connection id: access}`` of those that are pulled."""
    query = sa.select(odoo_accesses).where(
        is_among(db, odoo_accesses.c.connection_id, connection_ids)
    )
    found = [dict(row._mapping) for row in db.execute(query)]
    return {values.pop("connection_id"): OdooAccess(**values) for values in found}


def get_odoo_access(db: Database, connection_id: int, name: str) -> OdooAccess:
    """Raises NotFound."""
    found = find_odoo_access(db, connection_id)
    if found is None:
        raise NotFound(
            "%(name)s has no API key to read its Odoo with: it is for the addon to push.", name=name
        )
    return found


def save_odoo_access(db: Database, connection_id: int, access: OdooAccess) -> None:
    """Instead of the one that there may be, whose schedule stays."""
    values = {"connection_id": connection_id, **vars(access)}
    insert_or_replace(db, odoo_accesses, values, keeping=("pull_every_minutes",))


def update_pull_schedule(db: Database, connection_id: int, every_minutes: int) -> None:
    update = sa.update(odoo_accesses).where(_of(connection_id))
    db.execute(update.values(pull_every_minutes=every_minutes))


def delete_odoo_access(db: Database, connection_id: int) -> None:
    db.execute(sa.delete(odoo_accesses).where(_of(connection_id)))


def update_key_expiry(
    db: Database, connection_id: int, expires_at: datetime | None, key_count: int
) -> None:
    values = {"key_expires_at": expires_at, "key_count": key_count}
    db.execute(sa.update(odoo_accesses).where(_of(connection_id)).values(values))


def update_lack(db: Database, connection_id: int, *, lacks_analytic: bool) -> None:
    """Update the access; of one that pushes there is nothing to update."""
    update = sa.update(odoo_accesses).where(_of(connection_id))
    db.execute(update.values(lacks_analytic=lacks_analytic))


def update_letting_go(db: Database, connection_id: int, *, lets_go: bool) -> None:
    """The same."""
    update = sa.update(odoo_accesses).where(_of(connection_id))
    db.execute(update.values(lets_go=lets_go))


def _of(connection_id: int) -> sa.ColumnElement[bool]:
    return odoo_accesses.c.connection_id == connection_id
