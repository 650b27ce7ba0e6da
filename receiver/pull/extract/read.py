"""Reads one stream over RPC: the lines, and the ranges of ids that they are everything of.

The pages are ranges of ids, for only ids never change. Odoo decides which rows the user may see.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

from monitr_wire.batch import IdRange
from monitr_wire.records import split_lines
from monitr_wire.rights import left_out
from monitr_wire.streams import ANALYTIC_STREAMS, STREAMS, Field, Stream

from receiver.errors import (
    InvalidRecord,
    MissingPermissions,
    MonitrError,
    OdooAnswerTooLarge,
    OdooServerError,
    OdooTimeout,
    RetryLater,
)
from receiver.pull.extract.capabilities import (
    COUNT,
    Aggregate,
    GroupedRow,
    Offers,
    ReadGroups,
    find_offers,
    read_bulk,
)
from receiver.pull.extract.fields import Unreadable, encode_rows, stream_in_odoo
from receiver.pull.extract.values import read_moment
from receiver.pull.scope import Domain, OdooInScope, Row, domain_of, find_hidden
from receiver.pull.transport.retry_policy import is_of_the_call, seconds_to_wait

ROWS_OF_SAMPLE = 200  # read both ways before whole columns are relied on
IDS_AT_ONCE = 10_000
MOST_UNREADABLE = 20  # rows of a page that Odoo cannot read: more are no fault of single rows
FEWEST_ROWS, FIRST_ROWS = 100, 1_000
PART_AFTER_FAILURE = 4  # so that a page of any size is at the fewest rows after four
MOST_ROWS = 10_000  # a few megabytes of lines, as a batch of the push has
QUICK_SECONDS, SLOW_SECONDS = 1, 4
OF_ROWS = (OdooServerError, OdooAnswerTooLarge)  # where single rows may be to blame
Read = TypeVar("Read")


class Reader:
    """Reads one stream in one scope, by what of an Odoo's offers the stream's model has too."""

    def __init__(self, odoo: OdooInScope, stream: Stream, offers: Offers) -> None:
        self.stream = stream
        self._odoo = odoo
        self._known = stream_in_odoo(odoo, stream)
        self.offers = offers.on(odoo, self._known.model)
        self._domain = domain_of(stream, odoo.scope)
        self.kept_out: Sequence[int] = ()  # of what is added up: records set aside
        self._untried = self.offers.read_groups  # for whole columns at once
        self._bulk: ReadGroups | None = None  # the same, when it has given what search_read gives
        self._pace = Pace()

    def is_readable(self) -> bool:
        """Whether the user may read the stream's model at all."""
        try:
            self._odoo.search_read(self._known.model, [], ["id"], limit=1)
        except MissingPermissions:
            return False
        return True

    @property
    def model(self) -> str:
        return self._known.model

    @property
    def shape(self) -> str:
        """A digest of all that decides what a row's line is, beside the row's own columns."""
        known, scope = self._known, self._odoo.scope
        besides = [source.besides for source in known.sources.values()]
        shape = (known.model, known.names, self.stream.field_names, scope, besides)
        return hashlib.sha256(repr(shape).encode()).hexdigest()

    @property
    def is_computed_in_part(self) -> bool:
        """Whether there are values that Odoo computes and can therefore not add up."""
        return bool(self._known.computed)

    def column_of(self, field: Field) -> str | None:
        """The column of Odoo's database that holds the field, None where this Odoo has none."""
        if field.name in self._known.computed:
            return None
        return next(iter(self._known.sources[field.name].names), None)

    def read_all(
        self, after_id: int = 0, within: Sequence[Any] = ()
    ) -> Iterator[tuple[bytes, IdRange]]:
        """Yields ``(lines, IdRange)`` in order of id, the last range without end.

        All of the stream, or what of it is ``within`` a domain. Raises InvalidRecord where Odoo's
        answer is no row, and whatever the client raises.
        """
        domain = [*self._domain, *within]
        next_id: int | None = after_id
        while next_id is not None:
            lines, window = self._patiently(self._read_page, domain, next_id)
            yield lines, window
            next_id = window.up_to_id

    def read_some(self, ids: Sequence[int]) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Yields ``(lines, deletions)``: the records of these ids, and the ids that have none."""
        begin = 0
        while begin < len(ids):
            some, lines = self._patiently(self._read_listed, ids[begin:])
            begin += len(some)
            there = {id_of(line) for line in split_lines(lines)}
            yield lines, tuple(id for id in some if id not in there)

    def in_scope(self, company_ids: Sequence[int]) -> bool:
        """Whether one of these companies is chosen."""
        return not {*company_ids}.isdisjoint(self._odoo.scope.company_ids)

    def find_hidden(self, ids: Sequence[int]) -> int | None:
        """One of these records that Odoo has and the user may not see, None where there is none."""
        return find_hidden(self._odoo, self.model, ids)

    def read_ids(self, domain: Domain) -> Iterator[list[int]]:
        """Yields the ids of the model's rows in the domain, whether of the stream or not."""
        after_id: int | None = 0
        while after_id is not None:
            rows = self._odoo.search_read(
                self._known.model, [*domain, ("id", ">", after_id)], ["id"], limit=IDS_AT_ONCE
            )
            ids = self._ids(rows, after_id)
            yield ids
            after_id = ids[-1] if len(ids) == IDS_AT_ONCE else None

    def read_groups(
        self, within: Domain, groupby: Sequence[str], aggregates: Sequence[Aggregate]
    ) -> list[GroupedRow]:
        """What Odoo adds up of the stream's rows within the domain."""
        if self.offers.read_groups is None:
            raise InvalidRecord("This Odoo adds nothing up.")
        domain = [*self._domain, *within, *self._without_kept_out()]
        return self.offers.read_groups(self._odoo, self._known.model, domain, groupby, aggregates)

    def count(self, after_id: int) -> int | None:
        """How many records above that id there are now; None where Odoo may be unable to say."""
        if not self.offers.says_nothing:
            return None
        groups = self.read_groups([("id", ">", after_id)], [], [("id", "count")])
        return sum(int(group[COUNT]) for group in groups)

    def is_empty(self, within: Domain) -> bool:
        """Whether the stream has no record within the domain."""
        domain = [*self._domain, *within, *self._without_kept_out()]
        return not self._odoo.search_read(self._known.model, domain, ["id"], limit=1)

    def _without_kept_out(self) -> Domain:
        return [("id", "not in", list(self.kept_out))] if self.kept_out else []

    def last_id(self) -> int:
        """The highest id of the stream's records, 0 where there is none."""
        rows = self._newest(self._domain, "id")
        return self._ids(rows, 0)[0] if rows else 0

    def last_write(self) -> datetime | None:
        """When a row of the model was last written that still exists, to the second."""
        rows = self._newest([("write_date", "!=", False)], "write_date")
        if not rows:
            return None
        try:
            return read_moment(rows[0]["write_date"])
        except (LookupError, TypeError, ValueError) as error:
            raise InvalidRecord("Odoo answered with a time that is none.") from error

    def rehearse_read(self) -> None:
        """Read one row as whole pages are read. Its values do not matter."""
        self._search_read(self._domain, limit=1)

    def _newest(self, domain: Domain, name: str) -> list[Row]:
        return self._odoo.search_read(
            self._known.model, domain, [name], order=f"{name} desc", limit=1
        )

    def _patiently(self, read: Callable[..., Read], *arguments: Any) -> Read:
        """What it reads; where that did not get through, it is asked for less, a while later."""
        failures = 0
        while True:
            try:
                with self._odoo.once():
                    return read(*arguments)
            except (RetryLater, OdooAnswerTooLarge) as error:
                wait = self._seconds_to_wait(error, failures)
                if wait is None:
                    raise
                failures += 1
            self._pace.shrink()
            self._odoo.wait(wait)

    def _seconds_to_wait(self, error: MonitrError, failures: int) -> float | None:
        """Before a smaller page is asked for; None where no other try is due."""
        waits = self._odoo.waits
        if isinstance(error, OdooTimeout | OdooAnswerTooLarge):
            return None if self._pace.is_slowest else 0
        if not isinstance(error, RetryLater) or (self._pace.is_slowest and failures >= len(waits)):
            return None
        return seconds_to_wait(error, (*waits[failures : failures + 1], *waits[-1:], 0)[0])

    def _read_page(self, domain: Domain, after_id: int) -> tuple[bytes, IdRange]:
        """What comes next in the domain, and the ids that it is everything of."""
        domain, size = [*domain, ("id", ">", after_id)], self._rows_at_once()
        if self._bulk:
            window = IdRange(after_id, self._end_of_page(domain, after_id, size))
            return self._read_bulk(self._bulk, [*domain, *_up_to(window)]), window
        rows = self._search_read(domain, limit=size)
        ids = self._ids(rows, after_id)
        window = IdRange(after_id, ids[-1] if len(ids) == size else None)
        lines = encode_rows(self._odoo, self._known, rows)
        if window.up_to_id is not None:
            self._try_bulk([*domain, *_up_to(window)], lines)
        return lines, window

    def _read_listed(self, ids: Sequence[int]) -> tuple[Sequence[int], bytes]:
        """The first of these ids, as many as a page has, and their records."""
        some = ids[: self._rows_at_once()]
        domain = [*self._domain, ("id", "in", list(some))]
        if self._bulk:
            return some, self._read_bulk(self._bulk, domain)
        lines = encode_rows(self._odoo, self._known, self._search_read(domain))
        if len(some) == ROWS_OF_SAMPLE:
            self._try_bulk(domain, lines)
        return some, lines

    def _end_of_page(self, domain: Domain, after_id: int, size: int) -> int | None:
        """The id that closes the page, or None where fewer rows are left than fill one."""
        rows = self._odoo.search_read(self._known.model, domain, ["id"], offset=size - 1, limit=1)
        return self._ids(rows, after_id)[0] if rows else None

    def _rows_at_once(self) -> int:
        most = self._pace.rows_at_once
        return min(ROWS_OF_SAMPLE, most) if self._untried else most

    def _search_read(self, domain: Domain, **limit: int) -> list[Row]:
        with self._pace.learning():
            try:
                return self._ask(domain, self._known.names, **limit)
            except OF_ROWS as error:
                if not self._is_of_rows(error):
                    raise
                return self._search_around(error, domain, **limit)

    def _is_of_rows(self, error: MonitrError) -> bool:
        """Whether it may be the fault of single rows: no smaller page is left to try."""
        if isinstance(error, OdooAnswerTooLarge):
            return self._pace.is_slowest
        return isinstance(error, OdooServerError) and is_of_the_call(error)

    def _ask(self, domain: Domain, names: Sequence[str], **limit: int) -> list[Row]:
        options = {**self.offers.options, **limit}
        return self._odoo.search_read(self._known.model, domain, names, **options)

    def _search_around(self, error: MonitrError, domain: Domain, **limit: int) -> list[Row]:
        """The rows that Odoo can read, and of a few others what it can read of them.

        Of a date after the year 9999 Odoo can read nothing: it fails, with all rows that it was
        asked for. A row may be larger than an answer may be.
        """
        ids = self._ids(self._ask(domain, ["id"], **limit), 0)
        rows: list[Row] = []
        parts, unreadable_count = [ids], 0
        while parts:
            some = parts.pop()
            try:
                rows += self._ask([("id", "in", some)], self._known.names)
            except OF_ROWS as another:
                if not (isinstance(another, OdooAnswerTooLarge) or is_of_the_call(another)):
                    raise
                if len(some) > 1:
                    middle = len(some) // 2
                    parts += [some[middle:], some[:middle]]
                    continue
                unreadable_count += 1
                if unreadable_count > MOST_UNREADABLE:
                    raise error from another
                rows.append(self._read_by_field(error, some[0]))
        return rows

    def _read_by_field(self, error: MonitrError, id: int) -> Row:
        """Raises the error where no field of the row can be read."""
        row: Row = {"id": id}
        for name in self._known.names:
            try:
                row |= self._ask([("id", "=", id)], [name])[0]
            except OdooAnswerTooLarge:
                row[name] = Unreadable("It is larger than an answer of Odoo may be")
            except (OdooServerError, IndexError):
                row[name] = Unreadable()
        if all(isinstance(row[name], Unreadable) for name in self._known.names if name != "id"):
            raise error
        return row

    def _read_bulk(self, bulk: ReadGroups, domain: Domain) -> bytes:
        try:
            with self._pace.learning():
                rows = read_bulk(self._odoo, bulk, self._known, domain)
        except OF_ROWS as error:
            if not self._is_of_rows(error):
                raise
            rows = self._search_read(domain)
        return encode_rows(self._odoo, self._known, rows)

    def _try_bulk(self, domain: Domain, lines: bytes) -> None:
        """Rely on whole columns from now on if they give the same lines, else on search_read."""
        untried, self._untried = self._untried, None
        if untried is None:
            return
        try:
            rows = read_bulk(self._odoo, untried, self._known, domain)
            self._bulk = untried if encode_rows(self._odoo, self._known, rows) == lines else None
        except MonitrError as error:
            self._bulk = None  # the reads that follow show whether it was more than that
            if isinstance(error, RetryLater) and seconds_to_wait(error, 0) is not None:
                self._untried = untried  # it says nothing of the way: with the next page

    def _ids(self, rows: Sequence[Row], after_id: int) -> list[int]:
        """Raises InvalidRecord where they do not go on from there: no page is read for ever."""
        ids = [row.get("id") for row in rows]
        rising = [id for id in ids if isinstance(id, int)]
        if len(rising) < len(ids) or any(a >= b for a, b in pairwise([after_id, *rising])):
            raise InvalidRecord(
                "Odoo answered with %(model)s out of order.", model=self._known.model
            )
        return rising


