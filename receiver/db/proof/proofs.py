"""Proofs, their differences and repairs, as stored."""

import gzip
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa
from monitr_wire.proof import SUMMED_FIELDS, Digest, decode_digests, encode_digests
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.proof.unbalanced import Unbalanced
from receiver.db.store.set_aside import Shortfall, list_shortfalls
from receiver.db.tables import connections, proof_differences, proofs, repairs
from receiver.errors import NotFound

DIFFERENCES_KEPT = 1_000
PROOFS_WITH_DIFFERENCES_KEPT = 100
IDS_KEPT = 1_000
SHORTFALLS_KEPT = 1_000
UNBALANCED_KEPT = 1_000
LARGE = ("statement", "shortfalls", "unbalanced")
SUMMARY = [column for column in proofs.columns if column.name not in (*LARGE, "connection_id")]


class MadeBy(StrEnum):
    """What both sides were compared by."""

    DIGESTS = "digests"  # of every field of every record, by the addon
    AGGREGATES = "aggregates"  # counts and sums, by an Odoo without the addon


@dataclass(frozen=True)
class CompanyTotal:
    """What Odoo states of the journal items of a company, in its currency."""

    company_id: int
    account_month_count: int
    record_count: int
    debit: Decimal
    credit: Decimal
    residual: Decimal


@dataclass(frozen=True)
class Proof:
    """One comparison of all buckets. It ties out where none differs and nothing is set aside."""

    proof_id: str
    body_sha256: str
    run_id: str
    sequence: int  # among the connection's messages
    proven_at: datetime
    bucket_count: int
    record_count: int
    differing_count: int  # of buckets
    totals: tuple[CompanyTotal, ...]
    company_ids: str | None  # the scope, as the hello told it: "1,3"
    start_date: date | None
    made_by: MadeBy = MadeBy.DIGESTS
    set_aside_count: int = 0  # of records, which no bucket has
    # {stream: count} of records that Odoo's record rules hide; None where Odoo does not tell.
    hidden: Mapping[str, int] | None = None
    unbalanced_count: int = 0  # of stored entries

    @property
    def hidden_count(self) -> int | None:
        return None if self.hidden is None else sum(self.hidden.values())

    @property
    def ties_out(self) -> bool:
        return self.is_equal and self.set_aside_count == 0

    @property
    def is_equal(self) -> bool:
        """Whether all is the same but for what is set aside."""
        return self.differing_count == 0


@dataclass(frozen=True)
class Difference:
    """A bucket that differs: as Odoo has it, and as it is stored. Both are there; one may be 0."""

    odoo: Digest
    stored: Digest


@dataclass(frozen=True)
class Repair:
    """What was found in the differing buckets of a stream. Missing and changed records were asked
    for again, extra ones were deleted unless Odoo only hides them."""

    stream: str
    missing_count: int
    changed_count: int
    extra_count: int
    ids: tuple[int, ...]  # the first of them
    noted_at: datetime
    hidden_count: int = 0  # of the extra ones: from the user who reads; they stay

    @property
    def deleted_count(self) -> int:
        return self.extra_count - self.hidden_count

    @property
    def label(self) -> str:
        """Label of the stream."""
        return STREAMS_BY_NAME[self.stream].label


@dataclass(frozen=True, kw_only=True)
class StoredRepair(Repair):
    proof_id: str  # of the proof that found it


def find_proof(db: Database, connection_id: int, proof_id: str) -> Proof | None:
    row = db.execute(_select(connection_id).where(proofs.c.proof_id == proof_id)).first()
    return _proof(row) if row else None


def get_proof(db: Database, connection_id: int, proof_id: str) -> Proof:
    """Raises NotFound."""
    found = find_proof(db, connection_id, proof_id)
    if found is None:
        raise NotFound("There is no proof %(proof)s.", proof=proof_id)
    return found


def find_last_proof(db: Database, connection_id: int) -> Proof | None:
    return list_last_proofs(db, [connection_id]).get(connection_id)


