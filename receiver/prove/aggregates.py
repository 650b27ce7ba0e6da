"""Digests of aggregates: what an Odoo without the addon can state of its buckets.

Such an Odoo makes no digest of records, but it adds up. Its database adds exactly; what it answers
is the double next to the sum. So both sides are brought to that double, and are equal where it is
the same: no difference of a cent is hidden in a sum below 45 trillion.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from monitr_wire.proof import SUMMED_FIELDS, Digest
from monitr_wire.records import digest_of_line
from monitr_wire.streams import JOURNAL_ITEMS, STREAMS, Stream
from sqlalchemy import Connection as Database

from receiver.db.proof.aggregates import Group, list_groups, summed_fields
from receiver.db.proof.digests import NOTHING


def list_aggregate_digests(db: Database, connection_id: int) -> Iterator[Digest]:
    """List the digest of aggregates of every bucket that holds records."""
    for stream in STREAMS:
        yield from digest_groups(stream, list_groups(db, connection_id, stream))


def digest_groups(stream: Stream, groups: Iterable[Group]) -> Iterator[Digest]:
    """A bucket's digest is made of all its aggregates; the order of its groups does not matter."""
    by_bucket = defaultdict(list)
    for group in groups:
        by_bucket[group.bucket].append(group)
    for bucket, some in by_bucket.items():
        count = sum(group.record_count for group in some)
        digest_sum = sum(map(_digest_of_group, some))
        yield Digest(stream.name, bucket, count, digest_sum, *_amounts(stream, some))


def next_double(value: Decimal) -> Decimal:
    """The double as its shortest text: up to fifteen digits it is the value itself."""
    return Decimal(repr(float(value) + 0.0))  # which has no negative zero


def _digest_of_group(group: Group) -> int:
    sums = [format(next_double(value), "f") for value in group.sums]
    values = (*group.flags, group.record_count, *group.counts, *sums)
    return digest_of_line("\t".join(map(str, values)).encode())


def _amounts(stream: Stream, groups: Sequence[Group]) -> Sequence[Decimal]:
    if stream is not JOURNAL_ITEMS:
        return NOTHING
    names = [field.name for field in summed_fields(stream)]
    places = [names.index(name) for name in SUMMED_FIELDS]
    zero = Decimal(0)
    return [sum((next_double(group.sums[place]) for group in groups), zero) for place in places]
