"""Odoo behind a pooler that gives each transaction another connection of the database."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.left_out import left_out
from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.pgbouncer import Missing, pgbouncer
from tests.postgres import PostgresServer

PUSHES = 6
CLIENTS = 8
# Of this database alone: other tests push on the same server.
LOCKS = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def pair(installation: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path) as pair:
        pair.odoo.stop()
        try:
            with pgbouncer(postgres) as pooled:
                pair.odoo.use_postgres(pooled)
                pair.odoo.start()
                yield pair
                pair.odoo.stop()
        except Missing as need:
            left_out("a pooler", str(need))


def test_pushes_leave_no_lock_behind_among_the_transactions_of_others(
    pair: Paired, postgres: PostgresServer
) -> None:
    conninfo, is_over = pair.odoo.postgres.conninfo(pair.odoo.database), threading.Event()

    def keep_reading() -> None:
        with psycopg.connect(conninfo, prepare_threshold=None) as connection:
            while not is_over.wait(0.001):
                connection.execute("SELECT count(*) FROM res_partner")
                connection.commit()

    clients = [threading.Thread(target=keep_reading) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for number in range(PUSHES):
            pair.odoo.call("res.partner", "create", {"name": f"Partner {number}"})
            assert_ties_out(pair, pair.push())
            with psycopg.connect(postgres.conninfo(pair.odoo.database)) as straight:
                assert straight.execute(LOCKS).fetchone() == (0,)
    finally:
        is_over.set()
        for client in clients:
            client.join()
    assert_equals_odoo(pair)
