"""A long list page by page: the query's ``page`` counts from 1."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import marshmallow as ma

from receiver.web.pages.shared.request_fields import WholeNumber, read_query
from receiver.web.paging import read_page

LAST_PAGE = 1_000_000  # no list is that long
QUERY = ma.Schema.from_dict({"page": WholeNumber(1, LAST_PAGE)})()

Row = TypeVar("Row")


@dataclass(frozen=True)
class NumberedPage(Generic[Row]):
    rows: list[Row]
    before: str | None  # the address of the page before
    after: str | None


def numbered_page(
    read: Callable[..., Iterable[Row]], per_page: int, address: Callable[..., str]
) -> NumberedPage[Row]:
    """The page that is asked for. ``read`` takes ``limit`` and ``offset``; ``address`` takes
    ``page``."""
    number: int = read_query(QUERY)["page"]
    rows, has_more = read_page(partial(read, offset=(number - 1) * per_page), per_page)
    return NumberedPage(
        rows,
        before=address(page=number - 1) if number > 1 else None,
        after=address(page=number + 1) if has_more else None,
    )
