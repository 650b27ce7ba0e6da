"""Both kinds of database in one test, to compare what they answer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from receiver.db.engine import make_engine


@pytest.fixture
def both(sqlite_database: str, postgresql_database: str) -> Iterator[tuple[Engine, Engine]]:
    engines = make_engine(sqlite_database), make_engine(postgresql_database)
    yield engines
    for engine in engines:
        engine.dispose()
