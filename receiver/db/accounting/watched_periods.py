"""The closed periods of a connection that are watched for changes, kept with the connection.

What arrives for the first time has not changed. So a company is watched from the first proof on
that ties out with it, from the start date that the connection had then, and no longer than both
stay within what the connection sends.

Closed is what was closed in Odoo at the newest such proof: books are usually locked after their
last entry and both arrive in one run, in any order. And who takes a lock away, changes an entry and
locks again between two runs does not go unnoticed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection
from receiver.db.tables import STREAM_TABLES, connections

companies = STREAM_TABLES["companies"].c


@dataclass(frozen=True)
class WatchedPeriod:
    """A closed period of one company."""

    first_on: date | None  # what is dated earlier was not sent; None is without limit
    closed_until: date | None  # None: nothing is closed


def watched_periods(connection: Connection) -> dict[int, WatchedPeriod]:
    """``{company id: what is closed}``; a company of which nothing is closed is not there.

    Asks the database nothing: this is read with every batch.
    """
    return {
        company_id: replace(period, closed_until=closed_until)
        for company_id, period in _decode(connection.watched_periods).items()
        if (closed_until := _latest(period.closed_until, connection.last_actuals_on))
    }


def watch_periods(db: Database, connection: Connection) -> None:
    """Remember the closed periods as a proof that ties out has found them."""
    locked = _list_lock_dates(db, connection.id)
    company_ids = (connection.company_ids or "").split(",")
    periods = {
        int(id): WatchedPeriod(connection.start_date, locked.get(int(id)))
        for id in company_ids
        if id
    }
    _update(db, connection, periods)


def narrow_watched_periods(
    db: Database, connection: Connection, company_ids: Sequence[int], start_date: date | None
) -> None:
    """Watch no longer what the connection does not send any more, even if it soon does again."""
    periods = {
        id: replace(period, first_on=_latest(period.first_on, start_date))
        for id, period in _decode(connection.watched_periods).items()
        if id in company_ids
    }
    _update(db, connection, periods)


def _list_lock_dates(db: Database, connection_id: int) -> dict[int, date | None]:
    """``{company id: the last day that is locked in Odoo}``. The tax lock date locks no ledger."""
    query = sa.select(
        companies.id,
        companies.parent_id,
        companies.root_company_id,
        companies.fiscal_year_lock_date,
        companies.hard_lock_date,
    ).where(companies.connection_id == connection_id)
    stored = {row.id: row for row in db.execute(query)}
    return {id: _latest(*_lock_dates(id, stored)) for id in stored}


def _lock_dates(id: int, stored: Mapping[int, sa.Row[*tuple[Any, ...]]]) -> Iterator[date | None]:
    """Its own, and those of the companies that it is a branch of: these bind branches too."""
    root_company_id = stored[id].root_company_id
    passed: set[int] = set()
    while id in stored and id not in passed and stored[id].root_company_id == root_company_id:
        passed.add(id)
        yield stored[id].fiscal_year_lock_date
        yield stored[id].hard_lock_date
        id = stored[id].parent_id


def _update(db: Database, connection: Connection, periods: Mapping[int, WatchedPeriod]) -> None:
    text = _encode(periods) if periods else None
    if text != connection.watched_periods:
        update = sa.update(connections).where(connections.c.id == connection.id)
        db.execute(update.values(watched_periods=text))


def _encode(periods: Mapping[int, WatchedPeriod]) -> str:
    """``{"1": ["2024-01-01", "2025-12-31"], "2": [null, null]}``"""
    return json.dumps(
        {
            str(id): [day and day.isoformat() for day in (period.first_on, period.closed_until)]
            for id, period in sorted(periods.items())
        }
    )


def _decode(text: str | None) -> dict[int, WatchedPeriod]:
    return {
        int(id): WatchedPeriod(*(day and date.fromisoformat(day) for day in days))
        for id, days in json.loads(text or "{}").items()
    }


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)
