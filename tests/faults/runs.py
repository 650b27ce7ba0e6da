"""Runs as they come in production, by the cron's own job, and what must be true after two of them.

Time passes by setting the run's moments back in Odoo's database.
"""

from contextlib import suppress
from decimal import Decimal
from typing import Any, LiteralString

import requests

from tests.faults.world import World
from tests.odoo.books_script import COMPANY_A, COMPANY_B
from tests.odoo.server import OdooError

TIME_PASSES: LiteralString = (
    "UPDATE monitr_run SET started_at = started_at - interval '1 day', "
    "retry_at = retry_at - interval '1 day'"
)
CRON: LiteralString = (
    "SELECT res_id FROM ir_model_data WHERE module = 'monitr_connector' AND name = 'cron_push'"
)
ITEMS: LiteralString = (
    "SELECT l.id, l.name, l.balance, l.amount_residual, l.partner_id, l.account_id, l.reconciled, "
    "l.date::text FROM account_move_line l JOIN res_company c ON c.id = l.company_id "
    "WHERE l.parent_state = 'posted' AND l.account_id IS NOT NULL AND c.name = ANY(%s)"
)


def run(world: World) -> None:
    """The next run, some hours later. What the cron raises is an error of the addon."""
    let_time_pass(world)
    run_what_is_due(world)


def run_into_trouble(world: World) -> None:
    """The same while Odoo or its PostgreSQL may be gone at any moment."""
    let_time_pass(world)
    with suppress(OdooError, requests.RequestException):  # what counts is what the next runs do
        run_what_is_due(world)


def let_time_pass(world: World) -> None:
    world.odoo.sql(TIME_PASSES)


def run_what_is_due(world: World) -> None:
    [(cron_id,)] = world.odoo.sql(CRON)
    answer = world.odoo.call("ir.cron", "method_direct_trigger", [cron_id])
    assert not isinstance(answer, dict), answer  # 19 shows an error as a notification


def assert_recovers(world: World) -> None:
    """Two runs later at most the proof is zero, and the receiver holds what Odoo has."""
    run(world)
    if world.last_run()["state"] != "succeeded":
        run(world)
    assert_ties_out(world)


def assert_ties_out(world: World) -> None:
    last = world.last_run()
    assert last["state"] == "succeeded", last["error"]
    assert '"ties_out": true' in last["proof"]
    [(run_id, differing_count)] = world.receiver.sql(
        "SELECT run_id, differing_count FROM proofs ORDER BY sequence DESC LIMIT 1"
    )
    assert (run_id, differing_count) == (last["run_id"], 0)
    assert world.odoo.sql("SELECT count(*) FROM monitr_outbox") == [(0,)]
    assert stored_items(world) == items_in_odoo(world)


def items_in_odoo(world: World) -> set[tuple[Any, ...]]:
    rows = world.odoo.sql(ITEMS, [[COMPANY_A, COMPANY_B]])
    return {(id, label or None, *rest) for id, label, *rest in rows}


def stored_items(world: World) -> set[tuple[Any, ...]]:
    stored = world.receiver.sql(
        "SELECT id, label, balance, residual, partner_id, account_id, reconciled, date "
        "FROM journal_items"
    )
    return {_as_in_odoo(row) for row in stored}


def _as_in_odoo(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """SQLite holds whole millionths, 0 and 1, and dates as text."""
    id, label, balance, residual, partner_id, account_id, reconciled, date = row
    amounts = (x / Decimal(10**6) if isinstance(x, int) else x for x in (balance, residual))
    return (id, label, *amounts, partner_id, account_id, bool(reconciled), str(date))
