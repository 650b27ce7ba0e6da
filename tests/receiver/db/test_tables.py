"""The rules that every table keeps, and values that come back as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from monitr_wire.streams import STREAMS, Stream
from sqlalchemy import Engine

from receiver.db.engine import reading, writing
from receiver.db.tables import STREAM_TABLES, connections

each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


@each_stream
def test_the_primary_key_starts_with_the_connection(stream: Stream) -> None:
    """So that a large installation can distribute the tables by connection."""
    key = STREAM_TABLES[stream.name].primary_key.columns

    assert [column.name for column in key] == ["connection_id", "id"]


@each_stream
def test_every_index_and_unique_constraint_starts_with_the_connection(stream: Stream) -> None:
    table = STREAM_TABLES[stream.name]
    uniques = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]

    for each in (*table.indexes, *uniques):
        assert next(iter(each.columns)).name == "connection_id"


@each_stream
def test_a_table_has_the_streams_fields_and_the_digest(stream: Stream) -> None:
    columns = STREAM_TABLES[stream.name].columns

    assert columns.keys() == ["connection_id", *stream.field_names, "digest"]
    assert all(columns[field.name].nullable is not field.required for field in stream.fields)


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(engine: Engine) -> None:
    moment = datetime(2026, 1, 31, 23, 30, 0, 123456, timezone(timedelta(hours=-5)))
    values = {"public_id": "con_1", "name": "acme", "created_at": moment}
    with writing(engine) as db:
        db.execute(sa.insert(connections).values(values))

    with reading(engine) as db:
        found = db.execute(sa.select(connections.c.created_at)).scalar_one()

    assert found == moment
    assert found.tzinfo is UTC


@pytest.mark.parametrize("amount", ["0", "-0.000001", "0.1", "9223372036854.775807", "-1234.5"])
def test_an_amount_comes_back_exactly(engine: Engine, amount: str) -> None:
    table = STREAM_TABLES["currencies"]
    values = {"connection_id": 1, "id": 1, "decimal_places": 2, "active": True, "digest": 0}
    with writing(engine) as db:
        db.execute(sa.insert(table).values(**values, rounding=Decimal(amount)))

    with reading(engine) as db:
        found = db.execute(sa.select(table.c.rounding)).scalar_one()

    assert found == Decimal(amount)
