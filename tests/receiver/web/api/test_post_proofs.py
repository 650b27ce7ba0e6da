"""POST /v1/proofs and /v1/proof-rows: what differs from Odoo is named exactly."""

import gzip
import hashlib
import json
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.batch import Batch, encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.proof import (
    LARGEST_BUCKET_LIST,
    PROOF_PARTS_PATH,
    PROOF_ROWS_PATH,
    PROOFS_PATH,
    DigestLines,
    Statement,
    encode_digests,
    encode_proof,
    encode_proof_part,
)
from monitr_wire.records import digest_of_line, encode_record
from monitr_wire.streams import JOURNAL_ITEMS
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import reading, writing
from receiver.db.tables import STREAM_TABLES, proofs
from tests.receiver.batches import sequences
from tests.receiver.proofs import (
    Books,
    digests_of,
    post_proof,
    post_rows,
    proof_body,
    prove,
    rows_of,
)
from tests.receiver.records import Record, full_record_of, journal_item, journal_items
from tests.receiver.signed import post_batch, post_records, signed_post
from tests.receiver.stored_rows import row_counts
from tests.wire.test_parts import parts_of

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)


@pytest.fixture
def items() -> list[Record]:
    """Four journal items on two accounts in two months."""
    return [
        journal_item(1, debit="0.10", account_id=10, date=JANUARY, label="tab\there \\ there"),
        journal_item(2, credit="0.10", account_id=20, date=JANUARY),
        journal_item(3, debit="70.5", account_id=10, date=FEBRUARY, residual=Decimal("70.5")),
        journal_item(4, credit="70.5", account_id=20, date=FEBRUARY),
    ]


def store(client: FlaskClient, connection: ConnectionKey, books: Books) -> None:
    for stream, records in books.items():
        post_records(client, connection, stream, records)


