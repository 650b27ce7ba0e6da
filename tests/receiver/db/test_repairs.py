"""What is found in several parts of a stream's differing buckets is one repair."""

from datetime import UTC, datetime

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import writing
from receiver.db.proof.proofs import Repair, add_repair, list_repairs
from tests.receiver.proofs import prove

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_repairs_of_a_stream_add_up(
    client: FlaskClient, engine: Engine, acme: ConnectionKey
) -> None:
    proof_id = prove(client, acme, {})["proof_id"]
    parts = [
        Repair("journal_items", 1, 0, 2, (3, 5, 8), NOW),
        Repair("partners", 0, 1, 0, (9,), NOW),
        Repair("journal_items", 0, 4, 0, (21, 22, 23, 24), NOW),
    ]

    with writing(engine) as db:
        connection = get_connection(db, "acme")
        for part in parts:
            add_repair(db, connection.id, proof_id, part)
        repairs = list_repairs(db, connection.id, proof_id)

    assert repairs == [
        Repair("journal_items", 1, 4, 2, (3, 5, 8, 21, 22, 23, 24), NOW),
        Repair("partners", 0, 1, 0, (9,), NOW),
    ]