class Pace:
    """How many rows to ask Odoo for at once: so many that an answer takes it a second or two.

    A small Odoo is not kept busy for long by one call, and a strong one not asked in small bites.
    """

    def __init__(self) -> None:
        self.rows_at_once = FIRST_ROWS

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Around a read of as many rows."""
        began_at = time.monotonic()
        yield
        self.learn(time.monotonic() - began_at)

    @property
    def is_slowest(self) -> bool:
        """No smaller page is left to try."""
        return self.rows_at_once == FEWEST_ROWS

    def shrink(self) -> None:
        """After a page that did not get through."""
        self.rows_at_once = max(self.rows_at_once // PART_AFTER_FAILURE, FEWEST_ROWS)

    def learn(self, seconds: float) -> None:
        """Twice as many next time after a quick answer, half as many after a slow one."""
        if seconds > SLOW_SECONDS:
            self.rows_at_once = max(self.rows_at_once // 2, FEWEST_ROWS)
        elif seconds < QUICK_SECONDS:
            self.rows_at_once = min(self.rows_at_once * 2, MOST_ROWS)


def open_readers(odoo: OdooInScope) -> dict[str, Reader]:
    """One for each stream, by its name; what is analytic is left out where the user may not read
    all of it. Raises as stream_in_odoo does."""
    offers = find_offers(odoo)
    readers = {stream.name: Reader(odoo, stream, offers) for stream in STREAMS}
    readable = [stream for stream in ANALYTIC_STREAMS if readers[stream.name].is_readable()]
    for stream in left_out(readable):
        del readers[stream.name]
    return readers


def id_of(line: bytes) -> int:
    return int(line.split(b"\t", 1)[0])


def _up_to(window: IdRange) -> Domain:
    return [] if window.up_to_id is None else [("id", "<=", window.up_to_id)]
