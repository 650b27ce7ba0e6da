"""Reads a batch's envelope: the line of JSON before the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from monitr_wire.batch import IdRange
from monitr_wire.hello import LONGEST_TEXT
from monitr_wire.set_aside import AMOUNT_PATTERN, SetAside
from monitr_wire.streams import STREAMS_BY_NAME, Field, Stream
from monitr_wire.values import LARGEST_ID, TYPES

from receiver.errors import InvalidEnvelope, UnknownField
from receiver.ingest.message import (
    MessageSchema,
    check_parts,
    read_message,
    sha256_text,
    short_text,
    whole_number,
)

LARGEST_SEQUENCE = 2**63 - 1


def _amount_text() -> fields.String:
    pattern = validate.Regexp(rf"(?:{AMOUNT_PATTERN})\Z")
    return fields.String(required=True, allow_none=True, validate=pattern)


class RangeSchema(Schema):
    after_id = whole_number(0, LARGEST_ID)
    up_to_id = whole_number(0, LARGEST_ID, allow_none=True)

    @validates_schema
    def check_order(self, data: dict[str, Any], **_: object) -> None:
        if data["up_to_id"] is not None and data["up_to_id"] < data["after_id"]:
            raise ValidationError("Must not be below after_id.", "up_to_id")


class SetAsideSchema(Schema):
    """The shape of monitr_wire.set_aside.SetAside."""

    id = whole_number(1, LARGEST_ID)
    name = short_text(allow_none=True)
    field = short_text(allow_none=True)
    value = short_text(allow_none=True)
    reason = fields.Raw(required=True, validate=check_parts)
    entry_id = whole_number(1, LARGEST_ID, allow_none=True)
    item_id = whole_number(1, LARGEST_ID, allow_none=True)
    company_id = whole_number(1, LARGEST_ID, allow_none=True)
    account_id = whole_number(1, LARGEST_ID, allow_none=True)
    date = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Regexp(rf"(?:{TYPES['date'].pattern})\Z"),
    )
    debit = _amount_text()
    credit = _amount_text()


class EnvelopeSchema(MessageSchema):
    """The shape of monitr_wire.batch.envelope_of."""

    stream = fields.String(required=True, validate=validate.OneOf(STREAMS_BY_NAME))
    run_id = short_text()
    sequence = whole_number(1, LARGEST_SEQUENCE)
    field_names = fields.List(fields.String(), required=True, data_key="fields")
    record_count = whole_number(0)
    records_sha256 = sha256_text()
    range = fields.Nested(RangeSchema, required=True, allow_none=True)
    deletions = fields.List(whole_number(1, LARGEST_ID), required=True)
    # An addon from before it leaves it out.
    set_aside = fields.List(
        fields.Nested(SetAsideSchema),
        load_default=list,
        metadata={"description": "Records that are not sent, for a value that is refused"},
    )


@dataclass(frozen=True)
class Envelope:
    stream: Stream
    fields: tuple[Field, ...]  # those that the lines have; an older addon may know fewer
    run_id: str
    sequence: int
    record_count: int
    records_sha256: str
    range: IdRange | None
    deletions: tuple[int, ...]
    set_aside: tuple[SetAside, ...] = ()


def read_envelope(body: bytes) -> tuple[Envelope, bytes]:
    """The envelope, and the lines behind it.

    Raises UnsupportedContract, UnknownField or InvalidEnvelope.
    """
    first_line, _, lines = body.partition(b"\n")
    read = read_message(first_line, EnvelopeSchema(), InvalidEnvelope)
    stream = STREAMS_BY_NAME[read["stream"]]
    envelope = Envelope(
        stream=stream,
        fields=_known_fields(stream, read["field_names"]),
        run_id=read["run_id"],
        sequence=read["sequence"],
        record_count=read["record_count"],
        records_sha256=read["records_sha256"],
        range=read["range"] and IdRange(**read["range"]),
        deletions=tuple(read["deletions"]),
        set_aside=tuple(SetAside(**each) for each in read["set_aside"]),
    )
    return envelope, lines


def _known_fields(stream: Stream, names: Sequence[str]) -> tuple[Field, ...]:
    """The stream's first fields, which an older addon's are; newer ones must not be required."""
    known = stream.field_names
    for index, name in enumerate(names):
        if index >= len(known) or name != known[index]:
            raise UnknownField(
                f"Field {index + 1} of {stream.name} is not known as {name[:LONGEST_TEXT]!r}."
                " Upgrade the receiver before the addon.",
                path=f"/fields/{index}",
            )
    for field in stream.fields[len(names) :]:
        if field.required:
            raise InvalidEnvelope(f"The field {field.name} is required.", path="/fields")
    return stream.fields[: len(names)]
