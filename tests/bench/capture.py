"""What capture costs Odoo's own transactions, by PostgreSQL's function statistics.

Odoo creates and posts invoices as its users do, each in a transaction of its own.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.odoo.server import Odoo

INVOICES = 500
POST = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.bench.capture_script import post_invoices
result = post_invoices(env, {INVOICES})
"""
IN_OUR_TRIGGERS = (
    "SELECT sum(calls)::integer, sum(total_time) / 1000"  # in milliseconds
    " FROM pg_stat_user_functions WHERE starts_with(funcname, 'monitr_capture_')"
)


@dataclass(frozen=True)
class Capture:
    invoices: int
    seconds: float  # all of it: Odoo's Python, PostgreSQL, the triggers
    trigger_calls: int
    trigger_seconds: float


def measure_capture(odoo: Odoo) -> Capture:
    """Needs a role that may set `track_functions`: the one of our own server may."""
    seconds = odoo.shell(POST)
    [(calls, trigger_seconds)] = odoo.sql(IN_OUR_TRIGGERS)
    return Capture(INVOICES, seconds, calls, trigger_seconds)
