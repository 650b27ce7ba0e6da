"""Stores the records of one batch: what is new or changed is written, what is gone is deleted.

The two databases take bulk rows so differently that each has a file of its own.
"""

from sqlalchemy import Connection as Database

from receiver.db.store import store_postgresql, store_sqlite
from receiver.db.store.incoming import Incoming, Stored

STORES = {"postgresql": store_postgresql.store, "sqlite": store_sqlite.store}


def store(db: Database, connection_id: int, incoming: Incoming) -> Stored:
    """Within the caller's transaction."""
    return STORES[db.dialect.name](db, connection_id, incoming)
