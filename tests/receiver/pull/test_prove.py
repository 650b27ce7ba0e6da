"""When a pull ties out, and when it never may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from monitr_wire.proof import Digest
from monitr_wire.streams import CURRENCIES
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection, insert_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.proof.proofs import Difference, Proof, list_newest_repairs
from receiver.errors import DoesNotTieOut, GoneFromSight, MissingPermissions
from receiver.pull.extract.capabilities import Offers, formatted_read_group
from receiver.pull.extract.read import Reader
from receiver.pull.prove import is_dust, tie_out
from receiver.pull.run import Run
from receiver.pull.scope import OdooInScope, Scope
from tests.receiver.db.test_store import stored
from tests.receiver.pull.extract.test_read import EURO, FIELDS
from tests.receiver.records import record_of
from tests.receiver.stored_rows import ids_of

CENT, NOTHING = Decimal("0.01"), Decimal(0)
LONG = Decimal("123456789012345678.91")
AS_DOUBLE = Decimal(repr(float(LONG)))


@dataclass
class Adding:
    """Shows the euro alone, hides every other currency, and adds up as many as it is told to."""

    count: int
    series: str = "19.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        if method == "fields_get":
            return FIELDS
        if method == "read":
            raise MissingPermissions
        if method == "search_read":
            is_above = all(EURO["id"] > id for name, op, id in conditions(arguments) if op == ">")
            return [EURO] if is_above else []
        added = {"id:avg": 1.0, "rounding:sum": 0.01 * self.count}
        asked = {name: added.get(name, self.count) for name in arguments["aggregates"]}
        return [{"__count": self.count, "active": True, **asked}]


def conditions(arguments: Any) -> list[Any]:
    return [each for each in arguments["domain"] if len(each) == 3 and each[0] == "id"]


@pytest.fixture
def engine(sqlite_database: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_database)
    with writing(engine) as db:
        insert_connection(db, "acme", "con_acme", datetime.now(UTC))
    yield engine
    engine.dispose()


def prove(engine: Engine, count: int) -> Proof:
    odoo = OdooInScope(Adding(count), Scope((1,), "fr_FR"))
    reader = Reader(odoo, CURRENCIES, Offers(formatted_read_group, says_nothing=True))
    with reading(engine) as db:
        run = Run(engine, get_connection(db, "acme"), lambda _progress: None)
    return tie_out(run, {"currencies": reader})


def test_what_is_missing_is_repaired_and_then_ties_out(engine: Engine) -> None:
    proof = prove(engine, 1)

    assert (proof.ties_out, proof.record_count) == (True, 1)


def test_an_odoo_that_adds_up_more_than_it_shows_never_ties_out(engine: Engine) -> None:
    with pytest.raises(DoesNotTieOut):
        prove(engine, 2)


def test_what_odoo_only_hides_is_no_repair_and_stays(engine: Engine) -> None:
    hidden_id = EURO["id"] + 1
    stored(engine, "currencies", [record_of("currencies", id=hidden_id)])

    with pytest.raises(GoneFromSight, match=f"Record {hidden_id} of Currencies"):
        prove(engine, 1)

    with reading(engine) as db:
        acme = get_connection(db, "acme")
        assert list_newest_repairs(db, acme.id, limit=None) == []
    assert ids_of(engine, "currencies") == [hidden_id]


@pytest.mark.parametrize(
    ("odoos", "count", "ours", "is_dust_between"),
    [
        (LONG, 3, AS_DOUBLE, True),
        (LONG, 2, AS_DOUBLE, False),
        (LONG, 3, LONG - 100, False),
        (10**9 + CENT, 3, Decimal(10**9), False),
        (CENT, 3, NOTHING, False),
        (NOTHING, 3, NOTHING, True),
    ],
)
def test_dust_is_what_a_double_does_not_tell(
    odoos: Decimal, count: int, ours: Decimal, is_dust_between: bool
) -> None:
    odoo = Digest("journal_items", "1/2/2026-01", 3, 7, odoos, NOTHING, odoos)
    stored = Digest("journal_items", "1/2/2026-01", count, 8, ours, NOTHING, ours)

    assert is_dust(Difference(odoo, stored)) is is_dust_between
