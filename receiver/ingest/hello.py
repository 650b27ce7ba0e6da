"""The hello: binds a connection to its Odoo database and keeps what Odoo says about itself."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, validate
from monitr_wire.hello import (
    HELLO_FIELDS,
    INSTANT_PATTERN,
    LONGEST_FAILURE,
    LONGEST_TEXT,
    LONGEST_URL,
    SERIES_PATTERN,
    Hello,
    HelloField,
)
from monitr_wire.values import LARGEST_ID
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.accounting.watched_periods import narrow_watched_periods
from receiver.db.connections.connections import Connection, lock_connection, update_from_hello
from receiver.db.engine import writing
from receiver.errors import InvalidHello, OtherDatabase
from receiver.ingest.authenticate import SignedRequest, authenticate
from receiver.ingest.message import (
    MessageSchema,
    check_parts,
    is_sane_text,
    read_message,
)

LARGEST_NUMBER = 2**31 - 1


def _check_instant(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError("Not a valid instant.") from error


class TrueOrFalse(fields.Boolean):
    """Nothing else: not 1, not "yes"."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def _ids(**options: Any) -> fields.Field[Any]:
    each = fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID))
    return fields.List(each, **options)


def _number(**options: Any) -> fields.Field[Any]:
    return fields.Integer(strict=True, validate=validate.Range(0, LARGEST_NUMBER), **options)


def _instant(metadata: dict[str, str], **options: Any) -> fields.Field[Any]:
    return fields.String(
        validate=[validate.Regexp(rf"{INSTANT_PATTERN}\Z"), _check_instant],
        metadata={**metadata, "format": "date-time"},
        **options,
    )


MAKERS: dict[str, Callable[..., fields.Field[Any]]] = {
    "series": partial(fields.String, validate=validate.Regexp(rf"{SERIES_PATTERN}\Z")),
    "text": partial(fields.String, validate=is_sane_text(LONGEST_TEXT)),
    "ids": _ids,
    "date": fields.Date,
    "minutes": _number,
    "seconds": _number,
    "boolean": TrueOrFalse,
    "instant": _instant,
    "sentence": partial(fields.String, validate=is_sane_text(LONGEST_FAILURE)),
    "parts": partial(fields.Dict, validate=check_parts),
    "url": partial(fields.String, validate=is_sane_text(LONGEST_URL)),
}


def _schema_field(field: HelloField) -> fields.Field[Any]:
    metadata = {"description": field.description} if field.description else {}
    presence = {"required": True} if field.required else {"load_default": None}
    return MAKERS[field.type](**presence, allow_none=field.nullable, metadata=metadata)


class HelloSchema(MessageSchema):
    """The shape of monitr_wire.hello.encode_hello."""

    class Meta:
        include = {field.name: _schema_field(field) for field in HELLO_FIELDS}  # noqa: RUF012


def receive_hello(
    request: SignedRequest, config: Config, engine: Engine, now: datetime
) -> Connection:
    """The connection as it was before. Raises a Rejected, or DatabaseUnavailable."""
    sender = authenticate(request, config, engine, now)
    hello = _read_hello(request.body)
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        if connection.database_uuid not in (None, hello.database_uuid):
            raise OtherDatabase
        update_from_hello(db, connection.id, hello, now)
        start_date = date.fromisoformat(hello.start_date) if hello.start_date else None
        narrow_watched_periods(db, connection, hello.company_ids, start_date)
    return connection


def _read_hello(body: bytes) -> Hello:
    read = read_message(body, HelloSchema(), InvalidHello)
    return Hello(**{field.name: _as_sent(read[field.name]) for field in HELLO_FIELDS})


def _as_sent(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.isoformat() if isinstance(value, date) else value
