"""GET and PUT /v1/connections/{name}/closings: what reports of results are without."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from receiver.accounting.shared.closings import choose_closings, closing_journals
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.query import Body, Query

closings = ReadingBlueprint(
    "Year closings", "Entries that close a year, which reports of results leave out"
)

RULE = "/connections/<name>/closings"


class ClosingsBody(Body):
    leaves_out_marked = fields.Boolean(required=True, truthy={True}, falsy={False})
    journal_ids = fields.List(fields.Integer(strict=True), required=True)


class ClosingsSchema(ma.Schema):
    leaves_out_marked = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether what OCA's account_fiscal_year_closing marks is left out: the"
            " steps `loss_profit`, `closing` and `opening`"
        },
    )
    journal_ids = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "Journals whose entries are all left out: Odoo's ids"},
    )


@closings.reads(RULE, Query(), ClosingsSchema())
def get_closings(_query: object, name: str) -> dict[str, object]:
    """Which entries the profit and loss and the dimensional report leave out."""
    with reading(current_engine()) as db:
        return _shown(get_visible_connection(db, name))


@closings.manages("PUT", RULE, ClosingsSchema(), body=ClosingsBody())
def put_closings(body: Mapping[str, Any], name: str) -> dict[str, object]:
    """Choose them. The balance sheet, the cash flow and the ledger always have every entry."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        choose_closings(db, connection, body["leaves_out_marked"], body["journal_ids"])
        return _shown(get_visible_connection(db, name))


def _shown(connection: Connection) -> dict[str, object]:
    return {
        "leaves_out_marked": connection.leaves_out_closings,
        "journal_ids": closing_journals(connection),
    }
