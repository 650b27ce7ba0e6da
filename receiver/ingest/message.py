"""Reads one JSON message of the contract: a hello, or the envelope of a batch or a proof."""

import json
import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from monitr_wire import CONTRACT_VERSION
from monitr_wire.hello import LONGEST_PARTS, LONGEST_TEXT

from receiver.errors import Rejected, UnsupportedContract
from receiver.invalid import first_error

MOST_LEVELS = 3  # of sentences within sentences
SANE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
TEXT = re.compile(r"(?:[^%\x00-\x1f\x7f\ud800-\udfff]|%\(\w+\)s)+")
NAMES = re.compile(r"%\((\w+)\)s")


class MessageSchema(Schema):
    """A key that a schema does not name is refused."""

    contract = fields.Integer(required=True, strict=True)


def short_text(**options: Any) -> fields.String:
    return fields.String(required=True, validate=is_sane_text(LONGEST_TEXT), **options)


def is_sane_text(longest: int) -> validate.Regexp:
    """Without control characters and half characters: no database takes those."""
    return validate.Regexp(rf"[^\x00-\x1f\x7f\ud800-\udfff]{{1,{longest}}}\Z")


def whole_number(smallest: int, largest: int | None = None, **options: Any) -> fields.Integer:
    limits = validate.Range(smallest, largest)
    return fields.Integer(required=True, strict=True, validate=limits, **options)


def sha256_text() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


def check_parts(parts: object) -> None:
    """Nothing but ``%(name)s`` stands for a value: the text is to be formatted here."""
    if not _is_sentence(parts, MOST_LEVELS) or len(json.dumps(parts)) > LONGEST_PARTS:
        raise ValidationError("Not a text with its values.")


def _is_sentence(parts: Any, levels: int) -> bool:
    if not levels or not isinstance(parts, dict) or {*parts} != {"text", "values"}:
        return False
    text, values = parts["text"], parts["values"]
    if not isinstance(text, str) or not TEXT.fullmatch(text) or not isinstance(values, dict):
        return False
    is_whole = {*NAMES.findall(text)} <= {*values}
    return is_whole and all(_is_value(value, levels - 1) for value in values.values())


def _is_value(value: object, levels: int) -> bool:
    if isinstance(value, str):
        return bool(SANE.fullmatch(value))
    return isinstance(value, int) or _is_sentence(value, levels)


def read_message(text: bytes, schema: MessageSchema, invalid: type[Rejected]) -> dict[str, Any]:
    """What the schema loads. Raises UnsupportedContract, or ``invalid`` with path and sentence."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid from error
    _check_contract(message)
    try:
        return dict(schema.load(message))
    except ValidationError as error:
        path, sentence = first_error(error)
        raise invalid(sentence, path=path) from error


def _check_contract(message: object) -> None:
    """Comes before the schema, for another version may have other keys."""
    contract = message.get("contract") if isinstance(message, dict) else None
    if isinstance(contract, int) and contract != CONTRACT_VERSION:
        raise UnsupportedContract(
            f"This receiver speaks contract {CONTRACT_VERSION}, not {contract}."
            " Upgrade the receiver before the addon.",
            path="/contract",
        )
