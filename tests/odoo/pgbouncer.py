"""Debian's PgBouncer before a PostgreSQL server, in transaction mode."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg

from tests.odoo.server import DIES_WITH_PARENT
from tests.postgres import PostgresServer, as_server_user, free_port, give_to_server_user

START_SECONDS = 20
FOLDERS = "/usr/sbin:/usr/bin"
INSTALL = ("apt-get", "install", "--yes", "--quiet", "pgbouncer")


class Missing(Exception):
    """PgBouncer cannot be had here; the message names what it needs."""


@contextmanager
def pgbouncer(server: PostgresServer) -> Iterator[PostgresServer]:
    """The server behind it: each transaction gets another of its connections. Raises Missing."""
    program = _program()
    behind = replace(server, host="127.0.0.1", port=free_port())
    folder = Path(tempfile.mkdtemp(prefix="monitr-pgbouncer-"))
    give_to_server_user(folder, mode=0o755)  # it refuses to run as root
    with (folder / "log").open("wb") as log:
        command = (*DIES_WITH_PARENT, program, str(_settings(server, behind, folder)))
        process = subprocess.Popen(command, **as_server_user(), stdout=log, stderr=log)
        try:
            _wait_until_it_answers(behind, folder / "log")
            yield behind
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder)


def _program() -> str:
    if found := shutil.which("pgbouncer", path=FOLDERS):
        return found
    with suppress(FileNotFoundError):
        subprocess.run(INSTALL, capture_output=True, check=False)
    if found := shutil.which("pgbouncer", path=FOLDERS):
        return found
    raise Missing("PgBouncer (apt-get install pgbouncer)")


def _settings(server: PostgresServer, behind: PostgresServer, folder: Path) -> Path:
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{server.user}" "{server.password}"\n')
    host = "127.0.0.1" if server.host.startswith("/") else server.host
    settings.write_text(f"""
[databases]
* = host={host} port={server.port}
[pgbouncer]
listen_addr = {behind.host}
listen_port = {behind.port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
server_round_robin = 1
ignore_startup_parameters = extra_float_digits
""")
    return settings


def _wait_until_it_answers(behind: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            behind.databases()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(log.read_text()) from error
            time.sleep(0.1)
        else:
            return
