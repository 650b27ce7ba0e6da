"""Values of every type of the contract, made by Hypothesis."""

from decimal import Decimal

from hypothesis import strategies as st
from monitr_wire.streams import Stream
from monitr_wire.values import PLACES, TYPES, WHOLE_DIGITS, Share

IDS = st.integers(min_value=1, max_value=10**18 - 1)
# PostgreSQL stores no NUL, and UTF-8 has no surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
ESCAPED_TEXTS = st.text(st.sampled_from("\\\b\f\n\r\t\v\x01\x1f\x7f\"'aNé\u2028😀."), min_size=1)
COLLECTED_IDS = st.lists(IDS, min_size=1, max_size=4, unique=True).map(tuple)


def decimals(places: int, *, largest: int = 10**WHOLE_DIGITS - 1) -> st.SearchStrategy[Decimal]:
    """Now and then a zero with a sign."""
    return st.decimals(-largest, largest, places=places) | st.just(Decimal("-0.00"))


def shares() -> st.SearchStrategy[list[Share]]:
    percentages = decimals(places=2, largest=1000) | decimals(places=PLACES, largest=1000)
    share = st.tuples(COLLECTED_IDS, percentages)
    return st.lists(share, min_size=1, max_size=4, unique_by=lambda share: share[0])


VALUES: dict[str, st.SearchStrategy[object]] = {
    "id": IDS,
    "integer": st.integers(min_value=1 - 10**18, max_value=10**18 - 1),
    "places": st.integers(min_value=0, max_value=PLACES),
    "text": TEXTS | ESCAPED_TEXTS,
    "boolean": st.booleans(),
    "date": st.dates(),
    "money": decimals(places=2) | decimals(places=6) | decimals(places=PLACES),
    "quantity": decimals(places=6) | decimals(places=PLACES),
    "ids": COLLECTED_IDS,
    "codes": st.dictionaries(IDS.map(str), TEXTS | ESCAPED_TEXTS, min_size=1, max_size=4),
    "shares": shares(),
}
assert set(VALUES) == set(TYPES)


def records(stream: Stream) -> st.SearchStrategy[dict[str, object]]:
    """A record with every required field, and some of the others."""
    return st.fixed_dictionaries(
        {field.name: VALUES[field.type] for field in stream.fields if field.required},
        optional={
            field.name: st.none() | VALUES[field.type]
            for field in stream.fields
            if not field.required
        },
    )
