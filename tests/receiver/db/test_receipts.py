"""What receipts tell of a connection's pushes and streams."""

from datetime import UTC, datetime, timedelta

from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.store.receipts import (
    PULLED,
    Push,
    Receipt,
    count_received_by_stream,
    insert_receipt,
    list_pushes,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def receive(
    engine: Engine, run_id: str, minute: int, stream: str = "partners", name: str = "acme"
) -> None:
    """A batch of ten records, nine of them new, and one deletion."""
    at = NOON + timedelta(minutes=minute)
    receipt = Receipt(f"{run_id}-{minute}", "", run_id, stream, 10, 9, 1, at)
    with writing(engine) as db:
        insert_receipt(db, get_connection(db, name).id, receipt)


def test_a_push_is_all_batches_of_its_run_and_the_newest_comes_first(
    engine: Engine, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    receive(engine, "early", 0)
    receive(engine, "early", 2, "journal_items")
    receive(engine, "late", 5)
    receive(engine, f"{PULLED}1", 7)
    receive(engine, "another's", 9, name="globex")

    with reading(engine) as db:
        acme_id = get_connection(db, "acme").id
        pushes = list_pushes(db, acme_id, limit=5)
        newest = list_pushes(db, acme_id, limit=1)

    late = Push("late", NOON + timedelta(minutes=5), NOON + timedelta(minutes=5), 1, 10, 9, 1)
    early = Push("early", NOON, NOON + timedelta(minutes=2), 2, 20, 18, 2)
    assert pushes == [late, early]
    assert newest == [late]


def test_pushes_that_ended_at_once_are_each_on_one_page(
    engine: Engine, acme: ConnectionKey
) -> None:
    for run_id in ("b", "a", "d", "c"):
        receive(engine, run_id, 0)

    with reading(engine) as db:
        id = get_connection(db, "acme").id
        pages = [list_pushes(db, id, limit=1, offset=number) for number in range(4)]

    assert [push.run_id for page in pages for push in page] == ["a", "b", "c", "d"]


def test_it_counts_each_stream_whoever_brought_it(
    engine: Engine, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    receive(engine, "one", 0)
    receive(engine, f"{PULLED}1", 1)
    receive(engine, "one", 2, "journal_items")
    receive(engine, "one", 3, "accounts", name="globex")

    with reading(engine) as db:
        counts = count_received_by_stream(db, get_connection(db, "acme").id)

    assert counts == {"partners": 20, "journal_items": 10}
