"""Both kinds of database in one test, to compare what they answer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from receiver.db.engine import make_engine


@pytest.fixture
def both(
    sqlite_database: str, postgresql_database: str, migrated_postgresql: Engine
) -> Iterator[tuple[Engine, Engine]]:
    sqlite = make_engine(sqlite_database)
    yield sqlite, migrated_postgresql
    sqlite.dispose()
