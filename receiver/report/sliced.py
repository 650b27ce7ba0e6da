"""Balances between any of a report's dates, looked up in the slices that one query has summed."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from sqlalchemy import Connection as Database

from receiver.db.balances import Range, list_slice_balances
from receiver.report.periods import DAY

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Span:
    """Days that a figure covers, the last one included."""

    from_date: date | None  # None: from the first item on
    to_date: date


@dataclass(frozen=True)
class SlicedBalances:
    """Debit less credit of each company's accounts."""

    cuts: tuple[date, ...]
    until: dict[tuple[int, int], list[Decimal]]  # {(company, account): up to each slice's end}

    def between(self, company_id: int, account_id: int, span: Span) -> Decimal:
        """The span must be one of those that the slices were made for."""
        balances = self.until.get((company_id, account_id))
        if balances is None:
            return NOTHING
        first = 0 if span.from_date is None else bisect_right(self.cuts, span.from_date)
        before = balances[first - 1] if first else NOTHING
        return balances[bisect_right(self.cuts, span.to_date)] - before

    @property
    def account_ids(self) -> set[int]:
        return {account_id for _, account_id in self.until}


def range_of(connection_id: int, company_ids: Sequence[int], spans: Iterable[Span]) -> Range:
    """What must be summed for all these spans."""
    spans = list(spans)
    starts = [span.from_date for span in spans if span.from_date is not None]
    cuts = {*starts, *(span.to_date + DAY for span in spans)}
    has_all_starts = len(starts) == len(spans)
    last = max(span.to_date for span in spans)
    return Range(
        connection_id,
        tuple(company_ids),
        min(starts) if has_all_starts else None,
        last,
        tuple(sorted(cuts - {last + DAY})),
    )


def sliced_balances(db: Database, range: Range) -> SlicedBalances:
    by_slice: dict[tuple[int, int], list[Decimal]] = {}
    for found in list_slice_balances(db, range):
        key = found.company_id, found.account_id
        balances = by_slice.setdefault(key, [NOTHING] * (len(range.cuts) + 1))
        balances[found.slice] += found.balance
    until = {key: list(accumulate(balances)) for key, balances in by_slice.items()}
    return SlicedBalances(range.cuts, until)