def list_last_proofs(db: Database, connection_ids: Sequence[int]) -> dict[int, Proof]:
    """``{connection id: its last proof}``, where there is one.

    By its moment, for which there is an index; its number among the messages grows with it.
    """
    each = proofs.alias()
    newest = (
        sa.select(each.c.proof_id)
        .where(each.c.connection_id == connections.c.id)
        .order_by(each.c.proven_at.desc(), each.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(proofs.c.connection_id, *SUMMARY)
        .join(connections, proofs.c.connection_id == connections.c.id)
        .where(is_among(db, connections.c.id, connection_ids), proofs.c.proof_id == newest)
    )
    return {row.connection_id: _proof(row) for row in db.execute(query)}


def list_proofs(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[Proof]:
    """Newest first; a limit of None is none."""
    newest_first = _select(connection_id).order_by(proofs.c.sequence.desc())
    return [_proof(row) for row in db.execute(newest_first.limit(limit).offset(offset))]


def find_last_equal(db: Database, connection_id: int, before: datetime) -> datetime | None:
    """When a proof before that moment last found nothing different."""
    return list_last_equal(db, [connection_id], before).get(connection_id)


def list_last_tie_outs(
    db: Database, connection_ids: Sequence[int], before: datetime
) -> dict[int, datetime]:
    """``{connection id: when a proof last tied out before that moment}``, where one did."""
    return _list_last(db, connection_ids, before, _ties_out(connections.c.id))


def list_last_equal(
    db: Database, connection_ids: Sequence[int], before: datetime
) -> dict[int, datetime]:
    """The same of proofs that found all equal, but perhaps for what was set aside."""
    return _list_last(db, connection_ids, before, _is_equal(connections.c.id))


def _list_last(
    db: Database,
    connection_ids: Sequence[int],
    before: datetime,
    condition: sa.ColumnElement[bool],
) -> dict[int, datetime]:
    last = (
        sa.select(proofs.c.proven_at)
        .where(condition, proofs.c.proven_at < before)
        .order_by(proofs.c.proven_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(connections.c.id, last).where(is_among(db, connections.c.id, connection_ids))
    return {id: moment for id, moment in db.execute(query) if moment}


def find_next_equal(db: Database, connection_id: int, after: datetime) -> datetime | None:
    """When a proof after that moment first found nothing different."""
    first: sa.Select[datetime | None] = sa.select(sa.func.min(proofs.c.proven_at)).where(
        _is_equal(connection_id), proofs.c.proven_at > after
    )
    return db.scalar(first)


def insert_proof(
    db: Database,
    connection_id: int,
    proof: Proof,
    differences: Sequence[Difference],
    statement: Iterable[Digest],
) -> None:
    """Keeps Odoo's statement for this proof alone, the first of very many differences, and of what
    the records set aside make short now."""
    forget = sa.update(proofs).where(
        proofs.c.connection_id == connection_id, proofs.c.statement.is_not(None)
    )
    db.execute(forget.values(statement=None))
    totals = [{**vars(total), **_texts(total)} for total in proof.totals]
    values = {
        **vars(proof),
        "connection_id": connection_id,
        "totals": json.dumps(totals),
        "made_by": proof.made_by.value,
        "shortfalls": _kept_text(list_shortfalls(db, connection_id), SHORTFALLS_KEPT),
        "hidden": None if proof.hidden is None else json.dumps(dict(proof.hidden)),
        "statement": gzip.compress(encode_digests(statement), compresslevel=1),
    }
    db.execute(sa.insert(proofs).values(values))
    rows = [
        {
            "connection_id": connection_id,
            "proof_id": proof.proof_id,
            "stream": difference.odoo.stream,
            "bucket": difference.odoo.bucket,
            "odoo": encode_digests([difference.odoo]).decode(),
            "stored": encode_digests([difference.stored]).decode(),
        }
        for difference in islice(differences, DIFFERENCES_KEPT)
    ]
    if rows:
        db.execute(sa.insert(proof_differences), rows)
        _forget_old_differences(db, connection_id)


def _forget_old_differences(db: Database, connection_id: int) -> None:
    """Proofs are few rows, but one that never ties out would fill the database with differences."""
    newest = (
        sa.select(proofs.c.proof_id)
        .where(proofs.c.connection_id == connection_id, proofs.c.differing_count > 0)
        .order_by(proofs.c.sequence.desc())
        .limit(PROOFS_WITH_DIFFERENCES_KEPT)
    )
    columns = proof_differences.c
    old = sa.and_(columns.connection_id == connection_id, columns.proof_id.not_in(newest))
    db.execute(sa.delete(proof_differences).where(old))


def read_statement(db: Database, connection_id: int, proof_id: str) -> Iterator[Digest] | None:
    """What Odoo stated; None for any but the newest proof."""
    query = sa.select(proofs.c.statement).where(
        proofs.c.connection_id == connection_id, proofs.c.proof_id == proof_id
    )
    statement = db.scalar(query)
    return None if statement is None else decode_digests(gzip.decompress(statement))


def list_shortfalls_of_proof(db: Database, connection_id: int, proof_id: str) -> list[Shortfall]:
    """List by how much which account was short in which month, for what was set aside then."""
    query = sa.select(proofs.c.shortfalls).where(
        proofs.c.connection_id == connection_id, proofs.c.proof_id == proof_id
    )
    return [Shortfall(**each) for each in _kept(db.scalar(query))]


def keep_unbalanced(
    db: Database, connection_id: int, proof_id: str, unbalanced: Iterable[Unbalanced]
) -> None:
    """With the proof, the first of very many stored entries that do not balance."""
    is_it = sa.and_(proofs.c.connection_id == connection_id, proofs.c.proof_id == proof_id)
    text = _kept_text(unbalanced, UNBALANCED_KEPT)
    db.execute(sa.update(proofs).where(is_it).values(unbalanced=text))


def list_unbalanced_of_proof(db: Database, connection_id: int, proof_id: str) -> list[Unbalanced]:
    """The stored entries that did not balance then, in order of their ids, the first of very
    many."""
    query = sa.select(proofs.c.unbalanced).where(
        proofs.c.connection_id == connection_id, proofs.c.proof_id == proof_id
    )
    return [Unbalanced(**each) for each in _kept(db.scalar(query))]


def list_differences(db: Database, connection_id: int, proof_id: str) -> list[Difference]:
    columns = proof_differences.c
    query = (
        sa.select(proof_differences)
        .where(columns.connection_id == connection_id, columns.proof_id == proof_id)
        .order_by(columns.stream, columns.bucket)
    )
    return [Difference(_digest(row.odoo), _digest(row.stored)) for row in db.execute(query)]


def insert_repair(
    db: Database, connection_id: int, proof_id: str, repair: Repair, after_id: int
) -> None:
    """Repeated for the same ids, it stays what it was: the sender may not have got the answer."""
    is_it = _is_repair(connection_id, proof_id, repair.stream, after_id)
    if not db.execute(sa.select(repairs.c.stream).where(is_it)).first():
        _insert_repair(db, connection_id, proof_id, repair, after_id)


def note_hidden(
    db: Database, connection_id: int, proof_id: str, stream: str, ids: Sequence[int]
) -> None:
    """How many of these ids lie in each range of the stream that was compared. Ranges without any
    stay as they are."""
    query = (
        sa.select(repairs.c.after_id)
        .where(
            repairs.c.connection_id == connection_id,
            repairs.c.proof_id == proof_id,
            repairs.c.stream == stream,
        )
        .order_by(repairs.c.after_id)
    )
    begins = list(db.scalars(query))
    if not begins:
        return
    counts = Counter(begins[bisect_left(begins, id) - 1] for id in ids if id > begins[0])
    for after_id, count in counts.items():
        is_it = _is_repair(connection_id, proof_id, stream, after_id)
        hidden_count = sa.case((repairs.c.extra_count < count, repairs.c.extra_count), else_=count)
        db.execute(sa.update(repairs).where(is_it).values(hidden_count=hidden_count))


def add_repair(db: Database, connection_id: int, proof_id: str, repair: Repair) -> None:
    """Add a repair to what was found in other buckets of the stream."""
    is_it = _is_repair(connection_id, proof_id, repair.stream, 0)
    for known in list_repairs(db, connection_id, proof_id):
        if known.stream == repair.stream:
            repair = replace(
                repair,
                missing_count=known.missing_count + repair.missing_count,
                changed_count=known.changed_count + repair.changed_count,
                extra_count=known.extra_count + repair.extra_count,
                ids=known.ids + repair.ids,
            )
    db.execute(sa.delete(repairs).where(is_it))
    _insert_repair(db, connection_id, proof_id, repair, 0)


def _insert_repair(
    db: Database, connection_id: int, proof_id: str, repair: Repair, after_id: int
) -> None:
    key = {"connection_id": connection_id, "proof_id": proof_id, "after_id": after_id}
    ids = ",".join(map(str, repair.ids[:IDS_KEPT]))
    db.execute(sa.insert(repairs).values({**vars(repair), **key, "ids": ids}))


def _is_repair(
    connection_id: int, proof_id: str, stream: str, after_id: int
) -> sa.ColumnElement[bool]:
    return sa.and_(
        repairs.c.connection_id == connection_id,
        repairs.c.proof_id == proof_id,
        repairs.c.stream == stream,
        repairs.c.after_id == after_id,
    )


def list_repairs(db: Database, connection_id: int, proof_id: str) -> list[Repair]:
    """One for each stream and range of ids that was compared."""
    names = [field.name for field in fields(Repair)]
    query = (
        sa.select(*(repairs.c[name] for name in names))
        .where(repairs.c.connection_id == connection_id, repairs.c.proof_id == proof_id)
        .order_by(repairs.c.stream, repairs.c.after_id)
    )
    return [_repair(row) for row in db.execute(query)]


def list_newest_repairs(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[StoredRepair]:
    """List the repairs of all proofs, the newest first; a limit of None is none."""
    names = [field.name for field in fields(Repair)]
    query = (
        sa.select(repairs.c.proof_id, *(repairs.c[name] for name in names))
        .where(repairs.c.connection_id == connection_id)
        .order_by(repairs.c.noted_at.desc(), repairs.c.stream, repairs.c.after_id)
        .limit(limit)
        .offset(offset)
    )
    return [StoredRepair(**vars(_repair(row)), proof_id=row.proof_id) for row in db.execute(query)]


def _repair(row: sa.Row[*tuple[Any, ...]]) -> Repair:
    values = {field.name: row._mapping[field.name] for field in fields(Repair)}
    ids = tuple(int(id) for id in values["ids"].split(",") if id)
    return Repair(**{**values, "ids": ids})


def _select(connection_id: int) -> sa.Select[*tuple[object, ...]]:
    return sa.select(*SUMMARY).where(proofs.c.connection_id == connection_id)


def _ties_out(connection_id: int | sa.Column[int]) -> sa.ColumnElement[bool]:
    return sa.and_(_is_equal(connection_id), proofs.c.set_aside_count == 0)


def _is_equal(connection_id: int | sa.Column[int]) -> sa.ColumnElement[bool]:
    return sa.and_(proofs.c.connection_id == connection_id, proofs.c.differing_count == 0)


def _proof(row: sa.Row[*tuple[Any, ...]]) -> Proof:
    values = {column.name: row._mapping[column] for column in SUMMARY}
    totals = tuple(
        CompanyTotal(**{**total, **{name: Decimal(total[name]) for name in SUMMED_FIELDS}})
        for total in json.loads(values["totals"])
    )
    made_by = MadeBy(values["made_by"])
    hidden = json.loads(values["hidden"]) if values["hidden"] else None
    return Proof(**{**values, "totals": totals, "made_by": made_by, "hidden": hidden})


def _kept_text(found: Iterable[Shortfall | Unbalanced], most: int) -> str | None:
    """Keep the first so many as JSON."""
    kept = [
        {**vars(each), "debit": str(each.debit), "credit": str(each.credit)}
        for each in islice(found, most)
    ]
    return json.dumps(kept) if kept else None


def _kept(text: str | None) -> list[dict[str, Any]]:
    return [
        {**each, "debit": Decimal(each["debit"]), "credit": Decimal(each["credit"])}
        for each in json.loads(text or "[]")
    ]


def _texts(total: CompanyTotal) -> dict[str, str]:
    return {name: format(getattr(total, name), "f") for name in SUMMED_FIELDS}


def _digest(line: str) -> Digest:
    return next(decode_digests(line.encode()))
