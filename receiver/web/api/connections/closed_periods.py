"""GET /v1/connections/{name}/closed-period-changes."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Engine

from receiver.db.accounting.closed_periods import ChangeQuery, StoredChange, stream_changes
from receiver.db.engine import reading
from receiver.db.store.lines import row_of_line
from receiver.ingest.closed_periods import KINDS, WATCHED_STREAMS, changed_fields
from receiver.web.api.description.components import record_name
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.media_types import (
    MEDIA_TYPES,
    Format,
    csv_parts,
    harmless,
    json_lines,
    wanted_format,
)
from receiver.web.paging import DEFAULT_LIMIT, next_cursor_field, page_parameters, read_page
from receiver.web.query import (
    Moment,
    Query,
    format_parameter,
    id_of,
    period_of,
    period_parameters,
    raw_text_parameter,
)

closed_periods = ReadingBlueprint("Closed periods", "What changed in books that were closed")

STREAM_NAMES = [stream.name for stream in WATCHED_STREAMS]
RECORD = {
    "anyOf": [
        *({"$ref": f"#/components/schemas/{record_name(stream)}"} for stream in WATCHED_STREAMS),
        {"type": "null"},
    ]
}
QUERY = Query.from_dict(
    {
        "company_id": id_of("Odoo's id of the company"),
        "stream": fields.String(validate=ma.validate.OneOf(STREAM_NAMES)),
        **period_parameters(),
        "since": Moment(metadata={"description": "Noticed at this moment or later"}),
        **page_parameters("changes"),
        "format": format_parameter(Format.JSON, Format.CSV),
        "raw_text": raw_text_parameter(),
    }
)
CSV_COLUMNS = (
    "change_id",
    "noticed_at",
    "kind",
    "stream",
    "record_id",
    "company_id",
    "closed_until",
    "date_before",
    "date_after",
    "fields",
    "before",
    "after",
    "run_id",
    "batch_id",
)


class FieldChangeSchema(ma.Schema):
    field = fields.String(required=True)
    before = fields.Raw(required=True, metadata={"description": "As in the record before"})
    after = fields.Raw(required=True, metadata={"description": "As in the record after"})


class ChangeSchema(ma.Schema):
    change_id = fields.Integer(required=True, metadata={"description": "A later one is higher"})
    noticed_at = fields.DateTime(required=True)
    kind = fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    stream = fields.String(required=True, validate=ma.validate.OneOf(STREAM_NAMES))
    record_id = fields.Integer(required=True, metadata={"description": "Odoo's id of the record"})
    company_id = fields.Integer(required=True)
    closed_until = fields.Date(
        required=True, metadata={"description": "The last day that was closed when it changed"}
    )
    date_before = fields.Date(
        required=True, allow_none=True, metadata={"description": "Accounting date before"}
    )
    date_after = fields.Date(
        required=True, allow_none=True, metadata={"description": "Accounting date after"}
    )
    fields_ = fields.List(
        fields.Nested(FieldChangeSchema),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "What is different in a changed record"},
    )
    before = fields.Raw(required=True, metadata=RECORD)
    after = fields.Raw(required=True, metadata=RECORD)
    run_id = fields.String(required=True)
    batch_id = fields.String(required=True)


class ChangePageSchema(ma.Schema):
    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    next_cursor = next_cursor_field()


@closed_periods.reads(
    "/connections/<name>/closed-period-changes", QUERY(), ChangePageSchema(), Format.CSV
)
def list_closed_period_changes(query: Mapping[str, Any], name: str) -> dict[str, Any] | Response:
    """Journal entries and items that appeared, changed or vanished in a closed period.

    Closed is what is dated on or before the company's lock date in Odoo, or the connection's last
    actuals date. What only settles an item (its residual, its reconciliation) is no change.
    `from` and `to` look at the accounting date before the change and at the one after it.

    Newest first. JSON comes in pages: pass `next_cursor` as `cursor` for the next one, until it is
    null. CSV holds every matching change, as of one moment, with the records as JSON.
    """
    format = wanted_format(query.get("format"), Format.JSON, Format.CSV)
    wanted = _change_query(query)
    if format is Format.CSV:
        parts = _read_parts(current_engine(), name, wanted)
        return _csv(parts, raw_text=query.get("raw_text", False))
    return _page(name, wanted, wanted.limit or DEFAULT_LIMIT)


def _change_query(query: Mapping[str, Any]) -> ChangeQuery:
    from_date, to_date = period_of(query)
    return ChangeQuery(
        company_id=query.get("company_id"),
        stream=query.get("stream"),
        from_date=from_date,
        to_date=to_date,
        since=query.get("since"),
        before_id=query.get("cursor"),
        limit=query.get("limit"),
    )


def _page(name: str, query: ChangeQuery, limit: int) -> dict[str, Any]:
    def read(limit: int) -> Iterator[StoredChange]:
        parts = _read_parts(current_engine(), name, replace(query, limit=limit))
        return chain.from_iterable(parts)

    changes, has_more = read_page(read, limit)
    return {
        "changes": [_shown(change) for change in changes],
        "next_cursor": changes[-1].change_id if has_more else None,
    }


def _csv(parts: Generator[Sequence[StoredChange]], *, raw_text: bool) -> Response:
    first = next(parts, [])  # before the answer begins, so that an error can still be the answer
    texts = csv_parts(CSV_COLUMNS, _csv_rows(chain([first], parts), raw_text=raw_text))
    response = Response(texts, mimetype=MEDIA_TYPES[Format.CSV])
    response.call_on_close(parts.close)
    return response


def _csv_rows(
    parts: Iterator[Sequence[StoredChange]], *, raw_text: bool
) -> Iterator[list[list[object]]]:
    for changes in parts:
        rows = [_csv_row(change) for change in changes]
        yield rows if raw_text else [[harmless(cell) for cell in row] for row in rows]


def _csv_row(change: StoredChange) -> list[object]:
    values = {
        **vars(change),
        "noticed_at": change.noticed_at.isoformat(),
        "fields": ",".join(_changed_fields(change)),
        "before": _record_json(change, change.before),
        "after": _record_json(change, change.after),
    }
    return [values[column] for column in CSV_COLUMNS]


def _read_parts(engine: Engine, name: str, query: ChangeQuery) -> Generator[Sequence[StoredChange]]:
    with reading(engine) as db:
        connection = get_visible_connection(db, name)
        yield from stream_changes(db, connection.id, query)


def _shown(change: StoredChange) -> dict[str, Any]:
    before, after = (
        json.loads(_record_json(change, line) or "null") for line in (change.before, change.after)
    )
    differing = [
        {"field": field, "before": before[field], "after": after[field]}
        for field in _changed_fields(change)
    ]
    return {**vars(change), "fields": differing, "before": before, "after": after}


def _changed_fields(change: StoredChange) -> list[str]:
    if change.before is None or change.after is None:
        return []
    return changed_fields(STREAMS_BY_NAME[change.stream], change.before, change.after)


def _record_json(change: StoredChange, line: str | None) -> str | None:
    stream = STREAMS_BY_NAME[change.stream]
    return line and json_lines(stream, [row_of_line(stream, line)])[0]
