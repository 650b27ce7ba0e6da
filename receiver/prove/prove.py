"""The story of a proof: authenticate, inflate, read what Odoo states, compare, record.

Odoo states the digest of each bucket of each stream, as its books are in this very moment; the
receiver makes the same digests of what it has stored. A bucket that differs is then compared record
by record, and Odoo sends again, or takes back, exactly what differs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import groupby

from monitr_wire.buckets import AccountMonth, account_month
from monitr_wire.proof import LARGEST_BUCKET_LIST, SUMMED_FIELDS, Digest, is_of_items
from monitr_wire.streams import Stream
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.accounting.ledger import list_companies
from receiver.db.accounting.watched_periods import watch_periods
from receiver.db.connections.connections import (
    Connection,
    lock_connection,
    update_last_contact,
    update_last_sequence,
)
from receiver.db.engine import reading, writing
from receiver.db.proof.digests import NOTHING, find_digests, list_digests
from receiver.db.proof.proof_parts import count_bytes, forget_parts_before, keep_part, list_parts
from receiver.db.proof.proofs import (
    CompanyTotal,
    Difference,
    MadeBy,
    Proof,
    Repair,
    find_last_proof,
    find_proof,
    get_proof,
    insert_proof,
    insert_repair,
    keep_unbalanced,
    note_hidden,
)
from receiver.db.proof.statistics import renew_statistics
from receiver.db.proof.unbalanced import find_unbalanced
from receiver.db.store.set_aside import reconcile_set_aside
from receiver.errors import BatchConflict, BodyTooLarge, Overtaken
from receiver.ingest.authenticate import Sender, SignedRequest, authenticate
from receiver.ingest.inflate import inflate
from receiver.prove.proof_messages import (
    Hidden,
    Part,
    read_hidden,
    read_part,
    read_rows,
    read_statement,
)

LARGEST_DIFFERENCES = 10


@dataclass(frozen=True)
class Stated:
    """What an Odoo states of its books, pushed or pulled."""

    proof_id: str
    body_sha256: str
    run_id: str
    sequence: int
    digests: Sequence[Digest]  # one a bucket
    made_by: MadeBy
    set_aside: Mapping[str, Sequence[int]]  # {stream: ids} of the records that no digest has
    set_aside_more: Mapping[str, int] = field(default_factory=dict)  # {stream: count}: higher ids
    hidden: Mapping[str, int] | None = None  # {stream: count}; None where Odoo does not tell


@dataclass(frozen=True)
class Outcome:
    proof: Proof
    differences: Sequence[Difference]
    to_state: Mapping[str, Sequence[int]]  # {stream: ids} set aside and not yet said why


def receive_proof(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Outcome:
    """Raises a Rejected, of which nothing is stored, or DatabaseUnavailable."""
    sender = authenticate(request, config, engine, now)
    body = inflate(request.body, config.max_inflated_bytes)
    statement = read_statement(body, partial(_parts_before, engine, sender))
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        stored = tuple(list_digests(db, connection.id))
        digests = (
            *statement.digests,
            *(each for each in stored if each.stream in statement.left_out),
        )
        differences = compare(digests, stored)
        if known := find_proof(db, connection.id, sender.message_id):
            return Outcome(_same(known, sender), differences, {})
        stated = Stated(
            proof_id=sender.message_id,
            body_sha256=sender.body_sha256,
            run_id=statement.run_id,
            sequence=statement.sequence,
            digests=digests,
            made_by=MadeBy.DIGESTS,
            set_aside=statement.set_aside,
            set_aside_more=statement.set_aside_more,
            hidden=statement.hidden,
        )
        return record_proof(db, connection, stated, differences, now)


def _parts_before(engine: Engine, sender: Sender, sequence: int) -> dict[int, bytes]:
    with reading(engine) as db:
        return list_parts(db, sender.connection_id, sequence)


def receive_part(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Part:
    """It is kept until the statement's last part asks for the proof.

    Raises a Rejected, or DatabaseUnavailable.
    """
    sender = authenticate(request, config, engine, now)
    part = read_part(inflate(request.body, config.max_inflated_bytes))
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        if part.sequence <= connection.last_sequence:
            raise Overtaken(connection.last_sequence)
        forget_parts_before(db, connection.id, part.sequence)
        keep_part(db, connection.id, part.sequence, part.number, part.lines)
        if count_bytes(db, connection.id, part.sequence) > config.max_inflated_bytes:
            raise BodyTooLarge("All parts of the statement together are too large.")
        update_last_contact(db, connection.id, now)
    return part


def receive_rows(
    request: SignedRequest, config: Config, engine: Engine, now: datetime
) -> list[int]:
    """The ids that Odoo should send again or take back, in order. They are noted as a repair.

    Raises a Rejected, or DatabaseUnavailable.
    """
    sender = authenticate(request, config, engine, now)
    rows = read_rows(inflate(request.body, config.max_inflated_bytes))
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        proof = get_proof(db, connection.id, rows.proof_id)
        found = find_digests(db, connection.id, rows.stream, rows.buckets, rows.range)
        repair, ids = compare_rows(rows.stream, rows.digests, found.digests, now)
        if ids:
            insert_repair(db, connection.id, proof.proof_id, repair, rows.range.after_id)
        update_last_contact(db, connection.id, now)
    return ids


def receive_hidden(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Hidden:
    """Note of a repair what it did not delete, since Odoo only hides it. Told again, it changes
    nothing.

    Raises a Rejected, or DatabaseUnavailable.
    """
    sender = authenticate(request, config, engine, now)
    hidden = read_hidden(inflate(request.body, config.max_inflated_bytes))
    with writing(engine) as db:
        connection = lock_connection(db, sender.connection_id)
        proof = get_proof(db, connection.id, hidden.proof_id)
        note_hidden(db, connection.id, proof.proof_id, hidden.stream.name, hidden.ids)
        update_last_contact(db, connection.id, now)
    return hidden


def record_proof(
    db: Database,
    connection: Connection,
    stated: Stated,
    differences: Sequence[Difference],
    now: datetime,
) -> Outcome:
    """Record a proof in the transaction that has locked the connection. Raises Overtaken."""
    if stated.sequence <= connection.last_sequence:
        raise Overtaken(connection.last_sequence)
    to_state = reconcile_set_aside(db, connection.id, stated.set_aside, stated.set_aside_more)
    places = {each.id: each.decimal_places for each in list_companies(db, connection.id)}
    unbalanced = tuple(find_unbalanced(db, connection.id, places))
    proof = Proof(
        proof_id=stated.proof_id,
        body_sha256=stated.body_sha256,
        run_id=stated.run_id,
        sequence=stated.sequence,
        proven_at=now,
        bucket_count=len(stated.digests),
        record_count=sum(digest.record_count for digest in stated.digests),
        differing_count=len(differences),
        totals=total_by_company(stated.digests),
        company_ids=connection.company_ids,
        start_date=connection.start_date,
        made_by=stated.made_by,
        set_aside_count=sum(len(set(ids)) for ids in stated.set_aside.values())
        + sum(stated.set_aside_more.values()),
        hidden=stated.hidden,
        unbalanced_count=len(unbalanced),
    )
    forget_parts_before(db, connection.id, stated.sequence)
    is_first = find_last_proof(db, connection.id) is None
    insert_proof(db, connection.id, proof, differences, stated.digests)
    if unbalanced:
        keep_unbalanced(db, connection.id, proof.proof_id, unbalanced)
    if proof.is_equal:
        watch_periods(db, connection)
    update_last_sequence(db, connection.id, stated.sequence, now)
    if is_first:
        renew_statistics(db)
    return Outcome(proof, differences, to_state)


def compare(stated: Iterable[Digest], stored: Iterable[Digest]) -> list[Difference]:
    """The buckets that are not the same on both sides, in order."""
    odoo, here = _by_bucket(stated), _by_bucket(stored)
    return [
        Difference(odoo.get(key) or _empty(*key), here.get(key) or _empty(*key))
        for key in sorted(odoo.keys() | here.keys())
        if odoo.get(key) != here.get(key)
    ]


def to_repair(outcome: Outcome) -> Iterator[tuple[str, list[str] | None]]:
    """``(stream, buckets)`` to compare record by record; None is all of them."""
    by_stream = groupby(outcome.differences, key=lambda difference: difference.odoo.stream)
    for stream, differences in by_stream:
        buckets = [difference.odoo.bucket for difference in differences]
        yield stream, buckets if len(buckets) <= LARGEST_BUCKET_LIST else None


def largest_differences(outcome: Outcome) -> list[tuple[AccountMonth, Decimal]]:
    """The account-months whose balances differ most: Odoo's balance less the stored one."""
    differences = [
        (account_month(each.odoo.bucket), each.odoo.balance - each.stored.balance)
        for each in outcome.differences
        if is_of_items(each.odoo)
    ]
    return sorted(differences, key=lambda each: -abs(each[1]))[:LARGEST_DIFFERENCES]


