"""How answers are written: JSON, NDJSON and CSV, straight from the texts that the database gives.

CSV is RFC 4180 in UTF-8: a header, then values as they are, absent ones empty. People open it in
spreadsheets, so text that one would run as a formula has an apostrophe before it (OWASP, "CSV
Injection"); amounts never have. Programs ask for the text as it is, by ``raw_text``.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Any

from flask import request
from monitr_wire.streams import Stream

from receiver.db.store.records import Row


class Format(StrEnum):
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    HTML = "html"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv",
    Format.HTML: "text/html",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


# How a formula begins for some spreadsheet; the last ones are as wide as East Asian characters.
FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def wanted_format(parameter: str | None, *offered: Format) -> Format:
    """What ``format=`` says, else what ``Accept`` likes best, else the first one offered."""
    if parameter:
        return Format(parameter)
    media_types = {MEDIA_TYPES[format]: format for format in offered}
    best = request.accept_mimetypes.best_match(media_types)
    return media_types[best] if best else offered[0]


def json_lines(stream: Stream, rows: Sequence[Row]) -> list[str]:
    """Each record as one line of JSON, without the newline.

    Works column by column, which is twice as fast as row by row.
    """
    template = "{" + ",".join(f'"{field.name}":%s' for field in stream.fields) + "}"
    columns = zip(*rows, strict=True) if rows else ((),) * len(stream.fields)
    pairs = zip(stream.fields, columns, strict=True)
    texts = [_JSON_TEXTS[field.type](column) for field, column in pairs]
    return [template % values for values in zip(*texts, strict=True)]


def ndjson_parts(stream: Stream, parts: Iterable[Sequence[Row]]) -> Iterator[str]:
    for rows in parts:
        yield "".join([line + "\n" for line in json_lines(stream, rows)])


def csv_parts(header: Sequence[str], parts: Iterable[Sequence[Sequence[object]]]) -> Iterator[str]:
    yield _csv_lines([header])
    for rows in parts:
        yield _csv_lines(rows)


def harmless(cell: object) -> object:
    """The same, but for text that a spreadsheet would run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def harmless_rows(
    stream: Stream, parts: Iterable[Sequence[Row]]
) -> Iterator[Sequence[Sequence[object]]]:
    """Rows whose texts are harmless. Amounts are texts here too, and stay as they are."""
    for rows in parts:
        columns = zip(*rows, strict=True) if rows else ((),) * len(stream.fields)
        kept = [
            [harmless(cell) for cell in column] if field.type == "text" else column
            for field, column in zip(stream.fields, columns, strict=True)
        ]
        yield list(zip(*kept, strict=True))


def _csv_lines(rows: Iterable[Sequence[object]]) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def _as_is(values: Iterable[Any]) -> list[Any]:
    return ["null" if value is None else value for value in values]


def _quoted(values: Iterable[Any]) -> list[str]:
    """Quote texts without anything to escape."""
    return ["null" if value is None else f'"{value}"' for value in values]


def _escaped(values: Iterable[Any]) -> list[str]:
    return ["null" if value is None else encode_basestring(value) for value in values]


def _lists(values: Iterable[Any]) -> list[str]:
    return ["null" if value is None else f"[{value}]" for value in values]


def _shares(values: Iterable[Any]) -> list[str]:
    return ["null" if value is None else _shares_of(value) for value in values]


def _shares_of(text: str) -> str:
    """``8,16:60;8:40`` is how the contract writes them."""
    parts = [part.split(":") for part in text.split(";")]
    share = '{{"analytic_account_ids":[{}],"percentage":"{}"}}'.format
    return "[" + ",".join([share(ids, percentage) for ids, percentage in parts]) + "]"


_JSON_TEXTS: dict[str, Callable[[Iterable[Any]], list[Any]]] = {
    "id": _as_is,
    "integer": _as_is,
    "places": _as_is,
    "text": _escaped,
    "boolean": _as_is,
    "date": _quoted,
    "money": _quoted,
    "quantity": _quoted,
    "ids": _lists,
    "codes": _as_is,  # a JSON object already
    "shares": _shares,
}
