"""Rows of a query in parts, never all in memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

PART_SIZE = 2_000  # rows held in memory at once


def stream_parts(
    db: Database, query: sa.Select[*tuple[Any, ...]]
) -> Iterator[Sequence[sa.Row[*tuple[Any, ...]]]]:
    """Stream the rows in parts of PART_SIZE. Who closes the iterator before its end closes the
    database's cursor; other queries may run on the same connection meanwhile."""
    # The option is this query's alone: set on the connection, all that follow would stream too.
    with db.execute(query, execution_options={"yield_per": PART_SIZE}) as found:
        yield from found.partitions()