def total_by_company(digests: Iterable[Digest]) -> tuple[CompanyTotal, ...]:
    """The journal items of each company, added up."""
    of_company = defaultdict(list)
    for digest in digests:
        if is_of_items(digest):
            of_company[account_month(digest.bucket).company_id].append(digest)
    return tuple(_company_total(id, some) for id, some in sorted(of_company.items()))


def _same(known: Proof, sender: Sender) -> Proof:
    if known.body_sha256 != sender.body_sha256:
        raise BatchConflict
    return known


def _by_bucket(digests: Iterable[Digest]) -> dict[tuple[str, str], Digest]:
    return {(digest.stream, digest.bucket): digest for digest in digests}


def _empty(stream: str, bucket: str) -> Digest:
    return Digest(stream, bucket, 0, 0, *NOTHING)


def _company_total(company_id: int, digests: Sequence[Digest]) -> CompanyTotal:
    sums = {
        name: sum((getattr(digest, name) for digest in digests), Decimal(0))
        for name in SUMMED_FIELDS
    }
    return CompanyTotal(
        company_id, len(digests), sum(digest.record_count for digest in digests), **sums
    )


def compare_rows(
    stream: Stream, in_odoo: Mapping[int, int], stored: Mapping[int, int], now: datetime
) -> tuple[Repair, list[int]]:
    """What differs between ``{id: digest}`` of both sides, and its ids in order."""
    missing = in_odoo.keys() - stored.keys()
    extra = stored.keys() - in_odoo.keys()
    changed = {id for id in in_odoo.keys() & stored.keys() if in_odoo[id] != stored[id]}
    ids = sorted(missing | extra | changed)
    repair = Repair(stream.name, len(missing), len(changed), len(extra), tuple(ids), now)
    return repair, ids
