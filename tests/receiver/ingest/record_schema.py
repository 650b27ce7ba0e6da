"""What the contract says of a record, said a second time with marshmallow: a witness for tests.

It shares no pattern with the line check. Each field reads a text in the usual way of Python and
marshmallow, and then asks whether it was the one way to write that value.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from monitr_wire.streams import Field, Stream
from monitr_wire.values import ABSENT, escape, unescape

LARGEST = 10**18 - 1
WHOLE_DIGITS, PLACES = 18, 30


def schema_of(stream: Stream) -> Schema:
    """Loads ``{field name: text}`` if every text is the canonical text of a value."""
    return Schema.from_dict({field.name: _Text(field) for field in stream.fields})()


class _Text(fields.Field[Any]):
    def __init__(self, field: Field) -> None:
        super().__init__(required=True)
        self.field = field

    def _deserialize(self, value: str, attr: str | None, data: Any, **_: Any) -> object:
        if value == ABSENT:
            return self._absent()
        try:
            again = WRITTEN_AGAIN[self.field.type](value)
        except (ValueError, ArithmeticError, KeyError, AttributeError, TypeError) as error:
            raise ValidationError("Not a value of this type.") from error
        if again != value:
            raise ValidationError("Not the one way to write it.")
        return value

    def _absent(self) -> None:
        if self.field.required:
            raise ValidationError("Required.")


def _id(text: str) -> str:
    return str(fields.Integer(validate=validate.Range(1, LARGEST)).deserialize(text))


def _integer(text: str) -> str:
    return str(fields.Integer(validate=validate.Range(-LARGEST, LARGEST)).deserialize(text))


def _places(text: str) -> str:
    return str(fields.Integer(validate=validate.Range(0, PLACES)).deserialize(text))


def _text(text: str) -> str:
    return escape(_string(unescape(text), shortest=1))


def _string(text: str, *, shortest: int) -> str:
    checks = [validate.Length(min=shortest), validate.ContainsNoneOf("\0")]
    return str(fields.String(validate=checks).deserialize(text))


def _boolean(text: str) -> str:
    return "t" if fields.Boolean(truthy={"t"}, falsy={"f"}).deserialize(text) else "f"


def _date(text: str) -> str:
    return fields.Date().deserialize(text).isoformat()


def _decimal(text: str) -> str:
    value: Decimal = fields.Decimal(allow_nan=False).deserialize(text)
    exponent = value.normalize().as_tuple().exponent
    if abs(value) >= 10**WHOLE_DIGITS or not isinstance(exponent, int) or exponent < -PLACES:
        raise ValueError(text)
    return format(value.normalize() + 0, "f")


def _ids(text: str) -> str:
    return ",".join(_id(part) for part in text.split(","))


def _codes(text: str) -> str:
    pairs = json.loads(unescape(text), object_pairs_hook=list)
    if not (pairs and isinstance(pairs, list)):
        raise ValueError(text)
    written = [
        f"{json.dumps(_id(id))}: {json.dumps(_string(code, shortest=0), ensure_ascii=False)}"
        for id, code in pairs
    ]
    return escape("{" + ", ".join(written) + "}")


def _shares(text: str) -> str:
    shares = [share.split(":") for share in text.split(";")]
    return ";".join(f"{_ids(ids)}:{_decimal(percentage)}" for ids, percentage in shares)


WRITTEN_AGAIN: dict[str, Callable[[str], str]] = {
    "id": _id,
    "integer": _integer,
    "places": _places,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
    "money": _decimal,
    "quantity": _decimal,
    "ids": _ids,
    "codes": _codes,
    "shares": _shares,
}
