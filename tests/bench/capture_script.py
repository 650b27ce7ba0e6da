"""Creates and posts invoices. Runs inside `odoo shell` of any series."""

from __future__ import annotations

import time
from typing import Any

from tests.bench.ledger_script import (
    INVOICES,
    analytic_shares,
    make_admin_an_accountant,
    make_invoice,
)
from tests.odoo.books_script import Ledger


def post_invoices(env: Any, count: int) -> float:
    """The seconds from before the first to after the last commit."""
    make_admin_an_accountant(env)
    ledger = Ledger(env, env.ref("base.main_company"))
    shares = analytic_shares(ledger)
    env.cr.commit()
    env.cr.execute("SET track_functions = 'pl'")  # of this session, from here on
    began = time.perf_counter()
    for number in range(count):
        make_invoice(ledger, "out_invoice", number % INVOICES, shares[number % len(shares)])
        env.cr.commit()
    return time.perf_counter() - began
