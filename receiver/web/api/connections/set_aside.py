"""GET /v1/connections/{name}/set-aside-records: what is missing, and why."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import marshmallow as ma
from marshmallow import fields
from monitr_wire.streams import STREAMS_BY_NAME

from receiver.db.engine import reading
from receiver.db.store.set_aside import count_set_aside
from receiver.monitoring.set_aside import SetAsideLine, list_set_aside_lines
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import money_field
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.paging import DEFAULT_LIMIT, next_cursor_field, page_parameters, read_page
from receiver.web.query import Query

set_aside = ReadingBlueprint("Records set aside", "What is missing here, and why")

QUERY = Query.from_dict(page_parameters("records"))


class SetAsideRecordSchema(ma.Schema):
    stream = fields.String(required=True, validate=ma.validate.OneOf(STREAMS_BY_NAME))
    record_id = fields.Integer(required=True, metadata={"description": "Odoo's id of the record"})
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Its own, or the number of the entry that it belongs to"},
    )
    field = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The first whose value is refused; null where it is no single one"
        },
    )
    value = fields.String(
        required=True, allow_none=True, metadata={"description": "Null where it is absent"}
    )
    reason = fields.String(required=True)
    company_id = fields.Integer(required=True, allow_none=True)
    account_id = fields.Integer(required=True, allow_none=True)
    date = fields.Date(required=True, allow_none=True)
    debit = money_field("Of a journal item, where it can be read", allow_none=True)
    credit = money_field("Of a journal item, where it can be read", allow_none=True)
    since = fields.DateTime(required=True)
    odoo_link = fields.String(
        required=True, allow_none=True, metadata={"description": "Where it opens in Odoo"}
    )


class SetAsidePageSchema(ma.Schema):
    total_count = fields.Integer(required=True, metadata={"description": "On all pages"})
    records = fields.List(fields.Nested(SetAsideRecordSchema), required=True)
    next_cursor = next_cursor_field()


@set_aside.reads("/connections/<name>/set-aside-records", QUERY(), SetAsidePageSchema())
def list_set_aside_records(query: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Records that Odoo has and this receiver has not, for a value that cannot be stored.

    No proof ties out while there are any. When the value is corrected in Odoo, the next run brings
    the record, and it is no longer listed.
    """
    limit, offset = query.get("limit", DEFAULT_LIMIT), query.get("cursor", 0)
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        read = partial(list_set_aside_lines, db, connection.id, offset=offset)
        lines, has_more = read_page(read, limit)
        total_count = count_set_aside(db, [connection.id]).get(connection.id, 0)
    return {
        "total_count": total_count,
        "records": [_shown(line) for line in lines],
        "next_cursor": offset + limit if has_more else None,
    }


def _shown(line: SetAsideLine) -> dict[str, object]:
    return {**vars(line), "reason": str(line.reason)}
