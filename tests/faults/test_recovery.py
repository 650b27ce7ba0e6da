"""Whatever happens in the middle of a run: two runs later the proof is zero, and no human acted.

MONITR_TEST_SEED repeats a session's choices, MONITR_TEST_FAULTS raises their number.
"""

from collections.abc import Callable
from random import Random

import pytest

from tests.faults import backups, bad_network, full_disks, kills
from tests.faults.runs import assert_recovers
from tests.faults.survived import REPEATS, survived
from tests.faults.working_day import change_books
from tests.faults.world import World

Fault = Callable[[World, Random], None]

BY_CHANCE: dict[str, Fault] = {
    "Odoo killed": kills.kill_odoo,
    "receiver killed": kills.kill_receiver,
    "receiver killed and started at once": kills.restart_killed_receiver,
    "one worker of the receiver killed": kills.kill_one_worker,
    "all workers of the receiver killed": kills.kill_all_workers,
    "PostgreSQL crashed": kills.restart_postgresql,
    "reply dropped after the commit": bad_network.drop_replies,
    "request cut": bad_network.cut_requests,
    "reply cut": bad_network.cut_replies,
    "answered 503": bad_network.answer_503,
    "request overtaken by a later run": bad_network.deliver_after_a_later_run,
    "old request delivered into a later run": bad_network.deliver_into_a_later_run,
    "two runs on a bad line": bad_network.run_through_everything_at_once,
}
ONCE: dict[str, Fault] = {
    "every request doubled": bad_network.double_requests,
    "every request delayed": bad_network.delay_requests,
    "receiver's disk full": full_disks.fill_receivers_disk,
    "Odoo's disk full": full_disks.fill_odoos_disk,
    "receiver's database restored": backups.restore_receiver,
    "Odoo's database restored": backups.restore_odoo,
}
FAULTS = [*ONCE, *(fault for fault in BY_CHANCE for _repeat in range(REPEATS))]


@pytest.mark.parametrize("fault", FAULTS)
def test_two_runs_later_the_proof_is_zero(world: World, rng: Random, fault: str) -> None:
    change_books(world.odoo, rng)
    (ONCE | BY_CHANCE)[fault](world, rng)

    assert_recovers(world)
    survived[fault] += 1
