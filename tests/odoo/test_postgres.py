"""Sessions share one PostgreSQL cluster, and it survives whatever happens to them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres import PostgresCluster, PostgresServer, home_of_clusters

KILLED_SESSION = """
import os, signal, sys
from pathlib import Path
from tests.postgres import PostgresCluster
server = PostgresCluster(Path(sys.argv[1])).start()
server.create_database("left_over")
server.create_database("kept")
server.make_template("kept", template="books")
os.kill(os.getpid(), signal.SIGKILL)
"""


Join = Callable[[], PostgresServer]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home for a cluster of its own, where the server's user may enter."""
    home = home_of_clusters() / f"postgres-test-{os.getpid()}"
    yield home
    shutil.rmtree(home)


@pytest.fixture
def sessions(home: Path) -> Iterator[list[PostgresCluster]]:
    """Every session of the test, in the order they came; they leave at its end."""
    sessions: list[PostgresCluster] = []
    yield sessions
    for session in sessions:
        session.stop()


@pytest.fixture
def join(home: Path, sessions: list[PostgresCluster]) -> Join:
    """Start one more session on the cluster."""

    def join() -> PostgresServer:
        sessions.append(PostgresCluster(home))
        return sessions[-1].start()

    return join


def test_a_second_session_shares_the_server_and_the_last_one_stops_it(
    join: Join, sessions: list[PostgresCluster]
) -> None:
    server = join()

    assert join() == server
    sessions[0].stop()
    assert answers(server)
    sessions[1].stop()
    assert not answers(server)


def test_only_templates_outlive_a_killed_session(home: Path, join: Join) -> None:
    subprocess.run([sys.executable, "-c", KILLED_SESSION, home], check=False)

    databases = join().databases()

    assert "books" in databases
    assert "left_over" not in databases


def test_nothing_committed_is_lost_when_the_server_is_killed(home: Path, join: Join) -> None:
    server = join()
    server.create_database("kept")
    server.make_template("kept", template="books")
    os.kill(int(pid_file(home).read_text().split()[0]), signal.SIGKILL)

    assert "books" in join().databases()


def test_it_starts_where_another_process_has_the_old_pid(
    home: Path, join: Join, sessions: list[PostgresCluster]
) -> None:
    join()
    lines = pid_file(home).read_text().splitlines()
    sessions[0].stop()
    pid_file(home).write_text("\n".join([str(os.getpid()), *lines[1:]]))

    assert answers(join())


def test_a_broken_cluster_is_made_anew(
    home: Path, join: Join, sessions: list[PostgresCluster]
) -> None:
    join()
    sessions[0].stop()
    (home / "data" / "global" / "pg_control").unlink()

    assert answers(join())


def test_its_role_is_no_superuser(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.conninfo("postgres")) as connection:
        row = connection.execute("SELECT usesuper, usecreatedb FROM pg_user WHERE usename = user")

        assert row.fetchone() == (False, True)


def answers(server: PostgresServer) -> bool:
    try:
        return "postgres" in server.databases()
    except psycopg.OperationalError:
        return False


def pid_file(home: Path) -> Path:
    return home / "data" / "postmaster.pid"
