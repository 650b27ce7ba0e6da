"""GET and POST /v1/connections, GET /v1/connections/{name}."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields
from monitr_wire.streams import STREAMS
from sqlalchemy import Connection as Database

from receiver.db.accounting.ledger import list_companies_of
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.db.store.records import count_records_of
from receiver.names import NAME, WRONG_NAME
from receiver.pairing import add_connection
from receiver.pull.setup.credentials import add_pulled_connection
from receiver.web.api.connections.odoo_access import (
    AccessBody,
    OdooAccessSchema,
    choice_of,
    find_with,
    summary,
)
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import (
    get_visible_connection,
    list_visible_connections,
    require_token_of_all,
)
from receiver.web.current import current_config, current_engine
from receiver.web.query import Query

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


class NewConnectionBody(AccessBody):
    """The four values of an Odoo that is read with an API key, or none of them."""

    name = fields.String(
        required=True, validate=ma.validate.Regexp(NAME + r"\Z", error=str(WRONG_NAME))
    )
    url = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of an Odoo to read; left out where the addon is to push"},
    )
    username = fields.String(load_default="", metadata={"description": "Needed with a url"})
    api_key = fields.String(load_default="", metadata={"description": "Needed with a url"})


class NewConnectionSchema(ma.Schema):
    name = fields.String(required=True)
    connection_key = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "To paste into Odoo, Settings > Monitr. It is shown this once; null"
            " where Odoo is read with an API key"
        },
    )
    odoo = fields.Nested(OdooAccessSchema, required=True, allow_none=True)


@connections.reads("/connections", Query(), ConnectionListSchema())
def list_connections(_query: object) -> dict[str, object]:
    """Every connection that the token may see, by name."""
    with reading(current_engine()) as db:
        return {"connections": _summaries(db, list_visible_connections(db))}


@connections.reads("/connections/<name>", Query(), ConnectionSchema())
def get_connection(_query: object, name: str) -> dict[str, object]:
    """One connection."""
    with reading(current_engine()) as db:
        return _summaries(db, [get_visible_connection(db, name)])[0]


@connections.manages(
    "POST", "/connections", NewConnectionSchema(), body=NewConnectionBody(), status=201
)
def post_connection(body: Mapping[str, Any]) -> dict[str, object]:
    """Make a connection: one that the addon pushes to, or that is read with an API key.

    With a `url` the Odoo is tried first, and nothing is stored where it cannot be read. Without,
    the answer holds the connection key, this once.
    """
    require_token_of_all()
    config, engine, name = current_config(), current_engine(), body["name"]
    if body["url"] is None:
        with writing(engine) as db:
            key = add_connection(db, config, name, datetime.now(UTC))
        return {"name": name, "connection_key": key, "odoo": None}
    stored = add_pulled_connection(engine, config, name, find_with(body), choice_of(body))
    return {"name": name, "connection_key": None, "odoo": summary(stored)}


def _summaries(db: Database, connections: Sequence[Connection]) -> list[dict[str, object]]:
    """In as many queries for all of them as for one."""
    ids = [each.id for each in connections]
    companies = list_companies_of(db, ids)
    counts = {stream.name: count_records_of(db, ids, stream.name) for stream in STREAMS}
    return [
        {
            "name": each.name,
            "series": each.series,
            "language": each.language,
            "start_date": each.start_date,
            "last_actuals_on": each.last_actuals_on,
            "last_contact_at": each.last_contact_at,
            "companies": companies[each.id],
            "record_counts": {name: count_of[each.id] for name, count_of in counts.items()},
        }
        for each in connections
    ]
