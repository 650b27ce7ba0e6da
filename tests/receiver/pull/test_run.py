"""What Odoo does not answer of is deleted here, but what it only hides not unless it is let go."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from monitr_wire.batch import IdRange
from monitr_wire.streams import CURRENCIES
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection, insert_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.errors import GoneFromSight
from receiver.pull.extract.capabilities import Offers
from receiver.pull.extract.read import Reader
from receiver.pull.run import Run
from tests.receiver.batches import lines_of
from tests.receiver.db.test_store import stored
from tests.receiver.pull.test_scope import Hiding, in_scope
from tests.receiver.records import record_of
from tests.receiver.stored_rows import ids_of

EVERYTHING = IdRange(0, None)


@pytest.fixture
def engine(sqlite_database: str) -> Iterator[Engine]:
    """A connection with the currencies 1 to 3."""
    engine = make_engine(sqlite_database)
    with writing(engine) as db:
        insert_connection(db, "acme", "con_acme", datetime.now(UTC))
    stored(engine, "currencies", [record_of("currencies", id=id) for id in (1, 2, 3)])
    yield engine
    engine.dispose()


def store_answer(
    engine: Engine, odoo: Hiding, answered: Sequence[int], *, lets_go: bool = False
) -> None:
    """Store what a read of all currencies answered."""
    with reading(engine) as db:
        acme = get_connection(db, "acme")
    run = Run(engine, acme, lambda _progress: None, lets_go=lets_go)
    lines = lines_of("currencies", [record_of("currencies", id=id) for id in answered])
    reader = Reader(in_scope(odoo), CURRENCIES, Offers())
    run.store_read(reader, lines, id_range=EVERYTHING)


def test_what_is_gone_from_odoo_is_deleted(engine: Engine) -> None:
    store_answer(engine, Hiding(), [1, 3])

    assert ids_of(engine, "currencies") == [1, 3]


def test_what_is_hidden_stays_and_nothing_of_its_page_is_stored(engine: Engine) -> None:
    with pytest.raises(GoneFromSight, match=r"Record 2 of Currencies \(res\.currency\)"):
        store_answer(engine, Hiding([2]), [1, 4])

    assert ids_of(engine, "currencies") == [1, 2, 3]


def test_a_run_that_lets_go_deletes_what_is_hidden_too(engine: Engine) -> None:
    store_answer(engine, Hiding([2]), [1, 4], lets_go=True)

    assert ids_of(engine, "currencies") == [1, 4]


def test_odoo_is_asked_of_what_it_did_not_answer_alone(engine: Engine) -> None:
    odoo = Hiding()

    store_answer(engine, odoo, [1, 3])

    assert odoo.asked == [[2]]


def test_where_all_is_answered_odoo_is_asked_nothing(engine: Engine) -> None:
    odoo = Hiding()

    store_answer(engine, odoo, [1, 2, 3, 4])

    assert odoo.asked == []
    assert ids_of(engine, "currencies") == [1, 2, 3, 4]
