"""How a connection stands, as one card or one row of a table shows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.heartbeat import get_keys
from receiver.db.ledger import Company, list_companies
from receiver.db.odoo_accesses import OdooAccess, find_odoo_access
from receiver.db.proofs import Proof, find_last_proof, find_last_tie_out
from receiver.report.health import Health, find_health
from receiver.report.pulls import Pulls, find_pulls


class Way(StrEnum):
    """How an Odoo's books come."""

    PUSH = "push"  # the addon sends them
    PULL = "pull"  # this receiver reads them with an API key
    NONE = "none"  # removed: what was stored stays


@dataclass(frozen=True)
class Standing:
    connection: Connection
    companies: list[Company]
    way: Way
    health: Health
    access: OdooAccess | None  # None where nothing is pulled
    pulls: Pulls | None  # None there too
    proof: Proof | None  # the newest
    tied_out_at: datetime | None  # the last time

    @property
    def succeeded_at(self) -> datetime | None:
        """The last success: a pull that came to its end, or the addon's last contact."""
        return self.pulls.succeeded_at if self.pulls else self.connection.last_contact_at

    @property
    def is_configured(self) -> bool:
        """Connected, and data arrived once."""
        return self.way is not Way.NONE and self.succeeded_at is not None


def find_standing(db: Database, connection: Connection, now: datetime) -> Standing:
    access = find_odoo_access(db, connection.id)
    return Standing(
        connection=connection,
        companies=list_companies(db, connection.id),
        way=_way(access, get_keys(db, connection.id).valid_count),
        health=find_health(db, connection, now),
        access=access,
        pulls=find_pulls(db, connection, now),
        proof=find_last_proof(db, connection.id),
        tied_out_at=find_last_tie_out(db, connection.id, now),
    )


def _way(access: OdooAccess | None, valid_key_count: int) -> Way:
    if access:
        return Way.PULL
    return Way.PUSH if valid_key_count else Way.NONE
