"""What Odoo states of its books: its own aggregates of every bucket, as digests to compare."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from monitr_wire.buckets import account_month, bucket_of_items, buckets_up_to, ids_of_bucket
from monitr_wire.proof import Digest
from monitr_wire.streams import JOURNAL_ITEMS, Stream

from receiver.db.proof.aggregates import Group, counted_fields, flag_fields, summed_fields
from receiver.prove.aggregates import digest_groups
from receiver.pull.extract.capabilities import COUNT, MONTH_OF_DATE, Aggregate, GroupedRow
from receiver.pull.extract.read import Reader
from receiver.pull.extract.values import read_decimal, read_id
from receiver.pull.scope import Domain
from receiver.pull.transport.client import distrusting

ACCOUNT = ("company_id", "account_id")
ACCOUNT_MONTH = (*ACCOUNT, MONTH_OF_DATE)
# Odoo fails to group what is dated in it by month: it looks for the day after.
LAST_MONTH, LAST_MONTH_BEGINS, DAY_BEFORE = "9999-12", "9999-12-01", "9999-11-30"

MEAN = "avg"
NO_SUM = Decimal(10) ** 30
SUM_OF = {"id": MEAN, "money": "sum"}

DAY, LONGEST_MONTH = timedelta(days=1), timedelta(days=31)
BUCKETS_AT_ONCE = 50  # Odoo need not look for a thousand at once

Buckets = Sequence[str] | None  # None is all of the stream
Key = tuple[Any, ...]  # what a group is grouped by


def read_digests(reader: Reader, buckets: Buckets = None) -> list[Digest]:
    """Read the digests of those of these buckets that hold records. Raises InvalidOdooAnswer, and
    what the client raises."""
    with distrusting():
        return _read_digests(reader, buckets)


def _read_digests(reader: Reader, buckets: Buckets) -> list[Digest]:
    asking = _Asking(reader)
    if reader.stream is JOURNAL_ITEMS:
        parts = parts_of(JOURNAL_ITEMS, buckets)
        groups = [group for some, within in parts for group in asking.items(some, within)]
        return list(digest_groups(JOURNAL_ITEMS, groups))
    if buckets is None:
        buckets = buckets_up_to(reader.last_id())
    domains = {bucket: _domain_of_bucket(reader.stream, bucket) for bucket in buckets}
    groups = [group for each in domains.items() for group in asking.bucket(*each)]
    return list(digest_groups(reader.stream, groups))


def rehearse_statement(reader: Reader) -> None:
    """Ask for the aggregates of one record's group. Raises what read_digests raises."""
    asking, within = _Asking(reader), [("id", "=", reader.last_id())]
    with distrusting():
        if reader.stream is JOURNAL_ITEMS:
            list(asking.items(None, within))
        else:
            list(asking.bucket("one record", within))


def parts_of(stream: Stream, buckets: Buckets) -> Iterator[tuple[Buckets, Domain]]:
    """The buckets, some at a time, and which of the stream's rows are in them."""
    if buckets is None:
        yield None, []
        return
    for start in range(0, len(buckets), BUCKETS_AT_ONCE):
        some = buckets[start : start + BUCKETS_AT_ONCE]
        domains = [_domain_of_bucket(stream, bucket) for bucket in some]
        yield some, ["|"] * (len(domains) - 1) + [part for domain in domains for part in domain]


def _domain_of_bucket(stream: Stream, bucket: str) -> Domain:
    if stream is not JOURNAL_ITEMS:
        ids = ids_of_bucket(bucket)
        return ["&", ("id", ">=", ids.start), ("id", "<", ids.stop)]
    company_id, account_id, month = account_month(bucket)
    is_there = [("company_id", "=", company_id), ("account_id", "=", account_id)]
    conditions = [*is_there, *_days_of(month)]
    return ["&"] * (len(conditions) - 1) + conditions


def _days_of(month: str) -> Domain:
    """No ">=": Odoo repeats what was asked in each group, and tells that one's own month by it."""
    first = date.fromisoformat(f"{month}-01")
    days = [] if first == date.min else [("date", ">", (first - DAY).isoformat())]
    if month != LAST_MONTH:
        days.append(("date", "<", (first + LONGEST_MONTH).replace(day=1).isoformat()))
    return days


