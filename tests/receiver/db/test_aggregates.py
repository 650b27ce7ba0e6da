"""Counts and sums over the stored records, alike on SQLite and PostgreSQL."""

from datetime import date
from decimal import Decimal

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import JOURNAL_ITEMS, STREAMS, STREAMS_BY_NAME
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading
from receiver.db.proof.aggregates import Group, counted_fields, list_groups, summed_fields
from tests.receiver.records import Record, full_record_of, journal_item
from tests.receiver.signed import post_records


def groups_of(
    client: FlaskClient, engine: Engine, key: ConnectionKey, stream: str, *records: Record
) -> list[Group]:
    post_records(client, key, stream, records)
    with reading(engine) as db:
        connection = get_connection(db, "acme")
        groups = list_groups(db, connection.id, STREAMS_BY_NAME[stream])
        return sorted(groups, key=lambda group: (group.bucket, group.flags))


def summed(group: Group, name: str) -> Decimal:
    names = [field.name for field in summed_fields(JOURNAL_ITEMS)]
    return group.sums[names.index(name)]


def counted(group: Group, name: str) -> int:
    names = [field.name for field in counted_fields(JOURNAL_ITEMS)]
    return group.counts[names.index(name)]


def test_items_are_added_up_by_account_and_month_and_whether_they_are_reconciled(
    client: FlaskClient, engine: Engine, acme: ConnectionKey
) -> None:
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    items = [
        journal_item(1, debit="0.1", date=january, account_id=7, reconciled=False),
        journal_item(2, debit="0.2", date=january, account_id=7, reconciled=False, partner_id=5),
        journal_item(3, debit="4", date=january, account_id=7, reconciled=True, partner_id=6),
        journal_item(4, credit="8", date=february, account_id=7, reconciled=True),
    ]

    open_ones, reconciled, next_month = groups_of(client, engine, acme, "journal_items", *items)

    assert (open_ones.bucket, open_ones.flags) == ("1/7/2026-01", (False,))
    assert (reconciled.bucket, reconciled.flags) == ("1/7/2026-01", (True,))
    assert (next_month.bucket, next_month.flags) == ("1/7/2026-02", (True,))
    assert [group.record_count for group in (open_ones, reconciled, next_month)] == [2, 1, 1]
    assert summed(open_ones, "debit") == Decimal("0.3")
    assert summed(next_month, "balance") == -8
    assert summed(open_ones, "id") == 3
    assert (counted(open_ones, "partner_id"), summed(open_ones, "partner_id")) == (1, 5)
    assert (counted(next_month, "partner_id"), summed(next_month, "partner_id")) == (0, 0)


def test_sums_are_exact_past_what_the_database_counts_with(
    client: FlaskClient, engine: Engine, acme: ConnectionKey
) -> None:
    items = [journal_item(id, debit="9223372036854.775807") for id in (1, 2, 3)]

    [group] = groups_of(client, engine, acme, "journal_items", *items)

    assert summed(group, "debit") == Decimal("27670116110564.327421")


def test_other_streams_are_added_up_by_ten_thousand_ids(
    client: FlaskClient, engine: Engine, acme: ConnectionKey
) -> None:
    partners = [full_record_of("partners", id=id) for id in (9_999, 10_000, 10_001)]

    first, second = groups_of(client, engine, acme, "partners", *partners)

    assert (first.bucket, first.record_count) == ("0", 1)
    assert (second.bucket, second.record_count, second.sums[0]) == ("1", 2, 20_001)


def test_every_stream_has_something_to_add_up() -> None:
    for stream in STREAMS:
        assert "id" in [field.name for field in summed_fields(stream)]
