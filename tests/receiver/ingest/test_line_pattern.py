"""The pattern that lines are checked by and a marshmallow schema say the same of every value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from monitr_wire.streams import STREAMS, Field, Stream
from monitr_wire.values import ABSENT, encode_value

from receiver.ingest.validate import line_pattern
from tests.receiver.ingest.record_schema import schema_of
from tests.receiver.records import full_record_of
from tests.wire.strategies import VALUES

EVERY_FIELD = [(stream, field) for stream in STREAMS for field in stream.fields]
ONE_FIELD_OF_EACH_KIND = list({(f.type, f.required): (s, f) for s, f in EVERY_FIELD}.values())
TROUBLE = "0123456789-+.,:;tfTNnu_eE\\\"'{} \t\n\r\0\x01\x7f\u0661é\u2028"


def is_accepted_by_pattern(stream: Stream, texts: dict[str, str]) -> bool:
    line = "\t".join(texts.values()).encode()
    return line_pattern(stream.fields).fullmatch(line) is not None


def is_accepted_by_schema(stream: Stream, texts: dict[str, str]) -> bool:
    try:
        schema_of(stream).load(texts)
    except ValidationError:
        return False
    return True


def texts_of(stream: Stream, field: Field, text: str) -> dict[str, str]:
    """A valid record, as texts, with this one in the field."""
    record = full_record_of(stream.name)
    texts = {each.name: encode_value(each.type, record[each.name]) for each in stream.fields}
    return {**texts, field.name: text}


@st.composite
def nearly_valid(draw: st.DrawFn, type_name: str) -> str:
    """A canonical text with up to two characters put in, replaced or taken out."""
    text = encode_value(type_name, draw(VALUES[type_name]))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        put_in = draw(st.sampled_from(["", *TROUBLE]))
        text = text[:at] + put_in + text[at + draw(st.integers(0, 1)) :]
    return text


@pytest.mark.parametrize(
    ("stream", "field"),
    ONE_FIELD_OF_EACH_KIND,
    ids=[f"{f.type}{'-required' if f.required else ''}" for _, f in ONE_FIELD_OF_EACH_KIND],
)
@settings(deadline=None)
@given(data=st.data())
def test_pattern_and_schema_accept_and_refuse_the_same_values(
    stream: Stream, field: Field, data: st.DataObject
) -> None:
    text = data.draw(nearly_valid(field.type) | st.text(TROUBLE) | st.just(ABSENT))

    texts = texts_of(stream, field, text)

    assert is_accepted_by_pattern(stream, texts) == is_accepted_by_schema(stream, texts)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_they_agree_on_which_fields_may_be_absent(stream: Stream) -> None:
    for field in stream.fields:
        texts = texts_of(stream, field, ABSENT)
        assert is_accepted_by_pattern(stream, texts) is not field.required
        assert is_accepted_by_schema(stream, texts) is not field.required


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
@settings(deadline=None)
@given(data=st.data())
def test_they_accept_whatever_the_addon_can_write(stream: Stream, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(stream.fields))

    texts = texts_of(stream, field, encode_value(field.type, data.draw(VALUES[field.type])))

    assert is_accepted_by_pattern(stream, texts)
    assert is_accepted_by_schema(stream, texts)
