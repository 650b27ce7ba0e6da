"""What the database knows of the ledger's size, by which it chooses how to read it."""

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import STREAM_TABLES


def renew_statistics(db: Database) -> None:
    """PostgreSQL renews them by itself, but a minute or so after a first import: until then it
    takes the ledger for empty, and reads it row by row for each of its rows. A table at which
    another session is doing that or the like is left to it: nobody waits."""
    if db.dialect.name == "postgresql":
        db.execute(sa.text(f"ANALYZE (SKIP_LOCKED) {', '.join(STREAM_TABLES)}"))
