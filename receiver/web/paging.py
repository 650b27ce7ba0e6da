"""Pages of a long list: how many of what, and the cursor that leads to the next one."""

import base64
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

import marshmallow as ma
from monitr_wire.values import ID_PATTERN

from receiver.db.accounting.general_ledger import Place
from receiver.web.query import PositiveInteger

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
ID = re.compile(f"id:({ID_PATTERN})".encode())
PLACE = re.compile(
    rf"place:({ID_PATTERN}):([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}):({ID_PATTERN})".encode()
)

Row = TypeVar("Row")


def read_page(read: Callable[..., Iterable[Row]], limit: int) -> tuple[list[Row], bool]:
    """Read so many rows, and whether others follow: ``read`` is given a ``limit`` of one more."""
    rows = [*read(limit=limit + 1)]
    return rows[:limit], len(rows) > limit


def encode_id(last_id: int | None) -> str | None:
    """The cursor of a list that is sorted by ids; None of None, the end."""
    return None if last_id is None else _encode(f"id:{last_id}")


def encode_place(last: Place | None) -> str | None:
    """The cursor of the general ledger; None of None, the end."""
    return None if last is None else _encode(f"place:{last.account_id}:{last.date}:{last.id}")


class IdCursor(ma.fields.String):
    """In a query and an answer a cursor, in Python the id of the last row before it."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return encode_id(value)

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Any:
        return int(_decode(value, ID)[0])


class PlaceCursor(ma.fields.String):
    """In a query and an answer a cursor, in Python the place of the last item before it."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return encode_place(value)

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Any:
        account_id, day, id = _decode(value, PLACE)
        try:
            return Place(int(account_id), date.fromisoformat(day), int(id))
        except ValueError as error:
            raise _not_ours() from error


def page_parameters(
    what: str, cursor: type[IdCursor | PlaceCursor] = IdCursor
) -> dict[str, ma.fields.Field[Any]]:
    limit = limit_parameter(
        f"At most so many {what}; JSON: {DEFAULT_LIMIT} unless given, other formats: all of them"
    )
    metadata = {"description": "`next_cursor` of the page before"}
    return {"limit": limit, "cursor": cursor(metadata=metadata)}


def limit_parameter(description: str) -> PositiveInteger:
    metadata = {"description": description}
    return PositiveInteger(validate=ma.validate.Range(1, MAX_LIMIT), metadata=metadata)


def next_cursor_field(cursor: type[IdCursor | PlaceCursor] = IdCursor, **more: Any) -> Any:
    metadata = {"description": "Pass it as `cursor` for the next page; null on the last one"}
    return cursor(required=True, allow_none=True, metadata=metadata, **more)


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor: str, pattern: re.Pattern[bytes]) -> tuple[str, ...]:
    try:
        found = pattern.fullmatch(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise _not_ours() from error
    if not found:
        raise _not_ours()
    return tuple(part.decode() for part in found.groups())


def _not_ours() -> ma.ValidationError:
    return ma.ValidationError("This is not a cursor that a page gave.")
