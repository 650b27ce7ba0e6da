"""From which moment on changes are asked for, and when everything is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from monitr_wire.streams import JOURNAL_ITEMS, JOURNALS, Stream
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection, get_connection, insert_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.pull.pull_positions import PullPosition, list_positions
from receiver.pull.extract.capabilities import Offers, formatted_read_group
from receiver.pull.extract.read import Reader
from receiver.pull.incremental import EVERYTHING_EVERY, OVERLAP, bring_up_to_date
from receiver.pull.run import Progress, Run
from receiver.pull.scope import OdooInScope, Scope
from tests.receiver.pull import recorded

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
JOURNAL = {"name": recorded.column(), "code": recorded.column(), "type": recorded.column()}
JOURNAL |= {"id": recorded.column("integer"), "company_id": recorded.COMPANY}
FIELDS = {"account.move.line": recorded.ITEM_16, "account.journal": JOURNAL}


@dataclass
class EmptyOdoo:
    """Holds no records, but was last written at some time. Remembers what it was asked."""

    written_at: datetime | None = NOON
    domains: list[Any] = field(default_factory=list)
    series: str = "19.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        if method == "fields_get":
            return FIELDS[model]
        if method == "formatted_read_group":
            return [] if arguments["groupby"] else [nothing(arguments["aggregates"])]
        if arguments["order"] == "write_date desc":
            return [{"id": 1, "write_date": f"{self.written_at:%Y-%m-%d %H:%M:%S}"}]
        self.domains.append(arguments["domain"])
        return []


def nothing(aggregates: Sequence[str]) -> dict[str, Any]:
    """What Odoo adds up of no rows."""
    return {**dict.fromkeys(aggregates), "__count": 0}


@dataclass
class World:
    engine: Engine
    connection: Connection
    odoo: EmptyOdoo = field(default_factory=EmptyOdoo)
    told: list[Progress] = field(default_factory=list)

    def reader(self, stream: Stream = JOURNAL_ITEMS) -> Reader:
        odoo = OdooInScope(self.odoo, Scope((1,), "fr_FR"))
        return Reader(odoo, stream, Offers(formatted_read_group, says_nothing=True))

    def position(self, **values: Any) -> PullPosition:
        """Everything was read an hour ago."""
        begun_at = datetime.now(UTC) - timedelta(hours=1)
        known = PullPosition("journal_items", self.reader().shape, begun_at, None, NOON)
        return replace(known, **values)

    def pull(self, position: PullPosition | None, stream: Stream = JOURNAL_ITEMS) -> PullPosition:
        """The position afterwards."""
        positions = {position.stream: position} if position else {}
        run = Run(self.engine, self.connection, self.told.append)
        bring_up_to_date(run, self.reader(stream), positions)
        with reading(self.engine) as db:
            return list_positions(db, self.connection.id)[stream.name]

    @property
    def since(self) -> str | None:
        """From when on changes were asked for."""
        found = [part for part in self.odoo.domains[0] if part[0] == "write_date"]
        assert all(operator == ">=" for _, operator, _ in found), "19 rounds what is greater"
        return found[0][2] if found else None


@pytest.fixture
def world(sqlite_database: str, tmp_path: Path) -> Iterator[World]:
    engine = make_engine(sqlite_database)
    with writing(engine) as db:
        insert_connection(db, "acme", "con_acme", NOON)
        connection = get_connection(db, "acme")
    yield World(engine, connection)
    engine.dispose()


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def test_changes_are_read_again_from_before_the_last_one_that_was_there(world: World) -> None:
    world.odoo.written_at = NOON + timedelta(hours=3)

    position = world.pull(world.position())

    assert world.since == text(NOON - OVERLAP)
    assert position.written_until == NOON + timedelta(hours=3)


def test_if_time_went_back_in_odoo_that_much_more_is_read(world: World) -> None:
    """The newest rows were deleted, or a backup was restored."""
    world.odoo.written_at = NOON - timedelta(days=3)

    world.pull(world.position())

    assert world.since == text(NOON - timedelta(days=3) - OVERLAP)


def test_a_row_from_the_future_hides_no_change(world: World) -> None:
    world.odoo.written_at = datetime(2999, 1, 1, tzinfo=UTC)

    position = world.pull(world.position())

    assert position.written_until is not None
    assert position.written_until <= datetime.now(UTC)


def test_items_that_are_matched_in_part_are_read_each_time(world: World) -> None:
    world.pull(world.position())

    assert ("full_reconcile_id", "=", False) in world.odoo.domains[0]


def test_everything_is_read_the_first_time(world: World) -> None:
    position = world.pull(None)

    assert world.since is None
    assert [progress.what for progress in world.told] == ["everything"]
    assert (position.after_id, position.written_until) == (None, NOON)


@pytest.mark.parametrize(
    "outdated",
    [
        {"shape": "of another scope, or before a field was added"},
        {"begun_at": datetime.now(UTC) - EVERYTHING_EVERY - timedelta(minutes=1)},
    ],
)
def test_everything_is_read_when_what_is_stored_may_be_outdated(
    world: World, outdated: dict[str, Any]
) -> None:
    world.pull(world.position(**outdated))

    assert [progress.what for progress in world.told] == ["everything"]


def test_everything_is_read_after_a_push(world: World) -> None:
    world.connection = replace(world.connection, last_hello_at=datetime.now(UTC))

    world.pull(world.position())

    assert [progress.what for progress in world.told] == ["everything"]


def test_a_read_of_everything_goes_on_where_it_had_come_to(world: World) -> None:
    position = world.pull(world.position(after_id=700))

    assert ("id", ">", 700) in world.odoo.domains[0]
    assert position.after_id is None
    assert position.written_until == NOON, "what was written since it began is read the next time"


def test_small_streams_are_read_whole_each_time(world: World) -> None:
    shape = world.reader(JOURNALS).shape

    world.pull(world.position(stream="journals", shape=shape), JOURNALS)

    assert [progress.what for progress in world.told] == ["everything"]