class _Asking:
    """Asks Odoo for one stream's aggregates."""

    def __init__(self, reader: Reader) -> None:
        stream, column_of = reader.stream, reader.column_of
        self._reader = reader
        self._flags = [column_of(field) for field in flag_fields(stream)]
        self._counted = [column_of(field) for field in counted_fields(stream)]
        self._summed = [(column_of(f), SUM_OF[f.type]) for f in summed_fields(stream)]
        self._sums = [(name, function) for name, function in self._summed if name]
        names = {name for name in (*self._counted, *dict(self._sums)) if name}
        self._counts = [(name, "count") for name in sorted(names)]

    def items(self, buckets: Buckets, within: Domain) -> Iterator[Group]:
        """Groups of journal items: those of the buckets, which are what is within."""
        months = {account_month(bucket).month for bucket in buckets or ()}
        if months != {LAST_MONTH}:
            earlier = [*within, ("date", "<", LAST_MONTH_BEGINS)]
            yield from self._groups(earlier, ACCOUNT_MONTH, lambda g: _bucket(g, g[MONTH_OF_DATE]))
        if not months or LAST_MONTH in months:
            last = [*within, ("date", ">", DAY_BEFORE)]
            yield from self._groups(last, ACCOUNT, lambda group: _bucket(group, LAST_MONTH))

    def bucket(self, name: str, within: Domain) -> Iterator[Group]:
        """Groups of the records of another stream that are within the bucket."""
        return self._groups(within, (), lambda _group: name)

    def _groups(
        self, within: Domain, groupby: Sequence[str], bucket_of: Callable[[GroupedRow], str]
    ) -> Iterator[Group]:
        by = [*groupby, *filter(None, self._flags)]
        same: dict[tuple[str, tuple[bool, ...]], list[GroupedRow]] = defaultdict(list)
        for group in self._read(within, by):
            flags = tuple(bool(name and group[name]) for name in self._flags)
            same[bucket_of(group), flags].append(group)
        for (name, flags), some in same.items():
            yield self._group(name, flags, some)

    def _group(self, bucket: str, flags: tuple[bool, ...], some: Sequence[GroupedRow]) -> Group:
        """Odoo tells flags that are off from those that are empty; here both are off."""
        return Group(
            bucket=bucket,
            flags=flags,
            record_count=sum(group[COUNT] for group in some),
            counts=tuple(sum(_count(group, name) for group in some) for name in self._counted),
            sums=tuple(sum((_sum(g, *each) for g in some), Decimal(0)) for each in self._summed),
        )

    def _read(self, within: Domain, by: Sequence[str]) -> list[GroupedRow]:
        """Read groups in one call where Odoo can say what a sum over nothing is, else each sum by
        itself, and only where there is something to add up."""
        if self._reader.offers.says_nothing:
            return self._ask(within, by, [*self._counts, *self._sums])
        if not by and self._reader.is_empty(within):
            return []
        groups = {_key(group, by): group for group in self._ask(within, by, self._counts)}
        for name, function in self._sums:
            if any(_count(group, name) for group in groups.values()):
                for group in self._ask([*within, (name, "!=", False)], by, [(name, function)]):
                    known = groups.get(_key(group, by), group)
                    known[name, function] = group[name, function]
        return list(groups.values())

    def _ask(
        self, within: Domain, by: Sequence[str], aggregates: Sequence[Aggregate]
    ) -> list[GroupedRow]:
        groups = self._reader.read_groups(within, by, aggregates)
        return [group for group in groups if group[COUNT]]


def _bucket(group: GroupedRow, month: str) -> str:
    return bucket_of_items(read_id(group["company_id"]), read_id(group["account_id"]), month)


def _key(group: GroupedRow, by: Sequence[str]) -> Key:
    return tuple(read_id(v) if isinstance(v := group[name], list) else v for name in by)


def _count(group: GroupedRow, name: str | None) -> int:
    return group[name, "count"] or 0 if name else 0


def _number(value: Any) -> Decimal:
    """A sum that is no number is none that is stored: what it comes of is found by the repair."""
    if isinstance(value, float) and not isfinite(value):
        return NO_SUM
    return read_decimal(value)


def _sum(group: GroupedRow, name: str | None, function: str) -> Decimal:
    """That of references is found by their mean: not every answer has room for sums of ids."""
    if not name:
        return Decimal(0)
    value = _number(group.get((name, function)))
    return (value * _count(group, name)).to_integral_value() if function == MEAN else value
