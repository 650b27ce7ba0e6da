"""GET /v1/connections and /v1/connections/{name}."""

import marshmallow as ma
from marshmallow import fields
from monitr_wire.streams import STREAMS
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.engine import reading
from receiver.db.ledger import list_companies
from receiver.db.records import count_records
from receiver.web.api import ReadingBlueprint
from receiver.web.current import current_engine
from receiver.web.query import Query
from receiver.web.tokens import get_visible_connection, list_visible_connections

connections = ReadingBlueprint("Connections", "The Odoo databases paired with this receiver")


class CompanySchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the company"})
    name = fields.String(required=True, allow_none=True)
    currency = fields.String(
        required=True, allow_none=True, metadata={"description": "ISO 4217 code"}
    )


class ConnectionSchema(ma.Schema):
    name = fields.String(required=True)
    series = fields.String(
        required=True, allow_none=True, metadata={"description": "Odoo's, like 19.0"}
    )
    language = fields.String(
        required=True, allow_none=True, metadata={"description": "Of names, like fr_BE"}
    )
    start_date = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Nothing dated before it is sent; null is without limit"},
    )
    last_actuals_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Books are closed up to this day, beside Odoo's lock dates"},
    )
    last_contact_at = fields.DateTime(required=True, allow_none=True)
    companies = fields.List(fields.Nested(CompanySchema), required=True)
    record_counts = fields.Dict(
        keys=fields.String(validate=ma.validate.OneOf([stream.name for stream in STREAMS])),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many records of each stream are stored"},
    )


class ConnectionListSchema(ma.Schema):
    connections = fields.List(fields.Nested(ConnectionSchema), required=True)


@connections.reads("/connections", Query(), ConnectionListSchema())
def list_connections(_query: object) -> dict[str, object]:
    """Every connection that the token may see, by name."""
    with reading(current_engine()) as db:
        found = list_visible_connections(db)
        return {"connections": [_summary(db, connection) for connection in found]}


@connections.reads("/connections/<name>", Query(), ConnectionSchema())
def get_connection(_query: object, name: str) -> dict[str, object]:
    """One connection."""
    with reading(current_engine()) as db:
        return _summary(db, get_visible_connection(db, name))


def _summary(db: Database, connection: Connection) -> dict[str, object]:
    return {
        "name": connection.name,
        "series": connection.series,
        "language": connection.language,
        "start_date": connection.start_date,
        "last_actuals_on": connection.last_actuals_on,
        "last_contact_at": connection.last_contact_at,
        "companies": list_companies(db, connection.id),
        "record_counts": count_records(db, connection.id),
    }
