"""Older backups restored: on one side the books are as they were, on the other they went on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.faults.runs import run
from tests.faults.working_day import change_books
from tests.faults.world import World
from tests.postgres import PostgresServer


def restore_receiver(world: World, rng: Random) -> None:
    receiver = world.receiver
    receiver.stop()
    with backup_of_receiver(world):
        receiver.start()
        go_on(world, rng)
        receiver.kill()
    receiver.start()


def restore_odoo(world: World, rng: Random) -> None:
    """What is entered again gets ids that the receiver knows as something else."""
    odoo = world.odoo
    odoo.stop()
    with backup_of_database(odoo.postgres, odoo.database):
        odoo.start()
        go_on(world, rng)
        odoo.stop()
    odoo.start()
    change_books(odoo, rng)


def go_on(world: World, rng: Random) -> None:
    for _day in range(2):
        change_books(world.odoo, rng)
        run(world)


@contextmanager
def backup_of_receiver(world: World) -> Iterator[None]:
    """Taken at the beginning, restored in the end; the receiver is down at both moments."""
    if world.receiver_database:
        with backup_of_database(world.odoo.postgres, world.receiver_database):
            yield
        return
    with backup_of_files(world.receiver.folder, "monitr.sqlite3*"):
        yield


@contextmanager
def backup_of_database(server: PostgresServer, database: str) -> Iterator[None]:
    backup = f"backup_of_{database}"
    server.create_database(backup, template=database)
    yield
    server.drop_database(database)
    server.create_database(database, template=backup, tablespace=database)
    server.drop_database(backup)


@contextmanager
def backup_of_files(folder: Path, pattern: str) -> Iterator[None]:
    with TemporaryDirectory() as backup:
        for path in folder.glob(pattern):
            shutil.copy(path, backup)
        yield
        for path in folder.glob(pattern):
            path.unlink()
        shutil.copytree(backup, folder, dirs_exist_ok=True)
