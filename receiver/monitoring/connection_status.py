"""How connections stand, as a card or a row of a table shows each.

The facts of all of them come in as many queries as those of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection as Database

from receiver.db.accounting.ledger import Company, list_companies_of
from receiver.db.connections.connections import Connection
from receiver.db.connections.heartbeat import Keys, list_keys
from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.db.proof.proofs import Proof, list_last_equal, list_last_proofs, list_last_tie_outs
from receiver.db.store.set_aside import count_set_aside
from receiver.monitoring.health import Health, State, health_of, health_of_pulls
from receiver.monitoring.pulls import Pulls, list_pulls


class Way(StrEnum):
    """How an Odoo's books come."""

    PUSH = "push"  # the addon sends them
    PULL = "pull"  # this receiver reads them with an API key
    NONE = "none"  # removed: what was stored stays


class Care(StrEnum):
    """What a connection needs of people, the most urgent first."""

    FAILING = "failing"  # nothing comes, or what is stored differs from Odoo
    WARNED = "warned"  # there are reasons to look at it before it fails
    WAITING = "waiting"  # for its first contact
    WELL = "well"
    REMOVED = "removed"  # nothing is expected any more


FAILING_STATES = (State.FAILING, State.REFUSED, State.SILENT)


@dataclass(frozen=True)
class Standing:
    connection: Connection
    companies: list[Company]
    way: Way
    health: Health
    pulls: Pulls | None  # None where nothing is pulled
    proof: Proof | None  # the newest
    tied_out_at: datetime | None  # the last time
    equal_at: datetime | None  # the last time that all was equal, but perhaps for what is set aside
    set_aside_count: int

    @property
    def access(self) -> OdooAccess | None:
        return self.pulls.access if self.pulls else None

    @property
    def succeeded_at(self) -> datetime | None:
        """The last success: a pull that came to its end, or the addon's last contact."""
        return self.pulls.succeeded_at if self.pulls else self.connection.last_contact_at

    @property
    def is_configured(self) -> bool:
        """Connected, and data arrived once."""
        return self.way is not Way.NONE and self.succeeded_at is not None

    @property
    def care(self) -> Care:
        if self.way is Way.NONE:
            return Care.REMOVED
        has_failed = self.pulls is not None and self.pulls.has_failed
        differs = self.proof is not None and not self.proof.is_equal
        if has_failed or differs or self.health.state in FAILING_STATES:
            return Care.FAILING
        if self.health.state is State.WAITING:
            return Care.WAITING
        return Care.WARNED if self.health.reasons else Care.WELL


def find_standing(db: Database, connection: Connection, now: datetime) -> Standing:
    return list_standings(db, [connection], now)[0]


def list_standings(
    db: Database, connections: Sequence[Connection], now: datetime
) -> list[Standing]:
    ids = [each.id for each in connections]
    companies, keys = list_companies_of(db, ids), list_keys(db, ids)
    pulls = list_pulls(db, connections, now)
    proofs, tied_out = list_last_proofs(db, ids), list_last_tie_outs(db, ids, now)
    equal, set_aside = list_last_equal(db, ids, now), count_set_aside(db, ids)
    return [
        Standing(
            connection=each,
            companies=companies[each.id],
            way=_way(pulls.get(each.id), keys[each.id]),
            health=(
                health_of_pulls(each, pulls[each.id], now)
                if each.id in pulls
                else health_of(each, keys[each.id], equal.get(each.id), now)
            ).with_books(set_aside.get(each.id, 0), proofs.get(each.id)),
            equal_at=equal.get(each.id),
            set_aside_count=set_aside.get(each.id, 0),
            pulls=pulls.get(each.id),
            proof=proofs.get(each.id),
            tied_out_at=tied_out.get(each.id),
        )
        for each in connections
    ]


def _way(pulls: Pulls | None, keys: Keys) -> Way:
    if pulls:
        return Way.PULL
    return Way.PUSH if keys.valid_count else Way.NONE
