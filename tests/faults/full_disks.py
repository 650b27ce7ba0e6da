"""Not a byte of room for a run; then somebody makes room."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

import psycopg

from receiver.errors import DatabaseUnavailable
from tests.faults.disk import Disk
from tests.faults.runs import let_time_pass, run, run_what_is_due
from tests.faults.world import World
from tests.left_out import left_out
from tests.odoo.server import Odoo, OdooError


def fill_receivers_disk(world: World, _rng: Random) -> None:
    """Its database grows with the batch, or would."""
    need_small(world.disks.receiver)
    label = "much longer than before " * 40
    world.odoo.sql("UPDATE account_move_line SET name = %s || id", [label])
    with world.disks.receiver.full():
        run(world)
        last = world.last_run()
        assert last["state"] == "running"
        assert DatabaseUnavailable.__doc__ in last["error"]


def fill_odoos_disk(world: World, _rng: Random) -> None:
    """The run cannot even be recorded. 19 itself cannot record there that a cron runs."""
    need_small(world.disks.odoo)
    let_time_pass(world)
    before = world.last_run()
    with no_room_for_runs(world.odoo), world.disks.odoo.full():
        with suppress(OdooError):
            run_what_is_due(world)
        assert world.last_run() == before


@contextmanager
def no_room_for_runs(odoo: Odoo) -> Iterator[None]:
    """A row takes more than the tenth of a page that is used, so that each run needs another."""
    with psycopg.connect(odoo.postgres.conninfo(odoo.database), autocommit=True) as connection:
        connection.execute(
            "ALTER TABLE monitr_run SET (fillfactor = 10), ADD filler char(1000) DEFAULT ''"
        )
        connection.execute("VACUUM FULL monitr_run")
        yield
        connection.execute("ALTER TABLE monitr_run RESET (fillfactor), DROP filler")


def need_small(disk: Disk) -> None:
    if not disk.is_small:
        left_out("full disks", "root that may mount a small file system")
