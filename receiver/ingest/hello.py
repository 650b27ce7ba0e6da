"""The hello: binds a connection to its Odoo database and keeps what Odoo says about itself."""

from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate
from monitr_wire.hello import LONGEST_FAILURE, Hello
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.accounting.watched_periods import narrow_watched_periods
from receiver.db.connections.connections import Connection, lock_connection, update_from_hello
from receiver.db.engine import writing
from receiver.errors import InvalidHello, OtherDatabase
from receiver.ingest.authenticate import SignedRequest, authenticate
from receiver.ingest.envelope import LARGEST_ID
from receiver.ingest.message import (
    MessageSchema,
    check_parts,
    is_sane_text,
    read_message,
    short_text,
)

LARGEST_NUMBER = 2**31 - 1
LONGEST_URL = 2_000  # characters
INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"
MAY_LACK: dict[str, Any] = {"load_default": None, "allow_none": True}


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


class HelloSchema(MessageSchema):
    """The shape of monitr_wire.hello.encode_hello."""

    series = fields.String(required=True, validate=validate.Regexp(r"[0-9]{1,3}\.[0-9]{1,2}\Z"))
    addon_version = short_text()
    database_uuid = short_text()
    database_name = short_text()
    language = short_text()
    company_ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)), required=True
    )
    start_date = fields.Date(required=True, allow_none=True)
    # An addon from before these leaves them out.
    push_every_minutes = fields.Integer(
        **MAY_LACK,
        strict=True,
        validate=validate.Range(0, LARGEST_NUMBER),
        metadata={"description": "0: only when someone presses Push now"},
    )
    is_scheduled = TrueOrFalse(
        **MAY_LACK, metadata={"description": "By Odoo's cron, not by someone's press on a button"}
    )
    is_cron_active = TrueOrFalse(
        **MAY_LACK, metadata={"description": "Whether Odoo's cron that pushes is switched on"}
    )
    late_seconds = fields.Integer(
        **MAY_LACK,
        strict=True,
        validate=validate.Range(0, LARGEST_NUMBER),
        metadata={"description": "How long a push by schedule was due at this contact"},
    )
    failing_since = fields.String(
        **MAY_LACK,
        validate=[validate.Regexp(INSTANT), _check_instant],
        metadata={
            "description": "The first failed try since a push went through, in UTC",
            "format": "date-time",
        },
    )
    failure = fields.String(
        **MAY_LACK,
        validate=is_sane_text(LONGEST_FAILURE),
        metadata={"description": "The sentence of the last failed try"},
    )
    failure_parts = fields.Dict(
        **MAY_LACK,
        validate=check_parts,
        metadata={"description": "Of that sentence, its text and its values by name"},
    )
    missed_since = fields.String(
        **MAY_LACK,
        validate=[validate.Regexp(INSTANT), _check_instant],
        metadata={
            "description": "Until a run after it succeeds, changes since then may be missing",
            "format": "date-time",
        },
    )
    missed = fields.String(
        **MAY_LACK,
        validate=is_sane_text(LONGEST_FAILURE),
        metadata={"description": "Whose changes, in technical names"},
    )
    unwatched = fields.String(
        **MAY_LACK,
        validate=is_sane_text(LONGEST_FAILURE),
        metadata={"description": "Tables whose changes only the proof finds, and why"},
    )
    odoo_url = fields.String(
        **MAY_LACK,
        validate=is_sane_text(LONGEST_URL),
        metadata={"description": "Where people find this Odoo: its web.base.url"},
    )


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
    return Hello(
        series=read["series"],
        addon_version=read["addon_version"],
        database_uuid=read["database_uuid"],
        database_name=read["database_name"],
        language=read["language"],
        company_ids=tuple(read["company_ids"]),
        start_date=read["start_date"] and read["start_date"].isoformat(),
        push_every_minutes=read["push_every_minutes"],
        is_scheduled=read["is_scheduled"],
        is_cron_active=read["is_cron_active"],
        late_seconds=read["late_seconds"],
        failing_since=read["failing_since"],
        failure=read["failure"],
        failure_parts=read["failure_parts"],
        missed_since=read["missed_since"],
        missed=read["missed"],
        unwatched=read["unwatched"],
        odoo_url=read["odoo_url"],
    )
