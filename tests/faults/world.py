"""Odoo, the network, the receiver, their disks and a PostgreSQL of their own: all may fail."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.disk import Disk, disk
from tests.faults.network import Network
from tests.odoo.books import addon_template
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, SERIES_ON_POSTGRESQL, Paired
from tests.odoo.receiver import Receiver
from tests.odoo.server import Odoo
from tests.postgres import PostgresCluster, PostgresServer, home_of_clusters


@dataclass(frozen=True)
class Disks:
    odoo: Disk
    receiver: Disk


@dataclass(frozen=True)
class World(Paired):
    network: Network
    cluster: PostgresCluster
    disks: Disks
    receiver_database: str | None  # its name on PostgreSQL; None where it is SQLite


@contextmanager
def running_world(
    installation: Installation, postgres: PostgresServer, folder: Path
) -> Iterator[World]:
    """A copy of the test books with the addon installed and connected, everything running."""
    template = addon_template(installation, postgres)
    with own_cluster() as (cluster, server), disk() as one, disk() as other, Network() as network:
        bring(template, postgres, server)
        with (
            database_on(one, cluster, server, template) as books,
            running_odoo(Odoo(installation, server, books, folder)) as odoo,
            database_of_receiver(installation, cluster, server, other) as database,
            running_receiver(
                other.folder / "receiver", database and server.url(database)
            ) as receiver,
        ):
            network.receiver_port = receiver.port
            receiver.public_url = network.url
            world = World(odoo, receiver, network, cluster, Disks(one, other), database)
            world.connect(receiver.add_connection(NAME))
            yield world


@contextmanager
def own_cluster() -> Iterator[tuple[PostgresCluster, PostgresServer]]:
    """A PostgreSQL that may be restarted: nobody else uses it. Its templates are kept."""
    home = home_of_clusters()
    with (home / "faults.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cluster = PostgresCluster(home / "postgres-for-faults")
        try:
            yield cluster, cluster.start()
        finally:
            cluster.stop()


def bring(template: str, postgres: PostgresServer, server: PostgresServer) -> None:
    """The template database from the shared PostgreSQL, unless it is there."""
    if template in server.databases():
        return
    kind = template.rpartition("_")[0]
    for outdated in server.databases():
        if outdated.startswith(kind):
            server.drop_database(outdated)
    part = f"part_{template}"
    postgres.copy_database_to(server, template, part)
    server.make_template(part, template=template)


@contextmanager
def running_odoo(odoo: Odoo) -> Iterator[Odoo]:
    try:
        odoo.start()
        yield odoo
    finally:
        odoo.kill()


@contextmanager
def database_of_receiver(
    installation: Installation, cluster: PostgresCluster, server: PostgresServer, disk: Disk
) -> Iterator[str | None]:
    """On PostgreSQL for 19; the other series push into SQLite, in a file."""
    if installation.series != SERIES_ON_POSTGRESQL:
        yield None
        return
    with database_on(disk, cluster, server, None) as database:
        yield database


@contextmanager
def running_receiver(folder: Path, database_url: str | None) -> Iterator[Receiver]:
    receiver = Receiver(folder, database_url)
    try:
        receiver.start()
        yield receiver
    finally:
        receiver.kill()


@contextmanager
def database_on(
    disk: Disk, cluster: PostgresCluster, server: PostgresServer, template: str | None
) -> Iterator[str]:
    """The name of a new database that lies on the disk."""
    name = f"faults_{secrets.token_hex(4)}"
    folder = disk.folder / "database"
    folder.mkdir()
    with cluster.tablespace(name, folder) as tablespace:
        server.create_database(name, template=template, tablespace=tablespace)
        try:
            yield name
        finally:
            server.drop_database(name)
