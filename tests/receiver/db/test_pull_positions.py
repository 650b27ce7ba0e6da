"""Where a pull goes on is known of each connection and stream by itself."""

from dataclasses import replace
from datetime import UTC, datetime

from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_positions import (
    PullPosition,
    forget_positions,
    list_positions,
    save_position,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEGUN = PullPosition("partners", "shape", begun_at=NOW, after_id=7, written_until=NOW)


def positions(engine: Engine, name: str) -> dict[str, PullPosition]:
    with reading(engine) as db:
        return list_positions(db, get_connection(db, name).id)


def save(engine: Engine, name: str, position: PullPosition) -> None:
    with writing(engine) as db:
        save_position(db, get_connection(db, name).id, position)


def test_the_last_position_of_a_stream_is_kept(engine: Engine, acme: ConnectionKey) -> None:
    ended = replace(BEGUN, after_id=None, written_until=None)
    other = replace(BEGUN, stream="journals")

    for position in (BEGUN, other, ended):
        save(engine, "acme", position)

    assert positions(engine, "acme") == {"partners": ended, "journals": other}


def test_positions_are_forgotten_of_one_connection_alone(
    engine: Engine, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    for name in ("acme", "globex"):
        save(engine, name, BEGUN)

    with writing(engine) as db:
        forget_positions(db, get_connection(db, "acme").id)

    assert positions(engine, "acme") == {}
    assert positions(engine, "globex") == {"partners": BEGUN}
