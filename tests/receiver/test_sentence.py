"""A sentence in English, and as it is stored."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from receiver.messages import Sentence, Value, decode_sentence, encode_sentence


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Ann", "Ann"),
        (1204, "1,204"),
        (Decimal("-12.50"), "-12.50"),
        (datetime(2026, 1, 31, 14, 4, tzinfo=UTC), "2026-01-31 14:04 UTC"),
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(hours=1), "hour"),
        (timedelta(days=3), "3 days"),
        (None, "never"),
        (("1 (EUR)", Sentence("others")), "1 (EUR), others"),
        (Sentence("the user %(name)s", {"name": "Ann"}), "the user Ann"),
    ],
)
def test_it_is_said_in_english_with_its_values(value: Value, written: str) -> None:
    assert str(Sentence("It is %(value)s.", {"value": value})) == f"It is {written}."


def test_without_values_a_per_cent_sign_is_one() -> None:
    assert str(Sentence("100 % of %(all)s")) == "100 % of %(all)s"


def test_those_that_say_the_same_are_one() -> None:
    assert len({Sentence("%(name)s", {"name": name}) for name in ("ann", "ann", "bob")}) == 2


def test_it_is_stored_with_its_values() -> None:
    inner = Sentence("Account %(account)s: %(amount)s.", {"account": "7", "amount": Decimal("0.1")})
    sentence = Sentence("%(a)s %(b)s %(c)s", {"a": 12, "b": inner, "c": ("x", Sentence("é"))})

    assert decode_sentence(encode_sentence(sentence)) == sentence
