"""What the database is asked, counted: its statements, its transactions."""

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


@contextmanager
def counting_transactions(engine: type[Engine]) -> Iterator[list[object]]:
    """Those that were begun meanwhile, by any engine."""
    begun: list[object] = []

    def note(db: object) -> None:
        begun.append(db)

    sa.event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        sa.event.remove(engine, "begin", note)