def test_it_ties_out_where_every_stream_is_the_same(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    partners = [full_record_of("partners", id=id) for id in (1, 9_999, 10_000)]
    books = {"journal_items": items, "partners": partners}
    store(client, acme, books)

    answer = prove(client, acme, books)

    assert answer["ties_out"] is True
    assert answer["bucket_count"] == 6
    assert answer["account_month_count"] == 4
    assert answer["record_count"] == 7
    assert answer["differing_count"] == 0
    assert answer["to_repair"] == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_after_the_first_proof_reports_are_read_by_what_the_tables_hold(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    """SQLite does without statistics."""
    books = {"journal_items": journal_items(400)}
    store(client, acme, books)

    prove(client, acme, books)

    known = sa.text("SELECT reltuples FROM pg_class WHERE oid = 'journal_items'::regclass")
    with reading(engine) as db:
        assert db.execute(known).scalar_one() == 400


def test_sums_of_digests_past_64_bits_are_exact(client: FlaskClient, acme: ConnectionKey) -> None:
    books = {"journal_items": journal_items(400)}
    store(client, acme, books)

    assert prove(client, acme, books)["ties_out"] is True
    assert abs(digests_of(books)[0].digest_sum) > 2**63


def test_it_names_the_buckets_that_differ(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    store(client, acme, {"journal_items": items[1:]})
    changed = {**items[3], "label": "a label alone"}

    answer = prove(client, acme, {"journal_items": [*items[:3], changed]})

    assert answer["ties_out"] is False
    assert answer["differing_count"] == 2
    assert answer["to_repair"] == [
        {"stream": "journal_items", "buckets": ["1/10/2026-01", "1/20/2026-02"]}
    ]


def test_it_tells_by_how_much_the_balances_of_which_accounts_and_months_differ(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    store(client, acme, {"journal_items": items[1:]})
    changed = {**items[3], "credit": Decimal("71.25")}

    answer = prove(client, acme, {"journal_items": [*items[:3], changed]})

    assert answer["largest_differences"] == [
        {"company_id": 1, "account_id": 20, "month": "2026-02", "difference": "-0.75"},
        {"company_id": 1, "account_id": 10, "month": "2026-01", "difference": "0.1"},
    ]


def test_where_very_many_buckets_differ_all_of_the_stream_is_to_be_compared(
    client: FlaskClient, acme: ConnectionKey
) -> None:
    items = [journal_item(id, account_id=id) for id in range(1, LARGEST_BUCKET_LIST + 2)]

    answer = prove(client, acme, {"journal_items": items})
    response = post_rows(client, acme, answer["proof_id"], rows_of(items), None)

    assert answer["to_repair"] == [{"stream": "journal_items", "buckets": None}]
    assert response.get_json() == {"ids": [item["id"] for item in items]}


def test_what_odoo_does_not_have_differs_too(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    store(client, acme, {"journal_items": items, "currencies": [full_record_of("currencies")]})

    answer = prove(client, acme, {"journal_items": items})

    assert answer["to_repair"] == [{"stream": "currencies", "buckets": ["0"]}]


def test_it_does_not_see_what_another_connection_has(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, items: list[Record]
) -> None:
    store(client, globex, {"journal_items": items})

    assert prove(client, acme, {})["ties_out"] is True


def test_the_records_that_differ_are_named(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    store(client, acme, {"journal_items": items[1:]})
    moved = {**items[1], "account_id": 10}
    books = {"journal_items": [items[0], moved, items[2]]}
    answer = prove(client, acme, books)
    [to_repair] = answer["to_repair"]
    assert to_repair["buckets"] == ["1/10/2026-01", "1/20/2026-01", "1/20/2026-02"]

    response = post_rows(
        client, acme, answer["proof_id"], rows_of([items[0], moved]), to_repair["buckets"]
    )

    assert response.get_json() == {"ids": [1, 2, 4]}


def test_a_value_changed_in_the_database_is_named_and_mended(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], engine: Engine
) -> None:
    books = {"journal_items": items}
    store(client, acme, books)
    table = STREAM_TABLES["journal_items"]
    with writing(engine) as db:
        db.execute(sa.update(table).where(table.c.id == 3).values(debit=Decimal(71)))
    answer = prove(client, acme, books)
    assert answer["differing_count"] == 1

    response = post_rows(client, acme, answer["proof_id"], rows_of(items))
    post_records(client, acme, "journal_items", [items[2]])

    assert response.get_json() == {"ids": [3]}
    assert prove(client, acme, books)["ties_out"] is True


def test_records_of_an_older_addon_do_not_differ(client: FlaskClient, acme: ConnectionKey) -> None:
    """Its lines lack the newest fields, and so do the lines that its digests are made of."""
    item = journal_item(1, debit="5", shares=None, matching_number=None)
    line = encode_record(JOURNAL_ITEMS, item).removesuffix("\t\\N\t\\N")
    names = JOURNAL_ITEMS.field_names[:-2]
    older = JOURNAL_ITEMS._replace(fields=JOURNAL_ITEMS.fields[: len(names)])
    body = encode_batch(Batch(older, "run-1", line.encode() + b"\n", sequence=1))
    assert post_batch(client, acme, body).status_code == 200
    answer = prove(client, acme, {})

    response = post_rows(client, acme, answer["proof_id"], [(1, digest_of_line(line.encode()))])

    assert response.get_json() == {"ids": []}


def test_only_the_given_range_is_compared(client: FlaskClient, acme: ConnectionKey) -> None:
    items = journal_items(9)
    store(client, acme, {"journal_items": items})
    proof_id = prove(client, acme, {})["proof_id"]

    first = post_rows(client, acme, proof_id, rows_of(items[:2]), up_to_id=3)
    rest = post_rows(client, acme, proof_id, [], after_id=3)

    assert first.get_json() == {"ids": [3]}
    assert rest.get_json() == {"ids": [4, 5, 6, 7, 8, 9]}


def test_a_repeated_proof_gets_the_same_answer_and_is_stored_once(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], engine: Engine
) -> None:
    body = proof_body({"journal_items": items})

    answers = [
        signed_post(client, acme, PROOFS_PATH, body, message_id="msg_1").get_json()
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert row_counts(engine)["proofs"] == 1


def test_a_repeated_comparison_of_records_is_noted_once(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], engine: Engine
) -> None:
    proof_id = prove(client, acme, {"journal_items": items})["proof_id"]

    for _ in range(2):
        answer = post_rows(client, acme, proof_id, rows_of(items))
        assert answer.get_json() == {"ids": [1, 2, 3, 4]}

    assert row_counts(engine)["repairs"] == 1


def test_an_id_used_for_another_proof_is_a_conflict(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    post_proof(client, acme, {}, message_id="msg_1")

    response = post_proof(client, acme, {"journal_items": items}, message_id="msg_1")

    assert (response.status_code, response.get_json()["code"]) == (409, "batch_conflict")


def test_a_proof_older_than_what_is_stored_is_overtaken(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    post_records(client, acme, "journal_items", sequence=41)

    response = signed_post(client, acme, PROOFS_PATH, proof_body({}, sequence=41))

    assert (response.status_code, response.get_json()["code"]) == (409, "overtaken")
    assert row_counts(engine)["proofs"] == 0


def test_a_batch_older_than_a_proof_is_overtaken(client: FlaskClient, acme: ConnectionKey) -> None:
    signed_post(client, acme, PROOFS_PATH, proof_body({}, sequence=41))

    with pytest.raises(AssertionError, match="overtaken"):
        post_records(client, acme, "journal_items", sequence=41)


def test_only_the_newest_proof_keeps_odoos_statement(
    client: FlaskClient, acme: ConnectionKey, items: list[Record], engine: Engine
) -> None:
    for books in ({}, {"journal_items": items}):
        prove(client, acme, books)

    with reading(engine) as db:
        kept = db.execute(sa.select(proofs.c.statement).order_by(proofs.c.sequence)).scalars()
        assert [statement is None for statement in kept] == [True, False]


def test_a_proof_that_is_not_there_is_not_found(client: FlaskClient, acme: ConnectionKey) -> None:
    response = post_rows(client, acme, "msg_none", [])

    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def line_of(**changes: object) -> bytes:
    values = {
        "stream": "journal_items",
        "bucket": "1/10/2026-01",
        "count": 1,
        "digest": -5,
        "debit": "0.1",
        "credit": "0",
        "residual": "0",
        **changes,
    }
    return "\t".join(map(str, values.values())).encode() + b"\n"


@pytest.mark.parametrize(
    "line",
    [
        line_of(stream="gold"),
        line_of(bucket="1/10/2026"),
        line_of(bucket="-1"),
        line_of(count="-1"),
        line_of(digest="1.5"),
        line_of(debit="1e5"),
        line_of(debit="NaN"),
        line_of(residual=""),
        line_of(more="0"),
        b"\n",
        b"\xff\n",
    ],
)
def test_it_names_a_malformed_line(
    client: FlaskClient, acme: ConnectionKey, engine: Engine, line: bytes
) -> None:
    before = row_counts(engine)

    response = post_lines(client, acme, line_of(bucket="2/10/2026-01") + line)

    assert response == (422, "invalid_proof", "lines/2")
    assert row_counts(engine) == before


def test_it_refuses_a_bucket_that_comes_twice(client: FlaskClient, acme: ConnectionKey) -> None:
    assert post_lines(client, acme, line_of() * 2) == (422, "invalid_proof", "lines/2")


def post_lines(client: FlaskClient, acme: ConnectionKey, lines: bytes) -> tuple[int, str, str]:
    """A proof of these lines, with a fitting envelope: status, code, path."""
    envelope = {
        "contract": 1,
        "run_id": "run-1",
        "sequence": 5,
        "digest_count": lines.count(b"\n"),
        "digests_sha256": hashlib.sha256(lines).hexdigest(),
    }
    body = gzip.compress(json.dumps(envelope).encode() + b"\n" + lines)
    response = signed_post(client, acme, PROOFS_PATH, body)
    return response.status_code, response.get_json()["code"], response.get_json()["path"]


@pytest.mark.parametrize("path", [PROOFS_PATH, PROOF_PARTS_PATH, PROOF_ROWS_PATH])
def test_a_cut_or_unsigned_body_is_refused(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, path: str
) -> None:
    body = proof_body({"journal_items": journal_items(2)}, sequence=1)
    cut = gzip.compress(gzip.decompress(body)[:-1])

    assert signed_post(client, acme, path, cut).status_code == 422
    assert signed_post(client, acme, path, body[:-9]).get_json()["code"] == "broken_compression"
    stranger = acme._replace(secret=globex.secret)
    assert signed_post(client, stranger, path, body).get_json()["code"] == "wrong_signature"


def in_parts(books: Books, most_bytes: int, sequence: int) -> list[tuple[str, bytes]]:
    """``(path, body)`` of each request, the last of which asks."""
    statement = Statement("run-1", sequence, encode_digests(digests_of(books)))
    *parts, rest = parts_of(DigestLines(statement.digests), most_bytes)
    bodies = [encode_proof_part(statement, number, part) for number, part in enumerate(parts, 1)]
    return [
        *((PROOF_PARTS_PATH, body) for body in bodies),
        (PROOFS_PATH, encode_proof(statement, rest, len(parts))),
    ]


def test_a_statement_in_parts_proves_what_it_proves_at_once(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    books = {"journal_items": items}
    store(client, acme, books)
    *parts, asking = in_parts(books, 1, next(sequences))

    for path, body in parts:
        assert signed_post(client, acme, path, body).status_code == 200
    answer = signed_post(client, acme, *asking).get_json()

    assert len(parts) == 3
    assert (answer["ties_out"], answer["bucket_count"]) == (True, 4)


def test_a_part_that_came_twice_or_before_a_later_statement_changes_nothing(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    books = {"journal_items": items}
    store(client, acme, books)
    given_up = in_parts({"journal_items": items[:2]}, 1, next(sequences))
    requests = in_parts(books, 1, next(sequences))

    answers = [signed_post(client, acme, *each) for each in (given_up[0], requests[0], *requests)]

    assert answers[-1].get_json()["ties_out"] is True
    late = signed_post(client, acme, *given_up[0])
    assert late.get_json()["code"] == "overtaken"


def test_a_statement_with_a_part_missing_is_refused(
    client: FlaskClient, acme: ConnectionKey, items: list[Record]
) -> None:
    first, _second, *others = in_parts({"journal_items": items}, 1, next(sequences))

    for request in (first, *others):
        response = signed_post(client, acme, *request)

    assert response.status_code == 422
    assert response.get_json()["detail"] == "Part 2 of the statement did not come."
    assert response.get_json()["path"] == "/parts_before"


def test_the_parts_of_another_connection_are_not_taken(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, items: list[Record]
) -> None:
    *parts, asking = in_parts({"journal_items": items}, 1, next(sequences))
    for request in parts:
        signed_post(client, globex, *request)

    assert signed_post(client, acme, *asking).status_code == 422


def test_parts_that_are_too_much_together_are_refused(
    client: FlaskClient, acme: ConnectionKey, config: Config
) -> None:
    lines = b"".join(b"partners\t%d\t1\t1\t0\t0\t0\n" % bucket for bucket in range(100_000))
    statement = Statement("run-1", next(sequences), lines)
    parts = parts_of(DigestLines(lines), config.max_inflated_bytes - 1000)

    answers = [
        signed_post(client, acme, PROOF_PARTS_PATH, encode_proof_part(statement, number, part))
        for number, part in enumerate(parts, 1)
    ]

    assert [answer.status_code for answer in answers] == [200, 413]
