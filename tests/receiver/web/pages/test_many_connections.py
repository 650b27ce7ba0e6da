"""The pages of who has very many connections: an accounting firm."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.pull_runs import RunState
from tests.receiver.pulled import add_pulled, ask, take_newest
from tests.receiver.web.pages.conftest import Browser

OVERVIEWS = ("/", "/health/", "/integrations")


def add_clients(engine: Engine, config: Config, numbers: range) -> None:
    """client-NUMBER, each pulled once: it succeeded."""
    for number in numbers:
        name = f"client-{number:03}"
        ask(engine, add_pulled(engine, config, name))
        take_newest(engine, RunState.SUCCEEDED, name=name)


@contextmanager
def counting_statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that the database was asked meanwhile."""
    asked: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", OVERVIEWS)
def test_thirty_take_as_many_queries_as_three(
    anna: Browser, engine: Engine, config: Config, path: str
) -> None:
    counts = []
    for numbers in (range(3), range(3, 30)):
        add_clients(engine, config, numbers)
        with counting_statements(engine) as asked:
            assert anna.get(path).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1] < 25
