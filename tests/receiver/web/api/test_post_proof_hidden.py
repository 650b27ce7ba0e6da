"""POST /v1/proof-hidden: what a repair did not delete, since Odoo only hides it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.proofs import post_hidden, post_rows, prove, rows_of
from tests.receiver.records import journal_items
from tests.receiver.signed import post_records


@pytest.fixture
def proof_id(client: FlaskClient, acme: ConnectionKey) -> object:
    """Of six items here Odoo gives 1 and 4. The rows were compared in two ranges."""
    items = journal_items(6)
    post_records(client, acme, "journal_items", items)
    seen = [item for item in items if item["id"] in (1, 4)]
    id = prove(client, acme, {"journal_items": seen})["proof_id"]
    post_rows(client, acme, id, rows_of(seen[:1]), up_to_id=3)
    post_rows(client, acme, id, rows_of(seen[1:]), after_id=3)
    return id


def repairs(reader: FlaskClient) -> list[dict[str, Any]]:
    answer = reader.get("/v1/connections/acme/proofs/newest").get_json()
    return list(answer["repairs"])


def counts(reader: FlaskClient) -> list[tuple[int, int, int]]:
    return [
        (each["extra_count"], each["deleted_count"], each["hidden_count"])
        for each in repairs(reader)
    ]


def test_what_is_hidden_is_not_counted_as_deleted(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, proof_id: object
) -> None:
    before = counts(acme_reader)

    answer = post_hidden(client, acme, proof_id, [3, 5, 6])

    assert (answer.status_code, answer.get_json()) == (200, {"hidden_count": 3})
    assert before == [(2, 2, 0), (2, 2, 0)]
    assert counts(acme_reader) == [(2, 1, 1), (2, 0, 2)]


def test_told_again_it_is_the_same(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, proof_id: object
) -> None:
    post_hidden(client, acme, proof_id, [2, 3])

    post_hidden(client, acme, proof_id, [2, 3])

    assert counts(acme_reader) == [(2, 0, 2), (2, 2, 0)]


def test_no_more_is_hidden_than_was_too_many(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, proof_id: object
) -> None:
    post_hidden(client, acme, proof_id, [1, 2, 3])

    assert counts(acme_reader)[0] == (2, 0, 2)


def test_of_a_proof_without_repairs_there_is_nothing_to_note(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    proof_id = prove(client, acme, {})["proof_id"]

    assert post_hidden(client, acme, proof_id, [1]).status_code == 200

    assert repairs(acme_reader) == []


def test_of_an_unknown_proof_and_another_connections_it_is_refused(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, proof_id: object
) -> None:
    assert post_hidden(client, acme, "msg_unknown", [2]).status_code == 404
    assert post_hidden(client, globex, proof_id, [2]).status_code == 404


def test_an_id_that_is_none_is_refused(
    client: FlaskClient, acme: ConnectionKey, proof_id: object
) -> None:
    answer = post_hidden(client, acme, proof_id, [0])

    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_proof")
