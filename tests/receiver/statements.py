"""The statements that the database is asked, counted."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Engine


@contextmanager
def counting_statements(engine: Engine | type[Engine]) -> Iterator[list[str]]:
    """The statements that the database was asked meanwhile, by this engine or by any."""
    asked: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
