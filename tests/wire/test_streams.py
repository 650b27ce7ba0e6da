"""The streams: complete, and each field named, typed, labelled and sourced."""

import re
from collections.abc import Callable

import pytest
from monitr_wire.streams import (
    ANALYTIC_PLANS,
    FIRST_MODEL_SINCE,
    OWN_CURRENCY,
    PERCENT,
    STREAMS,
    Field,
    Stream,
    find_stream,
    model_in_series,
)
from monitr_wire.values import TYPES

EVERY_FIELD = [
    (f"{stream.name}.{field.name}", field) for stream in STREAMS for field in stream.fields
]
# Words that the vocabulary replaces with better ones; the first five are Odoo's own.
WORDS_NOT_USED = {
    *("aml", "entity", "line", "move", "unpaid"),
    *("backend", "instance", "tenant"),
    *("checksum", "dataset", "dimension", "resync", "tombstone", "verification"),
}

each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


def test_there_are_eleven_streams_in_the_order_of_a_run() -> None:
    assert [stream.name for stream in STREAMS] == [
        "companies",
        "currencies",
        "partners",
        "journals",
        "accounts",
        "analytic_plans",
        "analytic_accounts",
        "journal_entries",
        "journal_items",
        "reconciliations",
        "analytic_items",
    ]


def test_a_stream_is_found_by_its_name() -> None:
    found = [find_stream(stream.name) for stream in STREAMS]

    assert found == list(STREAMS)
    assert find_stream("account.move") is None


@each_stream
def test_the_first_field_is_the_required_id(stream: Stream) -> None:
    first = stream.fields[0]

    assert (first.name, first.type, first.required) == ("id", "id", True)


@each_stream
def test_field_names_and_labels_are_unique_in_their_stream(stream: Stream) -> None:
    labels = [field.label for field in stream.fields]

    assert len(set(stream.field_names)) == len(stream.field_names)
    assert len(set(labels)) == len(labels)


@each_stream
def test_a_stream_says_what_it_is_called_and_which_odoo_model_it_is(stream: Stream) -> None:
    assert stream.label
    assert stream.models
    assert all(re.fullmatch(r"[a-z]+(\.[a-z]+)+", model) for model in stream.models)


@each_stream
def test_an_amount_in_the_currency_of_its_record_has_that_currency_beside_it(
    stream: Stream,
) -> None:
    in_own_currency = [field for field in stream.fields if field.unit == OWN_CURRENCY]

    assert not in_own_currency or "currency_id" in stream.field_names


def test_every_type_is_one_of_the_contract() -> None:
    assert {field.type for _, field in EVERY_FIELD} == set(TYPES)


def test_every_field_has_a_label_and_a_source() -> None:
    assert offenders(lambda field: not field.label.strip()) == []
    assert offenders(lambda field: not field.source or not all(field.source)) == []


def test_every_amount_and_quantity_states_its_unit() -> None:
    measured = ("money", "quantity")

    assert offenders(lambda field: field.type in measured and not field.unit) == []
    assert offenders(lambda field: field.type == "shares" and field.unit != PERCENT) == []


def test_every_amount_is_required_because_odoo_has_no_empty_amount() -> None:
    assert offenders(lambda field: field.type in ("money", "quantity") and not field.required) == []


def test_references_and_only_they_end_in_id_or_ids() -> None:
    assert offenders(lambda field: (field.type == "id") != is_named(field, "id")) == []
    assert offenders(lambda field: (field.type == "ids") != is_named(field, "ids")) == []


def test_names_are_plain_words() -> None:
    names = [stream.name for stream in STREAMS]

    assert offenders(lambda field: not re.fullmatch("[a-z]+(_[a-z]+)*", field.name)) == []
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []


def test_names_and_labels_keep_to_the_vocabulary() -> None:
    stream_words = {word for stream in STREAMS for word in words(stream.name, stream.label)}

    assert stream_words & WORDS_NOT_USED == set()
    assert offenders(lambda field: words(field.name, field.label) & WORDS_NOT_USED) == []


def test_analytic_plans_are_groups_before_16() -> None:
    assert model_in_series(ANALYTIC_PLANS, "15.0") == "account.analytic.group"
    assert model_in_series(ANALYTIC_PLANS, "16.0") == "account.analytic.plan"


def test_each_stream_of_two_models_says_since_when_the_first_is_there() -> None:
    changed = {stream.name for stream in STREAMS if len(stream.models) == 2}

    assert changed == {*FIRST_MODEL_SINCE}
    assert {len(stream.models) for stream in STREAMS} == {1, 2}


def offenders(is_wrong: Callable[[Field], object]) -> list[str]:
    """The full names of the fields that are wrong: a failure shows them all at once."""
    return [name for name, field in EVERY_FIELD if is_wrong(field)]


def is_named(field: Field, suffix: str) -> bool:
    return field.name.split("_")[-1] == suffix


def words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall("[a-z]+", text.lower())}
