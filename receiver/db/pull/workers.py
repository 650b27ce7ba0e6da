"""The workers that pull, by when they were last seen."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import IS_OPEN, pull_runs, workers

FORGOTTEN_AFTER = timedelta(days=1)


def note_worker(db: Database, name: str, now: datetime) -> None:
    """Called by the worker of that name alone."""
    noted = db.execute(sa.update(workers).where(workers.c.name == name).values(seen_at=now))
    if not noted.rowcount:
        db.execute(sa.insert(workers).values(name=name, seen_at=now))
    db.execute(sa.delete(workers).where(workers.c.seen_at < now - FORGOTTEN_AFTER))


def is_worker_seen_since(db: Database, moment: datetime, now: datetime) -> bool:
    """One that looked for work since then, or one that is at a pull now."""
    looked = sa.select(workers.c.name).where(workers.c.seen_at >= moment)
    works = sa.select(pull_runs.c.worker).where(
        IS_OPEN, pull_runs.c.state == "running", pull_runs.c.lease_until >= now
    )
    return db.execute(sa.union_all(looked, works).limit(1)).first() is not None
