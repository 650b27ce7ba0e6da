"""The pull, top to bottom: read -> encode -> validate -> store, stream by stream; then prove.

A run reads everything the first time, once a day, and whenever the scope or what Odoo knows of a
stream changed; else what changed since. It ends with a proof that what is stored has Odoo's own
counts and sums, and repairs what differs. A killed run is gone on with by the next.

What it finds when: all that Odoo writes itself, within the same run, but for labels of transactions
longer than the overlap (incremental.py). Those, and what is changed past Odoo, in its database,
come in the same run where a count, an amount or a reference changes with it, else (such as a label)
when everything is read again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine

from receiver.db.accounting.ledger import list_companies
from receiver.db.accounting.watched_periods import narrow_watched_periods
from receiver.db.connections.connections import (
    Connection,
    PulledOdoo,
    lock_connection,
    update_from_pull,
)
from receiver.db.connections.odoo_accesses import (
    find_odoo_access,
    update_lack,
    update_letting_go,
)
from receiver.db.engine import reading, writing
from receiver.db.proof.proofs import Proof
from receiver.db.pull.pull_positions import list_positions
from receiver.db.store.receipts import Receipt
from receiver.pull.extract.read import open_readers
from receiver.pull.incremental import bring_up_to_date
from receiver.pull.prove import tie_out
from receiver.pull.run import Progress, Run, Tell
from receiver.pull.scope import OdooInScope, Scope, check_scope, misses_analytic
from receiver.pull.transport.client import OdooClient

__all__ = ["Progress", "Pulled", "pull"]

log = structlog.get_logger()


@dataclass(frozen=True)
class Pulled:
    """What a run brought, and what it cost Odoo."""

    run_id: str
    receipts: tuple[Receipt, ...]
    repaired_count: int  # records that a proof found different
    proof: Proof | None  # it ties out; None of an Odoo that adds nothing up
    call_count: int
    seconds_in_odoo: float

    @property
    def record_count(self) -> int:
        return sum(receipt.received_count for receipt in self.receipts)

    @property
    def written_count(self) -> int:
        return sum(receipt.written_count for receipt in self.receipts)

    @property
    def deleted_count(self) -> int:
        return sum(receipt.deleted_count for receipt in self.receipts)


def pull(
    engine: Engine,
    connection: Connection,
    client: OdooClient,
    scope: Scope,
    tell: Tell = lambda progress: None,
) -> Pulled:
    """Afterwards the connection holds what Odoo has, as a push would leave it.

    ``tell`` hears of each range when it is stored, and may raise to stop the run there. Raises
    GoneFromSight, DoesNotTieOut, a Rejected for what is no record, DatabaseUnavailable, and
    whatever the client raises. What is stored until then stays, and the next call goes on from
    there.
    """
    odoo = OdooInScope(client, scope)
    check_scope(odoo, _company_names(engine, connection))
    run = _begin(engine, connection, odoo, tell)
    readers = open_readers(odoo)
    _note_rights(engine, connection, misses_analytic=misses_analytic(odoo, readers))
    with reading(engine) as db:
        positions = list_positions(db, connection.id)
    for reader in readers.values():
        bring_up_to_date(run, reader, positions)
    adds_up = all(reader.offers.read_groups for reader in readers.values())
    proof = tie_out(run, readers) if adds_up else None
    if run.lets_go:
        with writing(engine) as db:
            update_letting_go(db, connection.id, lets_go=False)
    pulled = Pulled(
        run_id=run.run_id,
        receipts=tuple(run.receipts),
        repaired_count=run.repaired_count,
        proof=proof,
        call_count=odoo.call_count,
        seconds_in_odoo=odoo.seconds,
    )
    log.info("pulled", run_id=run.run_id, lets_go=run.lets_go, **_cost(pulled))
    return pulled


def _company_names(engine: Engine, connection: Connection) -> dict[int, str]:
    """As they were pulled last: Odoo tells nothing of those that are out of sight."""
    with reading(engine) as db:
        return {each.id: each.name or "" for each in list_companies(db, connection.id)}


def _begin(engine: Engine, connection: Connection, odoo: OdooInScope, tell: Tell) -> Run:
    """What a hello would tell is known from here on."""
    scope = odoo.scope
    with writing(engine) as db:
        locked = lock_connection(db, connection.id)
        access = find_odoo_access(db, locked.id)
        told = PulledOdoo(
            series=odoo.client.series,
            database_name=access.database_name if access else locked.database_name,
            language=scope.language,
            company_ids=",".join(map(str, scope.company_ids)),
            start_date=scope.start_date,
        )
        update_from_pull(db, locked.id, told, datetime.now(UTC))
        narrow_watched_periods(db, locked, scope.company_ids, scope.start_date)
    return Run(engine, locked, tell, lets_go=bool(access and access.lets_go))


def _note_rights(engine: Engine, connection: Connection, *, misses_analytic: bool) -> None:
    with writing(engine) as db:
        update_lack(db, connection.id, lacks_analytic=misses_analytic)


def _cost(pulled: Pulled) -> dict[str, object]:
    return {
        "records": pulled.record_count,
        "written": pulled.written_count,
        "deleted": pulled.deleted_count,
        "repaired": pulled.repaired_count,
        "calls": pulled.call_count,
        "seconds_in_odoo": round(pulled.seconds_in_odoo, 3),
    }
