"""OpenAPI components of the streams, made from the wire contract: a record, and a page of them."""

from typing import Any

from monitr_wire.streams import Field, Stream
from monitr_wire.values import PLACES, TYPES

Json = dict[str, Any]

ID: Json = {"type": "integer", "format": "int64", "minimum": 1}
DECIMAL: Json = {
    "type": "string",
    "format": "decimal",
    "pattern": f"^{TYPES['money'].pattern}$",
    "examples": ["-1234.56"],
}
SHARE: Json = {
    "type": "object",
    "required": ["analytic_account_ids", "percentage"],
    "properties": {
        "analytic_account_ids": {"type": "array", "items": ID},
        "percentage": {"type": "string", "format": "decimal", "examples": ["60"]},
    },
    "additionalProperties": False,
}
SCHEMAS: dict[str, Json] = {
    "id": ID,
    "integer": {"type": "integer", "format": "int64"},
    "places": {"type": "integer", "minimum": 0, "maximum": PLACES},
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "money": DECIMAL,
    "quantity": DECIMAL,
    "ids": {"type": "array", "items": ID},
    "codes": {"type": "object", "additionalProperties": {"type": "string"}},
    "shares": {"type": "array", "items": SHARE},
}


def record_name(stream: Stream) -> str:
    return stream.name.title().replace("_", "") + "Record"


def page_name(stream: Stream) -> str:
    return stream.name.title().replace("_", "") + "Page"


def record_component(stream: Stream) -> Json:
    """Every field is always there; what is absent is null."""
    return {
        "type": "object",
        "title": stream.label,
        "required": list(stream.field_names),
        "properties": {field.name: _property(field) for field in stream.fields},
        "additionalProperties": False,
    }


def page_component(stream: Stream) -> Json:
    records = {"$ref": f"#/components/schemas/{record_name(stream)}"}
    cursor = "Pass it as `cursor` for the next page; null on the last one"
    return {
        "type": "object",
        "required": ["records", "next_cursor"],
        "properties": {
            "records": {"type": "array", "items": records},
            "next_cursor": {"type": ["string", "null"], "description": cursor},
        },
        "additionalProperties": False,
    }


def _property(field: Field) -> Json:
    schema = SCHEMAS[field.type]
    unit = f" ({field.unit})" if field.unit else ""
    type = schema["type"] if field.required else [schema["type"], "null"]
    return {**schema, "type": type, "description": field.label + unit}
