"""Parameters and bodies of requests: checked as strictly as the contract checks values."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from monitr_wire.values import ID_PATTERN, LARGEST_ID, TYPES
from webargs.flaskparser import FlaskParser

from receiver.errors import InvalidBody, InvalidQuery, NotFound
from receiver.invalid import first_error
from receiver.web.media_types import Format

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of characters
MOST_LEVELS = 20  # of a body; those that are described have three

IN_QUERY, IN_BODY = "/query/", "/json"  # where webargs says that an error is


class QueryParser(FlaskParser):
    """Raises InvalidQuery with the parameter's name for one that is wrong, unknown or repeated, and
    InvalidBody with the place in it for a body.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE}  # noqa: RUF012 (webargs declares it so)

    def pre_load(
        self, location_data: Any, *, schema: ma.Schema, req: Request, location: str
    ) -> Any:
        for name, values in req.args.lists():
            if len(values) > 1:
                raise InvalidQuery("This parameter is given more than once.", path=name)
        return location_data

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        if not req.is_json:
            raise InvalidBody("Send the body as JSON, with Content-Type: application/json.")
        try:
            body = super().load_json(req, schema)
        except (RecursionError, ValueError) as error:  # too many levels, or digits of a number
            raise InvalidBody("The body is not JSON.") from error
        _check_body(body)
        return body

    def _handle_invalid_json_error(self, *_: object, **__: object) -> NoReturn:
        raise InvalidBody("The body is not JSON.")

    def handle_error(self, error: ma.ValidationError, *_: object, **__: object) -> NoReturn:
        path, sentence = first_error(error)
        if path.startswith(IN_BODY):
            raise InvalidBody(sentence, path=path.removeprefix(IN_BODY))
        raise InvalidQuery(sentence, path=path.removeprefix(IN_QUERY))


class Query(ma.Schema):
    """The parameters of an endpoint."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        names = ", ".join(self.fields) or "none"
        self.error_messages["unknown"] = f"There is no such parameter. There are: {names}."


class Body(ma.Schema):
    """The JSON body of a request."""

    error_messages = {  # noqa: RUF012
        "unknown": "There is no such field.",
        "type": "Expected an object.",
    }


class PositiveInteger(ma.fields.Integer):
    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> int:
        _check("id", value)
        return super()._deserialize(value, attr, data, **more)


class Day(ma.fields.Date):
    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> date:
        _check("date", value)
        return super()._deserialize(value, attr, data, **more)


class Moment(ma.fields.AwareDateTime):
    """As RFC 3339 has it, with its distance from UTC."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Expected a moment such as 2025-12-31T14:02:00Z."
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> datetime:
        if not MOMENT.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class TrueOrFalse(ma.fields.Boolean):
    truthy = {"true"}  # noqa: RUF012
    falsy = {"false"}  # noqa: RUF012
    default_error_messages = {"invalid": "Expected true or false."}  # noqa: RUF012


def id_in_path(text: str) -> int:
    """Raises NotFound for what is no id."""
    if not re.fullmatch(ID_PATTERN, text):
        raise NotFound("There is nothing with the number %(number)s.", number=text)
    return int(text)


class Ids(ma.fields.String):
    """Ids joined by commas; the value is a tuple of them."""

    def __init__(self, description: str) -> None:
        pattern = ma.validate.Regexp(
            rf"{ID_PATTERN}(,{ID_PATTERN}){{0,99}}\Z",
            error="Expected up to 100 ids joined by commas, such as 12,13.",
        )
        super().__init__(validate=pattern, metadata={"description": description})

    def deserialize(self, value: Any, *more: Any, **named: Any) -> Any:
        text = super().deserialize(value, *more, **named)
        return text if text is ma.missing else tuple(int(id) for id in text.split(","))


def id_of(what: str) -> PositiveInteger:
    metadata = {"description": what, "format": "int64", "minimum": 1, "maximum": LARGEST_ID}
    return PositiveInteger(metadata=metadata)


def period_parameters() -> dict[str, ma.fields.Field[Any]]:
    return {
        "from": Day(metadata={"description": "First accounting date, included"}),
        "to": Day(metadata={"description": "Last accounting date, included"}),
    }


def format_parameter(*offered: Format) -> ma.fields.Field[Any]:
    return ma.fields.String(
        validate=ma.validate.OneOf([format.value for format in offered]),
        metadata={"description": "Overrides the Accept header"},
    )


def raw_text_parameter() -> ma.fields.Field[Any]:
    return TrueOrFalse(
        metadata={
            "description": "CSV: text as it is. Else text that a spreadsheet would run as a formula"
            " has an apostrophe before it"
        }
    )


def period_of(query: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Raises InvalidQuery for a period that ends before it begins."""
    first, last = query.get("from"), query.get("to")
    if first and last and first > last:
        raise InvalidQuery("The period ends before it begins.", path="to")
    return first, last


def check_text(name: str, value: str) -> None:
    """Raises InvalidQuery, at the parameter's name, for what no database takes as text."""
    if UNSTORABLE.search(name + value):
        raise InvalidQuery(
            "Text cannot hold the character NUL, or half of a character.",
            path=UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", name),
        )


def _check_body(body: object) -> None:
    level: list[object] = [body]
    for _ in range(MOST_LEVELS):
        if any(UNSTORABLE.search(each) for each in level if isinstance(each, str)):
            raise InvalidBody("Text cannot hold the character NUL, or half of a character.")
        level = [part for each in level for part in _parts_of(each)]
    if level:
        raise InvalidBody("The body has more levels than there are any.")


def _parts_of(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _check(type_name: str, value: str) -> None:
    wanted = TYPES[type_name]
    if not re.fullmatch(wanted.pattern, value):
        raise ma.ValidationError(f"Expected {wanted.expected}.")
