"""Exact amounts in SQL, on both kinds of database."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.values import encode_decimal
from sqlalchemy import Engine

from receiver.db.amounts import amount_text, exact_sum, sums_to_zero
from receiver.db.engine import reading
from receiver.db.tables import STREAM_TABLES
from tests.receiver.records import journal_item
from tests.receiver.signed import post_records

RESIDUAL = STREAM_TABLES["journal_items"].c.residual
LARGEST = Decimal("9223372036854.775807")  # in SQLite, whose amounts are 64 bits of millionths
AMOUNTS = [LARGEST, LARGEST, -LARGEST, *map(Decimal, ("-0.000001", "0.1", "0.2", "-70", "0"))]


def test_a_sum_is_exact_and_has_no_limit(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    for count in range(1, len(AMOUNTS) + 1):
        item = journal_item(count, residual=AMOUNTS[count - 1])
        post_records(client, acme, "journal_items", [item])

        with reading(engine) as db:
            total = db.execute(sa.select(exact_sum(RESIDUAL))).scalar_one()

        assert total == sum(AMOUNTS[:count])


@pytest.mark.parametrize(
    ("amounts", "is_zero"),
    [
        (["1.5", "-0.7", "-0.8"], True),
        (["1", "-0.000001"], False),
        (["0.000001", "-1"], False),
        ([LARGEST, LARGEST, -LARGEST, -LARGEST], True),
        ([LARGEST, LARGEST], False),
    ],
)
def test_a_sum_is_zero_where_units_and_millionths_cancel_out(
    client: FlaskClient, acme: ConnectionKey, engine: Engine, amounts: list[str], is_zero: bool
) -> None:
    items = [journal_item(id, residual=Decimal(amount)) for id, amount in enumerate(amounts, 1)]
    post_records(client, acme, "journal_items", items)

    with reading(engine) as db:
        found = db.execute(sa.select(sums_to_zero(RESIDUAL))).scalar_one()

    assert bool(found) is is_zero


def test_a_text_is_the_contracts(client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
    items = [journal_item(id, residual=amount) for id, amount in enumerate(AMOUNTS, 1)]
    post_records(client, acme, "journal_items", items)

    with reading(engine) as db:
        texts = db.scalars(sa.select(amount_text(RESIDUAL)).order_by("id")).all()

    assert texts == [encode_decimal(amount) for amount in AMOUNTS]
