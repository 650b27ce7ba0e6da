"""Of which companies the stored records are, so that a pull knows what goes with a company."""

from collections.abc import Sequence

import pytest
from monitr_wire.batch import IdRange
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Engine

from receiver.db.engine import reading
from receiver.db.pull.owners import list_owners
from tests.receiver.db.test_store import record_of, stored

Owners = dict[int, tuple[int, ...]]


def owners(engine: Engine, stream: str, wanted: IdRange | Sequence[int]) -> Owners:
    with reading(engine) as db:
        return list_owners(db, 1, STREAMS_BY_NAME[stream], wanted)


@pytest.mark.parametrize(
    ("stream", "record", "companies"),
    [
        ("companies", {}, (7,)),
        ("currencies", {}, ()),
        ("partners", {"company_id": None}, ()),
        ("partners", {"company_id": 3}, (3,)),
        ("accounts", {"company_ids": (3, 12)}, (3, 12)),
        ("journal_items", {"company_id": 3}, (3,)),
    ],
)
def test_each_stream_tells_its_owners(
    engine: Engine, stream: str, record: dict[str, object], companies: tuple[int, ...]
) -> None:
    stored(engine, stream, [record_of(stream, id=7, **record)])

    assert owners(engine, stream, IdRange(0, None)) == {7: companies}


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (IdRange(0, None), [1, 5, 9]),
        (IdRange(1, 9), [5, 9]),
        (IdRange(1, 8), [5]),
        ([9, 2, 1], [1, 9]),
        ([], []),
    ],
)
def test_only_what_is_stored_and_asked_for_is_told(
    engine: Engine, wanted: IdRange | Sequence[int], ids: list[int]
) -> None:
    stored(engine, "currencies", [record_of("currencies", id=id) for id in (1, 5, 9)])

    assert [*owners(engine, "currencies", wanted)] == ids
