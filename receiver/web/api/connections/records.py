"""GET /v1/connections/{name}/{stream}: the records of each stream of the contract."""

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import marshmallow as ma
from flask import Response
from monitr_wire.streams import STREAMS, Field, Stream
from sqlalchemy import Engine

from receiver.db.engine import reading
from receiver.db.store.records import RecordQuery, Row, list_records, stream_records
from receiver.web.api.description.components import page_name
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.media_types import (
    MEDIA_TYPES,
    Format,
    csv_parts,
    harmless_rows,
    json_lines,
    ndjson_parts,
    wanted_format,
)
from receiver.web.paging import DEFAULT_LIMIT, encode_id, page_parameters, read_page
from receiver.web.query import (
    Query,
    TrueOrFalse,
    format_parameter,
    id_of,
    period_of,
    period_parameters,
    raw_text_parameter,
)

records = ReadingBlueprint("Records", "What was received, as it was received")

FILTERS = (
    "id",
    "company_id",
    "account_id",
    "journal_id",
    "partner_id",
    "entry_id",
    "reconciled",
)
FORMATS = (Format.JSON, Format.NDJSON, Format.CSV)


def slug_of(stream: Stream) -> str:
    return stream.name.replace("_", "-")


def _add_endpoint(stream: Stream) -> None:
    """Answers GET /v1/connections/{name}/{stream} for this stream."""

    def list_stream(query: Mapping[str, Any], name: str) -> Response:
        format = wanted_format(query.get("format"), *FORMATS)
        wanted = _record_query(stream, query)
        if format is Format.JSON:
            return _page(name, stream, wanted, wanted.limit or DEFAULT_LIMIT)
        return _export(name, stream, wanted, format, raw_text=query.get("raw_text", False))

    list_stream.__name__ = f"list_{stream.name}"
    list_stream.__doc__ = f"""{stream.label}, in the order of their ids.

    JSON comes in pages: pass `next_cursor` as `cursor` for the next one, until it is null. NDJSON
    and CSV hold every matching record, as of one moment.
    """
    records.reads(
        f"/connections/<name>/{slug_of(stream)}",
        Query.from_dict(_parameters(stream))(),
        page_name(stream),
        Format.NDJSON,
        Format.CSV,
    )(list_stream)


def _parameters(stream: Stream) -> dict[str, ma.fields.Field[Any]]:
    filters = {field.name: _filter(field) for field in stream.fields if field.name in FILTERS}
    period = period_parameters() if "date" in stream.field_names else {}
    return {
        **filters,
        **period,
        **page_parameters("records"),
        "format": format_parameter(*FORMATS),
        "raw_text": raw_text_parameter(),
    }


def _filter(field: Field) -> ma.fields.Field[Any]:
    if field.type == "boolean":
        return TrueOrFalse(metadata={"description": field.label})
    return id_of(field.label)


def _record_query(stream: Stream, query: Mapping[str, Any]) -> RecordQuery:
    from_date, to_date = period_of(query)
    return RecordQuery(
        equals={name: value for name, value in query.items() if name in FILTERS},
        from_date=from_date,
        to_date=to_date,
        after_id=query.get("cursor", 0),
        limit=query.get("limit"),
    )


def _page(name: str, stream: Stream, query: RecordQuery, limit: int) -> Response:
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)

        def read(limit: int) -> Sequence[Row]:
            return list_records(db, connection.id, stream, replace(query, limit=limit))

        page, has_more = read_page(read, limit)
    lines = ",\n".join(json_lines(stream, page))
    next_cursor = json.dumps(encode_id(page[-1][0]) if has_more else None)
    body = f'{{"records":[{lines}],"next_cursor":{next_cursor}}}\n'
    return Response(body, mimetype=MEDIA_TYPES[Format.JSON])


def _export(
    name: str, stream: Stream, query: RecordQuery, format: Format, *, raw_text: bool
) -> Response:
    parts = _read_parts(current_engine(), name, stream, query)
    first = next(parts, [])  # before the answer begins, so that an error can still be the answer
    rows = chain([first], parts)
    if format is Format.CSV:
        shown = rows if raw_text else harmless_rows(stream, rows)
        texts = csv_parts(stream.field_names, shown)
    else:
        texts = ndjson_parts(stream, rows)
    response = Response(texts, mimetype=MEDIA_TYPES[format])
    response.call_on_close(parts.close)
    return response


def _read_parts(
    engine: Engine, name: str, stream: Stream, query: RecordQuery
) -> Generator[Sequence[Row]]:
    with reading(engine) as db:
        connection = get_visible_connection(db, name)
        yield from stream_records(db, connection.id, stream, query)


for _stream in STREAMS:
    _add_endpoint(_stream)
