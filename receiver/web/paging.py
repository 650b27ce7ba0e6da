"""Pages of a long answer: how many of what, and the cursor that leads to the next one."""

import base64
import re
from typing import Any

import marshmallow as ma
from monitr_wire.values import ID_PATTERN

from receiver.errors import InvalidQuery
from receiver.web.query import PositiveInteger

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
CURSOR = re.compile(f"id:({ID_PATTERN})".encode())


def page_parameters(what: str) -> dict[str, ma.fields.Field[Any]]:
    limit = PositiveInteger(
        validate=ma.validate.Range(1, MAX_LIMIT),
        metadata={
            "description": f"At most so many {what}; JSON: {DEFAULT_LIMIT} unless given,"
            " other formats: all of them"
        },
    )
    cursor = ma.fields.String(metadata={"description": "`next_cursor` of the page before"})
    return {"limit": limit, "cursor": cursor}


def encode_cursor(last_id: int) -> str:
    return base64.urlsafe_b64encode(f"id:{last_id}".encode()).decode()


def decode_cursor(cursor: str) -> int:
    """The id of the last one on the page before. Raises InvalidQuery."""
    try:
        last = CURSOR.fullmatch(base64.urlsafe_b64decode(cursor))
    except ValueError:
        last = None
    if not last:
        raise InvalidQuery("This is not a cursor that a page gave.", path="cursor")
    return int(last.group(1))
