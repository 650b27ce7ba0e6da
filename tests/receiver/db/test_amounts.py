"""Exact amounts in SQL, on both kinds of database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.values import encode_decimal
from sqlalchemy import Engine

from receiver.db.amounts import amount_text, exact_sum, sums_to_zero
from receiver.db.engine import reading, writing
from receiver.db.store.store import store
from receiver.db.tables import STREAM_TABLES
from tests.receiver.batches import incoming_of
from tests.receiver.records import journal_item
from tests.receiver.signed import post_records

RESIDUAL = STREAM_TABLES["journal_items"].c.residual
LARGEST = Decimal("9223372036854.775807")  # that fits into 64 bits of millionths
LONGEST = Decimal("9" * 18 + "." + "9" * 30)  # of the contract
AMOUNTS = [
    *(LARGEST, LARGEST, -LARGEST, LONGEST, -LARGEST - Decimal("0.000001")),
    *map(Decimal, ("-0.000001", "0.1", "0.2", "-70", "0", "0.0000000001", "-0.0000000001")),
    *(LONGEST, -LONGEST, LARGEST + 1, Decimal("-123456789012345678.9")),
]


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
        ([LONGEST, "-1", -LONGEST, "1"], True),
        ([LONGEST, "1", -LONGEST], False),
        (["0.0000000001", "-0.0000000001"], True),
        (["0.0000000001"], False),
        (["0.0000005", "0.0000005", "-0.000001"], True),
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


def test_the_sign_is_turned(client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
    items = [journal_item(id, residual=amount) for id, amount in enumerate(AMOUNTS, 1)]
    post_records(client, acme, "journal_items", items)

    with reading(engine) as db:
        turned = db.scalars(sa.select(-RESIDUAL).order_by("id")).all()
        total = db.execute(sa.select(exact_sum(-RESIDUAL))).scalar_one()

    assert turned == [-amount for amount in AMOUNTS]
    assert total == -sum(AMOUNTS)


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_found_by_its_value(
    client: FlaskClient, acme: ConnectionKey, engine: Engine, amount: Decimal
) -> None:
    post_records(client, acme, "journal_items", [journal_item(1, residual=amount)])

    with reading(engine) as db:
        found = db.execute(sa.select(RESIDUAL).where(amount == RESIDUAL)).scalars().all()

    assert found == [amount]


@pytest.mark.parametrize(
    "wrong", [lambda: RESIDUAL + 1, lambda: RESIDUAL > 0, lambda: RESIDUAL * 2, RESIDUAL.desc]
)
def test_what_would_be_wrong_of_a_text_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(NotImplementedError):
        wrong()


AN_AMOUNT = st.one_of(
    *(
        st.decimals(-(10**whole), 10**whole, places=places)
        for whole in (3, 13)
        for places in (2, 6)
    ),
    st.decimals(-(10**17), 10**17, places=2),
    st.decimals(-1, 1, places=30),
    st.sampled_from([*AMOUNTS, Decimal("33.333333333333336"), Decimal("1e-10")]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=st.lists(AN_AMOUNT, min_size=1, max_size=12), mirrored=st.booleans())
def test_both_databases_add_up_as_decimals_do(
    both: tuple[Engine, Engine], amounts: list[Decimal], *, mirrored: bool
) -> None:
    """Small and large, short and long ones together, sums past 64 bits and sums to nothing."""
    if mirrored:
        amounts = [*amounts, *(-amount for amount in amounts)]
    records = [journal_item(id, residual=amount) for id, amount in enumerate(amounts, 1)]

    for engine in both:
        with writing(engine) as db:
            db.execute(sa.delete(STREAM_TABLES["journal_items"]))
            store(db, 1, incoming_of("journal_items", records))
        with reading(engine) as db:
            sums = (exact_sum(RESIDUAL), exact_sum(-RESIDUAL), sums_to_zero(RESIDUAL))
            total, turned, is_zero = db.execute(sa.select(*sums)).one()
            texts = db.scalars(sa.select(amount_text(RESIDUAL)).order_by("id")).all()
            held = db.scalars(sa.select(RESIDUAL).order_by("id")).all()

        assert (total, turned, bool(is_zero)) == (sum(amounts), -sum(amounts), not sum(amounts))
        assert texts == [encode_decimal(amount) for amount in amounts]
        assert held == amounts
