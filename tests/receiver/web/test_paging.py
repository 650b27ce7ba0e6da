"""Pages of long lists: whether others follow, and cursors that stay what they were."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import marshmallow as ma
import pytest

from receiver.db.accounting.general_ledger import Place
from receiver.web.paging import IdCursor, PlaceCursor, encode_id, encode_place, read_page

PLACE = Place(account_id=10, date=date(2025, 2, 28), id=7)
OLD_ID, OLD_PLACE = "aWQ6Nw==", "cGxhY2U6MTA6MjAyNS0wMi0yODo3"  # as they were given ever since


@pytest.mark.parametrize(
    ("limit", "rows", "has_more"),
    [(1, [0], True), (2, [0, 1], True), (3, [0, 1, 2], False), (4, [0, 1, 2], False)],
)
def test_it_says_whether_others_follow(limit: int, rows: list[int], has_more: bool) -> None:
    def read(*, limit: int) -> Sequence[int]:
        return range(3)[:limit]

    assert read_page(read, limit) == (rows, has_more)


def test_nothing_has_no_other_page() -> None:
    assert read_page(lambda limit: [], 1) == ([], False)


@pytest.mark.parametrize(
    ("field", "value", "cursor"), [(IdCursor(), 7, OLD_ID), (PlaceCursor(), PLACE, OLD_PLACE)]
)
def test_a_cursor_that_was_kept_leads_where_it_led(
    field: ma.fields.Field[Any], value: object, cursor: str
) -> None:
    assert field.deserialize(cursor) == value
    assert field.serialize("at", {"at": value}) == cursor
    assert field.serialize("at", {"at": None}) is None


def test_the_end_has_no_cursor() -> None:
    assert encode_id(None) is encode_place(None) is None


@pytest.mark.parametrize("cursor", ["", "abc", "\N{SNOWMAN}", "aWQ6MA==", OLD_PLACE])
def test_a_cursor_of_another_list_is_none_of_ids(cursor: str) -> None:
    with pytest.raises(ma.ValidationError, match="not a cursor that a page gave"):
        IdCursor().deserialize(cursor)


@pytest.mark.parametrize("cursor", ["", "abc", OLD_ID, "cGxhY2U6MTA6MjAyNS0wMi0zMDo3"])
def test_a_cursor_of_another_list_is_none_of_the_ledger(cursor: str) -> None:
    """The last one is of a February 30."""
    with pytest.raises(ma.ValidationError, match="not a cursor that a page gave"):
        PlaceCursor().deserialize(cursor)
