"""Reads one stream over RPC: the lines, and the ranges of ids that they are everything of.

The pages are ranges of ids, for only ids never change. Odoo decides which rows the user may see.
"""

from collections.abc import Iterator

from monitr_wire.batch import IdRange
from monitr_wire.streams import JOURNAL_ITEMS, Stream

from receiver.errors import InvalidRecord, MonitrError, OdooTimeout
from receiver.pull.bulk import ReadArrays, read_bulk
from receiver.pull.fields import stream_in_odoo
from receiver.pull.offers import Offers
from receiver.pull.pace import Pace
from receiver.pull.scope import Domain, OdooInScope, Row

ROWS_OF_SAMPLE = 200  # read both ways before whole columns are relied on
SOURCE_LANGUAGE = "en_US"  # Odoo has every text in it


class Reader:
    """Reads one stream in one scope."""

    def __init__(self, odoo: OdooInScope, stream: Stream, offers: Offers) -> None:
        self._odoo = odoo
        self._known = stream_in_odoo(odoo, stream)
        self._domain = _domain(odoo, stream)
        self._read_arrays = offers.read_arrays
        self._options = offers.options
        self._is_proven = False  # what whole columns give equals what search_read gives
        self._pace = Pace()

    def read_all(self) -> Iterator[tuple[bytes, IdRange]]:
        """Yields ``(lines, IdRange)`` in order of id, the last range without end.

        Raises InvalidRecord where Odoo's answer is no row, and whatever the client raises.
        """
        after_id: int | None = 0
        while after_id is not None:
            try:
                window = IdRange(after_id, self._end_of_window(after_id))
                lines = self._read(window)
            except OdooTimeout:
                if not self._pace.learn_of_timeout():
                    raise
                continue
            yield lines, window
            after_id = window.up_to_id

    def _end_of_window(self, after_id: int) -> int | None:
        """The id that closes the window, or None where fewer rows are left than fill one."""
        rows = self._odoo.search_read(
            self._known.model,
            [*self._domain, ("id", ">", after_id)],
            ["id"],
            offset=self._rows_at_once() - 1,
            limit=1,
        )
        if not rows:
            return None
        id = rows[0].get("id")
        if not isinstance(id, int) or id <= after_id:
            raise InvalidRecord(f"Odoo answered with {self._known.model} out of order.")
        return id

    def _rows_at_once(self) -> int:
        is_sample = self._read_arrays and not self._is_proven
        return ROWS_OF_SAMPLE if is_sample else self._pace.rows_at_once

    def _read(self, window: IdRange) -> bytes:
        domain = [*self._domain, *_within(window)]
        if self._read_arrays and self._is_proven:
            with self._pace.learning():
                rows = read_bulk(self._odoo, self._read_arrays, self._known, domain)
            return self._encode(rows)
        with self._pace.learning():
            rows = self._odoo.search_read(
                self._known.model, domain, self._known.names, **self._options
            )
        lines = self._encode(rows)
        if self._read_arrays and window.up_to_id is not None:
            self._try_bulk(self._read_arrays, domain, lines)
        return lines

    def _try_bulk(self, read_arrays: ReadArrays, domain: Domain, lines: bytes) -> None:
        """Rely on whole columns from now on if they give the same lines, else on search_read."""
        try:
            rows = read_bulk(self._odoo, read_arrays, self._known, domain)
            self._is_proven = self._encode(rows) == lines
        except MonitrError:
            self._is_proven = False  # the reads that follow show whether it was more than that
        if not self._is_proven:
            self._read_arrays = None

    def _encode(self, rows: list[Row]) -> bytes:
        self._fill_translations(rows)
        return b"".join(map(self._known.encode, rows))

    def _fill_translations(self, rows: list[Row]) -> None:
        """A text that is empty in the language is taken from the source language."""
        for name in self._known.translated:
            empty = [row for row in rows if not row[name]]
            if not empty:
                continue
            domain = [("id", "in", [row["id"] for row in empty])]
            context = self._odoo.scope.context(language=SOURCE_LANGUAGE)
            found = self._odoo.search_read(self._known.model, domain, [name], context=context)
            texts = {row["id"]: row[name] for row in found}
            for row in empty:
                row[name] = texts.get(row["id"])


def _domain(odoo: OdooInScope, stream: Stream) -> Domain:
    domain: Domain = [*stream.domain]
    start_date = odoo.scope.start_date
    if start_date and stream.dated_by:
        domain.append((stream.dated_by, ">=", start_date.isoformat()))
    return domain + _visibility(stream)


def _visibility(stream: Stream) -> Domain:
    """Odoo has no company rule for reconciliations, but one for the journal items they join.

    Where a condition goes through an item, Odoo looks only at those that the user may see.
    """
    through = [_all_of(name) for name in stream.visible_through]
    return ["|"] * (len(through) - 1) + [part for item in through for part in item]


def _all_of(name: str) -> Domain:
    conditions = [(f"{name}.{field}", *rest) for field, *rest in JOURNAL_ITEMS.domain]
    return ["&"] * (len(conditions) - 1) + conditions


def _within(window: IdRange) -> Domain:
    after_id, up_to_id = window
    return [("id", ">", after_id)] + ([("id", "<=", up_to_id)] if up_to_id is not None else [])
