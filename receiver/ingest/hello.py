"""The hello: binds a connection to its Odoo database and keeps what Odoo says about itself."""

from datetime import datetime

from marshmallow import fields, validate
from monitr_wire.hello import Hello
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections import Connection, lock_connection, update_from_hello
from receiver.db.engine import writing
from receiver.db.watched_periods import narrow_watched_periods
from receiver.errors import InvalidHello, OtherDatabase, UnknownConnection
from receiver.ingest.authenticate import SignedRequest, authenticate
from receiver.ingest.envelope import LARGEST_ID
from receiver.ingest.message import MessageSchema, read_message, short_text


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


def receive_hello(
    request: SignedRequest, config: Config, engine: Engine, now: datetime
) -> Connection:
    """The connection as it was before. Raises a Rejected, or DatabaseUnavailable."""
    sender = authenticate(request, config, engine, now)
    hello = _read_hello(request.body)
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        if connection is None:
            raise UnknownConnection
        if connection.database_uuid not in (None, hello.database_uuid):
            raise OtherDatabase
        update_from_hello(db, connection.id, hello, now)
        narrow_watched_periods(db, connection, hello)
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
    )
