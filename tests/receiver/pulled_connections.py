"""A connection whose Odoo is read with an API key, and a worker to read it."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import OdooAccess, save_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import (
    AskedBy,
    Cost,
    Lease,
    PullRun,
    RunState,
    ask_for_run,
    find_newest_run,
    take_run,
    update_held_run,
)
from receiver.db.tables import odoo_accesses, pull_runs
from receiver.pairing import add_connection_without_key

API_KEY = "7b2c0d1e"
FREE = Cost(call_count=0, milliseconds_in_odoo=0)


def add_pulled_connection(
    engine: Engine,
    config: Config,
    name: str = "acme",
    *,
    url: str = "https://acme.odoo.com",
) -> int:
    """The id of a new connection."""
    with writing(engine) as db:
        connection_id = add_connection_without_key(db, name, datetime.now(UTC))
    add_access(engine, config, connection_id, url=url)
    return connection_id


def add_access(
    engine: Engine,
    config: Config,
    connection_id: int,
    *,
    url: str = "https://acme.odoo.com",
) -> None:
    access = OdooAccess(
        url=url,
        database_name="acme",
        username="accountant@acme.example",
        encrypted_api_key=config.cipher.encrypt(API_KEY.encode()).decode(),
        language="en_US",
        company_ids="1,2",
        checked_at=datetime.now(UTC),
    )
    with writing(engine) as db:
        save_odoo_access(db, connection_id, access)


def ask(engine: Engine, connection_id: int, by: AskedBy = AskedBy.HAND) -> PullRun:
    with writing(engine) as db:
        return ask_for_run(db, connection_id, by, datetime.now(UTC))


def newest_run(engine: Engine, name: str = "acme") -> PullRun:
    with reading(engine) as db:
        found = find_newest_run(db, get_connection(db, name).id)
    assert found
    return found


def let_lease_run_out(engine: Engine) -> None:
    """As if its worker had been killed some minutes ago."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    with writing(engine) as db:
        db.execute(sa.update(pull_runs).values(lease_until=past))


def let_wait_pass(engine: Engine) -> None:
    """As if what waits were due."""
    with writing(engine) as db:
        db.execute(sa.update(pull_runs).values(due_at=datetime.now(UTC)))


def take_newest(
    engine: Engine,
    end: RunState | None = None,
    cost: Cost = FREE,
    *,
    name: str = "acme",
    **values: object,
) -> Lease:
    """Some worker takes the connection's newest run, and ends it like this."""
    run, now = newest_run(engine, name), datetime.now(UTC)
    with writing(engine) as db:
        ids = (run.connection_id, run.run_id)
        lease = take_run(db, ids, "another", now, now + timedelta(minutes=5))
        assert lease
        if end:
            values |= {"state": end, "finished_at": now}
        update_held_run(db, lease, cost, **values)
    return lease


def let_an_hour_pass(engine: Engine) -> None:
    """As if what was asked for until now had been asked for an hour ago."""
    with writing(engine) as db:
        ago = datetime.now(UTC) - timedelta(hours=1)
        db.execute(sa.update(pull_runs).values(asked_at=ago, finished_at=ago))
        db.execute(sa.update(odoo_accesses).values(checked_at=ago - timedelta(hours=1)))
