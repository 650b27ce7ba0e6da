"""Balances between any of a report's dates, looked up in the slices that one query has summed."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Generic, TypeVar

from sqlalchemy import Connection as Database

from receiver.accounting.shared.periods import DAY
from receiver.db.accounting.balances import Range, list_slice_balances

NOTHING = Decimal(0)

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Span:
    """Days that a figure covers, the last one included."""

    from_date: date | None  # None: from the first item on
    to_date: date


@dataclass(frozen=True)
class SlicedBalances(Generic[Key]):
    """Debit less credit in each company, of accounts or of whatever the key stands for."""

    cuts: tuple[date, ...]
    until: dict[tuple[int, Key], list[Decimal]]  # {(company, key): up to each slice's end}

    @property
    def keys(self) -> set[Key]:
        return {key for _, key in self.until}

    def over(self, key: Key, spans: Mapping[int, Span]) -> Decimal:
        """The sum over companies, each with its span, which must be one of those that the slices
        were made for."""
        found = (self._between(company_id, key, span) for company_id, span in spans.items())
        return sum(found, NOTHING)

    def _between(self, company_id: int, key: Key, span: Span) -> Decimal:
        balances = self.until.get((company_id, key))
        if balances is None:
            return NOTHING
        first = 0 if span.from_date is None else bisect_right(self.cuts, span.from_date)
        before = balances[first - 1] if first else NOTHING
        return balances[bisect_right(self.cuts, span.to_date)] - before


def range_of(connection_id: int, company_ids: Sequence[int], spans: Iterable[Span]) -> Range:
    """What must be summed for all these spans."""
    spans = list(spans)
    starts = [span.from_date for span in spans if span.from_date is not None]
    has_all_starts = len(starts) == len(spans)
    last = max(span.to_date for span in spans)
    cuts = {*starts, *(span.to_date + DAY for span in spans if span.to_date < last)}
    return Range(
        connection_id,
        tuple(company_ids),
        min(starts) if has_all_starts else None,
        last,
        tuple(sorted(cuts)),
    )


def sliced_balances(
    db: Database, range: Range, account_ids: Sequence[int] | None = None
) -> SlicedBalances[int]:
    """Balances of each of these accounts, or of every one."""
    return in_slices(range.cuts, list_slice_balances(db, range, account_ids))


def in_slices(
    cuts: tuple[date, ...], amounts: Iterable[tuple[int, Key, int, Decimal]]
) -> SlicedBalances[Key]:
    """Make balances from amounts of a company, a key and a slice."""
    by_slice: dict[tuple[int, Key], list[Decimal]] = {}
    for company_id, key, slice, amount in amounts:
        balances = by_slice.setdefault((company_id, key), [NOTHING] * (len(cuts) + 1))
        balances[slice] += amount
    return SlicedBalances(cuts, {key: list(accumulate(each)) for key, each in by_slice.items()})
