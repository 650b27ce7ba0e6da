"""POST /v1/batches: who may send, what is refused and how, and that a batch is stored once."""

import gzip
import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.batch import BATCHES_PATH, compress, envelope_of
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from receiver.config import Config
from receiver.db.connections.connections import get_connection, revoke_secrets
from receiver.db.engine import writing
from receiver.pairing import rotate_connection
from tests.receiver.batches import batch_of, body_of
from tests.receiver.records import journal_item, journal_items
from tests.receiver.signed import headers_of, post_batch, post_records
from tests.receiver.stored_rows import ids_of, row_counts, rows_of

MINUTE = 60
HEADERS = ("monitr-connection", "webhook-id", "webhook-timestamp", "webhook-signature")


def is_refused(response: TestResponse, status: int, code: str, path: str | None = None) -> bool:
    """Whether it is the problem with this code, and says so in the shape of RFC 9457."""
    problem = response.get_json()
    assert response.content_type == "application/problem+json"
    assert problem["type"] == f"urn:monitr:problem:{code}"
    assert problem["detail"]
    seen = (response.status_code, problem["status"], problem["code"], problem.get("path"))
    assert seen == (status, status, code, path), problem
    return True


@pytest.fixture
def refuses(
    client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> Callable[..., dict[str, object]]:
    """Posts a body as acme, expects the problem and that nothing was stored; gives the problem."""

    def refuses(body: bytes, status: int, code: str, path: str | None = None) -> dict[str, object]:
        before = row_counts(engine)
        response = post_batch(client, acme, body)
        assert is_refused(response, status, code, path)
        assert row_counts(engine) == before
        return dict(response.get_json())

    return refuses


def with_envelope(body: bytes, **changes: object) -> bytes:
    """The batch with other values in its envelope; ``...`` takes a key away."""
    first_line, _, lines = gzip.decompress(body).partition(b"\n")
    envelope = {**json.loads(first_line), **changes}
    envelope = {key: value for key, value in envelope.items() if value is not ...}
    return compress(json.dumps(envelope).encode() + b"\n" + lines)


def with_lines(lines: bytes, stream: str = "journal_items", **changes: object) -> bytes:
    """A batch of these raw lines, whose envelope is right about them."""
    batch = batch_of(stream)._replace(lines=lines)
    envelope = {**envelope_of(batch), **changes}
    return compress(json.dumps(envelope).encode() + b"\n" + lines)


def lines_of_10_000_with(change: Callable[[bytes], bytes]) -> bytes:
    """Ten thousand lines, of which number 7,312 is changed."""
    lines = batch_of("journal_items", journal_items(10_000)).lines.splitlines(keepends=True)
    lines[7_311] = change(lines[7_311])
    return b"".join(lines)


class TestStoring:
    def test_it_stores_the_records_and_answers_a_receipt(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        before = datetime.now(UTC)

        response = post_batch(
            client, acme, body_of("journal_items", journal_items(3)), message_id="msg_1"
        )

        assert response.status_code == 200
        receipt = response.get_json()
        stored_at = datetime.fromisoformat(receipt.pop("stored_at"))
        assert before <= stored_at <= datetime.now(UTC)
        assert receipt == {
            "batch_id": "msg_1",
            "stream": "journal_items",
            "run_id": "run-1",
            "received_count": 3,
            "written_count": 3,
            "deleted_count": 0,
        }
        assert ids_of(engine, "journal_items") == [1, 2, 3]

    def test_unchanged_records_are_not_written_again(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(3))

        receipt = post_records(client, acme, "journal_items", journal_items(3))

        assert (receipt["received_count"], receipt["written_count"]) == (3, 0)

    def test_changed_records_are_overwritten(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", [journal_item(1, label="old"), journal_item(2)])

        receipt = post_records(
            client, acme, "journal_items", [journal_item(1, label=None), journal_item(2)]
        )

        assert receipt["written_count"] == 1
        assert rows_of(engine, "journal_items")[0]["label"] is None

    def test_connections_with_the_same_ids_do_not_touch_each_other(
        self, client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", [journal_item(1, label="acme's")])

        post_records(client, globex, "journal_items", [journal_item(1, label="globex's")])
        post_records(client, globex, "journal_items", range=(0, None), deletions=(1,))

        assert [row["label"] for row in rows_of(engine, "journal_items")] == ["acme's"]
        assert rows_of(engine, "journal_items", "globex") == []

    def test_it_notes_the_contact_and_the_sequence(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        before = datetime.now(UTC)

        post_records(client, acme, "journal_items", sequence=7)

        with writing(engine) as db:
            connection = get_connection(db, "acme")
        assert connection.last_sequence == 7
        assert connection.last_contact_at
        assert connection.last_contact_at >= before


class TestDeleting:
    def test_a_range_deletes_what_it_holds_and_the_batch_does_not(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(10))

        receipt = post_records(
            client,
            acme,
            "journal_items",
            [journal_item(4, debit="4"), journal_item(6)],
            range=(2, 8),
        )

        assert receipt["deleted_count"] == 4
        assert ids_of(engine, "journal_items") == [1, 2, 4, 6, 9, 10]

    def test_an_empty_batch_with_a_range_to_the_end_deletes_all_above(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(10))

        receipt = post_records(client, acme, "journal_items", range=(7, None))

        assert receipt["deleted_count"] == 3
        assert ids_of(engine, "journal_items") == [1, 2, 3, 4, 5, 6, 7]

    def test_deletions_are_counted_only_where_there_was_something(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(3))

        receipt = post_records(client, acme, "journal_items", deletions=(2, 3, 77))

        assert receipt["deleted_count"] == 2
        assert ids_of(engine, "journal_items") == [1]

    def test_without_range_and_deletions_nothing_is_deleted(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(3))

        receipt = post_records(client, acme, "journal_items", [journal_item(2)])

        assert receipt["deleted_count"] == 0
        assert ids_of(engine, "journal_items") == [1, 2, 3]

    def test_only_the_batchs_stream_is_touched(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(1))

        post_records(client, acme, "journal_entries", range=(0, None), deletions=(1,))

        assert ids_of(engine, "journal_items") == [1]


class TestOnce:
    def test_the_same_batch_again_gives_the_same_receipt_and_does_nothing(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        body = body_of("journal_items", journal_items(3))
        first = post_batch(client, acme, body, message_id="msg_1")
        post_records(client, acme, "journal_items", deletions=(1,))
        before = row_counts(engine)

        again = post_batch(client, acme, body, message_id="msg_1")

        assert again.status_code == 200
        assert again.data == first.data
        assert row_counts(engine) == before

    def test_another_body_under_the_same_id_is_a_conflict(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_batch(client, acme, body_of("journal_items", journal_items(3)), message_id="msg_1")
        before = row_counts(engine)

        response = post_batch(
            client, acme, body_of("journal_items", journal_items(4)), message_id="msg_1"
        )

        assert is_refused(response, 409, "batch_conflict")
        assert row_counts(engine) == before

    def test_two_connections_may_use_the_same_batch_id(
        self, client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey
    ) -> None:
        post_batch(client, acme, body_of("journal_items", journal_items(3)), message_id="msg_1")

        response = post_batch(
            client, globex, body_of("journal_items", journal_items(4)), message_id="msg_1"
        )

        assert response.get_json()["written_count"] == 4

    @pytest.mark.parametrize("sequence", [4, 5])
    def test_an_overtaken_batch_is_refused_with_the_last_sequence(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, sequence: int
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(1), sequence=5)
        before = row_counts(engine)

        response = post_batch(
            client, acme, body_of("journal_items", journal_items(2), sequence=sequence)
        )

        assert is_refused(response, 409, "overtaken")
        assert response.get_json()["last_sequence"] == 5
        assert row_counts(engine) == before

    def test_identical_requests_at_once_store_once_and_both_get_the_receipt(
        self, app: Flask, acme: ConnectionKey, engine: Engine
    ) -> None:
        body = body_of("journal_items", journal_items(2_000))

        def send(_: int) -> TestResponse:
            return post_batch(app.test_client(), acme, body, message_id="msg_1")

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(send, range(4)))

        assert [answer.status_code for answer in answers] == [200] * 4
        assert len({answer.data for answer in answers}) == 1
        assert answers[0].get_json()["written_count"] == 2_000
        assert row_counts(engine)["receipts"] == 1

    def test_batches_of_one_connection_at_once_wait_for_each_other(
        self, app: Flask, acme: ConnectionKey, engine: Engine
    ) -> None:
        bodies = [
            body_of(
                "journal_items", journal_items(500, first_id=number * 500 + 1), sequence=number + 1
            )
            for number in range(4)
        ]

        def send(body: bytes) -> TestResponse:
            return post_batch(app.test_client(), acme, body)

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(send, bodies))

        stored = [answer for answer in answers if answer.status_code == 200]
        overtaken = [answer for answer in answers if answer.status_code == 409]
        assert len(stored) + len(overtaken) == 4
        assert answers[-1] in stored
        assert row_counts(engine)["journal_items"] == 500 * len(stored)


class TestAuthentication:
    @pytest.mark.parametrize("missing", HEADERS)
    def test_it_refuses_a_missing_header(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, missing: str
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        headers = headers_of(acme, body)
        del headers[missing]
        before = row_counts(engine)

        response = client.post(BATCHES_PATH, data=body, headers=headers)

        assert is_refused(response, 400, "missing_header", missing)
        assert row_counts(engine) == before

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("webhook-timestamp", "yesterday"),
            ("webhook-timestamp", "1" * 13),
            ("webhook-timestamp", "\u0661"),
            ("webhook-id", "two words"),
            ("webhook-id", "m" * 201),
            ("monitr-connection", "c\u00f8n"),
        ],
    )
    def test_it_refuses_a_malformed_header(
        self, client: FlaskClient, acme: ConnectionKey, name: str, value: str
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        headers = headers_of(acme, body)
        headers[name] = value.encode().decode("latin-1")

        response = client.post(BATCHES_PATH, data=body, headers=headers)

        assert is_refused(response, 400, "missing_header", name)

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_it_refuses_a_timestamp_outside_of_the_replay_window(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, minutes: int
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        before = row_counts(engine)

        response = post_batch(client, acme, body, timestamp=int(time.time()) + minutes * MINUTE)

        assert is_refused(response, 401, "stale_timestamp")
        assert row_counts(engine) == before

    @pytest.mark.parametrize("minutes", [-4, 4])
    def test_it_accepts_a_clock_that_is_a_little_off(
        self, client: FlaskClient, acme: ConnectionKey, minutes: int
    ) -> None:
        body = body_of("journal_items", journal_items(1))

        response = post_batch(client, acme, body, timestamp=int(time.time()) + minutes * MINUTE)

        assert response.status_code == 200

    def test_it_refuses_an_unknown_connection(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        before = row_counts(engine)

        response = post_batch(
            client, acme._replace(connection_id="con_unknown"), body_of("journal_items")
        )

        assert is_refused(response, 401, "unknown_connection")
        assert row_counts(engine) == before

    def test_it_refuses_a_signature_made_with_another_connections_secret(
        self, client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, engine: Engine
    ) -> None:
        before = row_counts(engine)

        response = post_batch(
            client, globex._replace(secret=acme.secret), body_of("journal_items", journal_items(1))
        )

        assert is_refused(response, 401, "wrong_signature")
        assert row_counts(engine) == before

    @pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp"])
    def test_it_refuses_what_is_not_exactly_what_was_signed(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, changed: str
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        now = int(time.time())
        headers = headers_of(acme, body, timestamp=now)
        other = {"webhook-id": "msg_2", "webhook-timestamp": str(now + 1), "body": body + b" "}
        before = row_counts(engine)

        response = client.post(
            BATCHES_PATH,
            data=other["body"] if changed == "body" else body,
            headers=headers if changed == "body" else {**headers, changed: other[changed]},
        )

        assert is_refused(response, 401, "wrong_signature")
        assert row_counts(engine) == before

    def test_the_signature_is_verified_before_anything_is_inflated_or_parsed(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        wrong = "whsec_" + "A" * 43 + "="

        response = post_batch(client, acme._replace(secret=wrong), b"not even gzip")

        assert is_refused(response, 401, "wrong_signature")

    def test_one_good_signature_among_several_is_enough(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        headers = headers_of(acme, body)
        headers["webhook-signature"] = "v1,bm9uc2Vuc2U= v2,x " + headers["webhook-signature"]

        response = client.post(BATCHES_PATH, data=body, headers=headers)

        assert response.status_code == 200

    def test_it_refuses_a_revoked_key(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        with writing(engine) as db:
            revoke_secrets(db, get_connection(db, "acme").id, datetime.now(UTC))
        before = row_counts(engine)

        response = post_batch(client, acme, body_of("journal_items", journal_items(1)))

        assert is_refused(response, 401, "wrong_signature")
        assert row_counts(engine) == before

    def test_the_old_key_works_until_the_new_one_is_first_used(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine, config: Config
    ) -> None:
        with writing(engine) as db:
            new = decode_connection_key(rotate_connection(db, config, "acme", datetime.now(UTC)))

        with_old = post_batch(client, acme, body_of("journal_items", journal_items(1)))
        with_new = post_batch(client, new, body_of("journal_items", journal_items(1)))
        with_old_again = post_batch(client, acme, body_of("journal_items", journal_items(1)))
        with_new_again = post_batch(client, new, body_of("journal_items", journal_items(1)))

        assert (with_old.status_code, with_new.status_code) == (200, 200)
        assert is_refused(with_old_again, 401, "wrong_signature")
        assert with_new_again.status_code == 200

    def test_using_one_connections_new_key_leaves_other_connections_alone(
        self,
        client: FlaskClient,
        acme: ConnectionKey,
        globex: ConnectionKey,
        engine: Engine,
        config: Config,
    ) -> None:
        with writing(engine) as db:
            new = decode_connection_key(rotate_connection(db, config, "globex", datetime.now(UTC)))

        post_batch(client, new, body_of("journal_items"))

        assert post_batch(client, acme, body_of("journal_items")).status_code == 200


class TestBody:
    def test_it_refuses_a_body_above_the_limit(
        self, refuses: Callable[..., object], config: Config
    ) -> None:
        refuses(b"x" * (config.max_body_bytes + 1), 413, "body_too_large")

    def test_it_refuses_a_much_larger_body_unread(
        self, refuses: Callable[..., object], config: Config
    ) -> None:
        refuses(b"x" * (config.max_body_bytes + 2), 413, "body_too_large")

    def test_a_body_at_the_limit_is_read(
        self, refuses: Callable[..., object], config: Config
    ) -> None:
        refuses(b"x" * config.max_body_bytes, 400, "broken_compression")

    def test_it_refuses_a_zip_bomb(self, refuses: Callable[..., object], config: Config) -> None:
        bomb = compress(b"\0" * (config.max_inflated_bytes + 1))

        refuses(bomb, 413, "body_too_large")

    def test_it_refuses_a_truncated_gzip(self, refuses: Callable[..., object]) -> None:
        refuses(body_of("journal_items", journal_items(10))[:-9], 400, "broken_compression")

    @pytest.mark.parametrize("garbage", [b"x", body_of("journal_items")])
    def test_it_refuses_trailing_garbage(
        self, refuses: Callable[..., object], garbage: bytes
    ) -> None:
        refuses(body_of("journal_items") + garbage, 400, "broken_compression")

    @pytest.mark.parametrize("body", [b"", b"not gzip", b"\x1f\x8b"])
    def test_it_refuses_what_is_not_gzip(self, refuses: Callable[..., object], body: bytes) -> None:
        refuses(body, 400, "broken_compression")

    def test_a_content_encoding_header_changes_nothing(
        self, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        body = body_of("journal_items", journal_items(1))
        headers = headers_of(acme, body)

        response = client.post(
            BATCHES_PATH,
            data=body,
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )

        assert response.status_code == 200


class TestEnvelope:
    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"colour": "red"}, "/colour"),
            ({"stream": "invoices"}, "/stream"),
            ({"stream": ...}, "/stream"),
            ({"contract": ...}, "/contract"),
            ({"contract": "1"}, "/contract"),
            ({"run_id": ""}, "/run_id"),
            ({"run_id": "run\0"}, "/run_id"),
            ({"run_id": "\ud800"}, "/run_id"),
            ({"run_id": "r" * 201}, "/run_id"),
            ({"sequence": 0}, "/sequence"),
            ({"sequence": 1.5}, "/sequence"),
            ({"sequence": True}, "/sequence"),
            ({"sequence": 2**63}, "/sequence"),
            ({"record_count": -1}, "/record_count"),
            ({"records_sha256": "0" * 63}, "/records_sha256"),
            ({"range": {"after_id": 0}}, "/range/up_to_id"),
            ({"range": {"after_id": None, "up_to_id": 5}}, "/range/after_id"),
            ({"range": {"after_id": 5, "up_to_id": 4}}, "/range/up_to_id"),
            ({"range": {"after_id": 0, "up_to_id": 4, "step": 2}}, "/range/step"),
            ({"range": ...}, "/range"),
            ({"deletions": [4, 0]}, "/deletions/1"),
            ({"deletions": [4, "5"]}, "/deletions/1"),
            ({"deletions": None}, "/deletions"),
            ({"fields": "id"}, "/fields"),
            ({"fields": []}, "/fields"),
        ],
    )
    def test_it_refuses_a_wrong_envelope_and_says_where(
        self, refuses: Callable[..., object], changes: dict[str, object], path: str
    ) -> None:
        refuses(with_envelope(body_of("journal_items"), **changes), 422, "invalid_envelope", path)

    @pytest.mark.parametrize(
        "first_line", [b"", b"\n", b"{\n", b"[]\n", b"\xff\n", b"[" * 100_000 + b"\n", b"1" * 5000]
    )
    def test_it_refuses_what_is_not_a_json_object(
        self, refuses: Callable[..., object], first_line: bytes
    ) -> None:
        refuses(compress(first_line), 422, "invalid_envelope")

    def test_it_refuses_another_contract_whatever_else_is_in_the_envelope(
        self, refuses: Callable[..., dict[str, object]]
    ) -> None:
        body = with_envelope(body_of("journal_items"), contract=2, colour="red")

        refuses(body, 422, "unsupported_contract", "/contract")

    def test_it_refuses_a_field_it_does_not_know_with_its_path(
        self, refuses: Callable[..., dict[str, object]]
    ) -> None:
        names = list(batch_of("journal_items").stream.field_names)
        body = with_envelope(body_of("journal_items"), fields=[*names, "tax_ids"])

        problem = refuses(body, 422, "unknown_field", f"/fields/{len(names)}")

        assert "tax_ids" in str(problem["detail"])

    def test_it_refuses_fields_in_another_order(self, refuses: Callable[..., object]) -> None:
        names = list(batch_of("journal_items").stream.field_names)
        names[2], names[3] = names[3], names[2]

        refuses(
            with_envelope(body_of("journal_items"), fields=names), 422, "unknown_field", "/fields/2"
        )

    def test_an_older_addon_may_know_fewer_fields(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        body = with_lines(b"1\tProjects\n", "analytic_plans", fields=["id", "name"])

        response = post_batch(client, acme, body)

        assert response.status_code == 200, response.text
        (row,) = rows_of(engine, "analytic_plans")
        assert (row["name"], row["parent_id"], row["company_id"]) == ("Projects", None, None)

    def test_what_an_older_addon_does_not_send_is_absent_again(
        self, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(
            client, acme, "analytic_plans", [{"id": 1, "name": "Projects", "parent_id": 7}]
        )

        post_batch(
            client, acme, with_lines(b"1\tProjects\n", "analytic_plans", fields=["id", "name"])
        )

        assert rows_of(engine, "analytic_plans")[0]["parent_id"] is None

    def test_an_older_addon_must_know_the_required_fields(
        self, refuses: Callable[..., dict[str, object]]
    ) -> None:
        body = with_lines(b"1\tAcme Inc.\n", "companies", fields=["id", "name"])

        problem = refuses(body, 422, "invalid_envelope", "/fields")

        assert "currency_id" in str(problem["detail"])

    def test_it_refuses_a_wrong_count(self, refuses: Callable[..., object]) -> None:
        body = with_envelope(body_of("journal_items", journal_items(3)), record_count=4)

        refuses(body, 422, "wrong_digest", "/record_count")

    def test_it_refuses_a_wrong_digest(self, refuses: Callable[..., object]) -> None:
        digest = hashlib.sha256(b"something else").hexdigest()
        body = with_envelope(body_of("journal_items", journal_items(3)), records_sha256=digest)

        refuses(body, 422, "wrong_digest", "/records_sha256")

    def test_it_refuses_an_id_that_is_both_record_and_deletion(
        self, refuses: Callable[..., object]
    ) -> None:
        body = body_of("journal_items", journal_items(3), deletions=(9, 2))

        refuses(body, 422, "invalid_envelope", "/deletions/1")


class TestRecords:
    """That a broken line stores nothing; what makes one broken is in tests/receiver/ingest."""

    @pytest.mark.parametrize(
        ("before", "after", "field", "expected"),
        [
            (b"\t7312\t", b"\t1,5\t", "debit", "expected an amount"),
            (b"2026-01-31", b"2026-02-30", "date", "expected a date"),
            (b"\tItem", b"\tIt\0em", "label", "expected text"),
            (b"\tItem", b"\tIt\xffem", "label", "expected text"),
            (b"\tItem", b"\t\xed\xa0\x80", "label", "expected text"),
        ],
    )
    def test_it_refuses_a_wrong_value_in_line_7312_of_10000(
        self,
        refuses: Callable[..., dict[str, object]],
        before: bytes,
        after: bytes,
        field: str,
        expected: str,
    ) -> None:
        lines = lines_of_10_000_with(lambda line: line.replace(before, after, 1))

        problem = refuses(with_lines(lines), 422, "invalid_record", f"lines/7312/{field}")

        assert str(problem["detail"]).startswith(f"Line 7312, field {field}: {expected}")

    def test_it_refuses_unsorted_ids(self, refuses: Callable[..., object]) -> None:
        body = body_of("journal_items", [journal_item(1), journal_item(3), journal_item(2)])

        refuses(body, 422, "invalid_record", "lines/3/id")

    def test_it_refuses_an_id_twice(self, refuses: Callable[..., object]) -> None:
        body = body_of("journal_items", [journal_item(1), journal_item(1)])

        refuses(body, 422, "invalid_record", "lines/2/id")

    @pytest.mark.parametrize(("range", "line"), [((1, 3), 1), ((0, 2), 3), ((2, None), 1)])
    def test_it_refuses_an_id_outside_of_the_range(
        self, refuses: Callable[..., object], range: tuple[int, int | None], line: int
    ) -> None:
        body = body_of("journal_items", journal_items(3), range=range)

        refuses(body, 422, "invalid_record", f"lines/{line}/id")

    def test_it_refuses_a_last_line_without_its_end(self, refuses: Callable[..., object]) -> None:
        lines = batch_of("journal_items", journal_items(3)).lines[:-1]

        refuses(with_lines(lines), 422, "invalid_record", "lines/3")
