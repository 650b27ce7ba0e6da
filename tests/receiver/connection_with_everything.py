"""A connection that holds something of everything."""

from datetime import UTC, datetime

from flask.testing import FlaskClient
from monitr_wire.batch import encode_batch
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import STREAMS
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import save_odoo_access
from receiver.db.engine import writing
from receiver.db.pull.pull_positions import PullPosition, save_position
from receiver.db.pull.pull_runs import AskedBy, ask_for_run
from receiver.db.tables import metadata
from tests.receiver.batches import batch_of
from tests.receiver.proofs import post_proof_part, post_rows, prove
from tests.receiver.records import full_record_of
from tests.receiver.set_aside import stated
from tests.receiver.signed import post_batch, post_hello, post_records
from tests.receiver.stored_rows import ODOO_ACCESS, row_counts


def fill_every_table(client: FlaskClient, engine: Engine, acme: ConnectionKey) -> None:
    """But those of API tokens and of users' roles."""
    send_one_of_everything(client, acme)
    aside = batch_of("partners")._replace(set_aside=(stated("partners", 99),))
    post_batch(client, acme, encode_batch(aside))
    assert (
        post_proof_part(client, acme, {"partners": [full_record_of("partners")]}, 1).status_code
        == 200
    )
    with writing(engine) as db:
        connection = get_connection(db, "acme")
        save_odoo_access(db, connection.id, ODOO_ACCESS)
        position = PullPosition("partners", "a shape", connection.created_at, None, None)
        save_position(db, connection.id, position)
        create_structure(db, connection.id, Starter("international"), connection.created_at)
        ask_for_run(db, connection.id, AskedBy.HAND, datetime.now(UTC))


def send_one_of_everything(client: FlaskClient, connection: ConnectionKey) -> None:
    """One record in every stream, a closed period's change, a proof that finds one different."""
    post_hello(client, connection)
    books = {stream.name: [full_record_of(stream.name)] for stream in STREAMS}
    for stream, records in books.items():
        post_records(client, connection, stream, records)
    prove(client, connection, books)
    late = full_record_of("journal_items", label="Changed")
    post_records(client, connection, "journal_items", [late])
    proof_id = prove(client, connection, {})["proof_id"]
    post_rows(client, connection, proof_id, [])


def rows_of_connections(engine: Engine) -> dict[str, int]:
    """``{table: rows}`` of every table but those of the users, which no connection owns."""
    return {
        name: count
        for name, count in row_counts(engine).items()
        if name == "connections" or "connection_id" in metadata.tables[name].columns
    }
