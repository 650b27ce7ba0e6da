"""One real receiver: the process that `monitr serve` starts, asked over HTTP and by plain SQL."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
import sqlalchemy as sa

from receiver.cli.tokens import TOKEN_PREFIX
from receiver.config import Config, read_config
from receiver.db.engine import make_engine, writing
from receiver.db.users.tokens import insert_token, let_manage
from receiver.pairing import add_connection, rotate_connection

START_SECONDS = 180
STOP_SECONDS = 60  # gunicorn gives open connections half of it to end


class Receiver:
    """A receiver with its own data folder. `database_url` is PostgreSQL's, or None for SQLite."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.public_url = self.url  # where Odoo reaches it
        self.more: dict[str, str] = {}  # settings, from the next start on
        self.database_url = database_url or f"sqlite:///{folder / 'monitr.sqlite3'}"
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    def start(self) -> None:
        """Start gunicorn and wait until it answers."""
        with self.log_file.open("ab") as log:
            command = (*_monitr(), "serve")
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment(), start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log_file.read_text()
            assert time.monotonic() < deadline, self.log_file.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill gunicorn and its workers without warning."""
        self._end(signal.SIGKILL)

    def worker_pids(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def pause(self) -> None:
        """Let it answer nothing any more, as in a network that swallows everything."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def monitr(self, *arguments: str, input: str = "") -> str:
        """What the command line prints."""
        done = subprocess.run(
            (*_monitr(), *arguments),
            env=self._environment(),
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_connection(self, name: str) -> str:
        """The connection key. As the command does it, without the seconds that its start takes."""
        with self._writing() as db:
            return add_connection(db, self._config(), name, datetime.now(UTC))

    def rotate_connection(self, name: str) -> str:
        """A new connection key."""
        with self._writing() as db:
            return rotate_connection(db, self._config(), name, datetime.now(UTC))

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON that a program with a token for everything reads."""
        return self._json("GET", path, params=parameters)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that it is answered when it changes something."""
        return self._json("POST", path, json=body)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._json("PUT", path, json=body)

    def records(self, connection: str, stream: str, **filters: Any) -> list[dict[str, Any]]:
        """Every record of a stream that the filters leave, as the API shows it, page by page."""
        path = f"/v1/connections/{connection}/{stream.replace('_', '-')}"
        records, cursor = [], None
        while True:
            where = {**filters, "cursor": cursor} if cursor else filters
            page = self.get(path, limit=5000, **where)
            records += page["records"]
            cursor = page["next_cursor"]
            if not cursor:
                return records

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """A worker beside it; who starts it ends it."""
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                (*_monitr(), "worker"), stdout=log, stderr=log, env=self._environment()
            )

    def _json(self, method: str, path: str, **request: Any) -> Any:
        self._token = self._token or self._add_token()
        headers = {"authorization": f"Bearer {self._token}"}
        response = requests.request(method, self.url + path, headers=headers, timeout=60, **request)
        assert response.ok, response.text
        return response.json()

    def _add_token(self) -> str:
        token = TOKEN_PREFIX + secrets.token_urlsafe()
        with self._writing() as db:
            insert_token(db, "tests", token, None, datetime.now(UTC))
            let_manage(db, "tests")
        return token

    def _config(self) -> Config:
        with patch.dict(os.environ, self._environment(), clear=True):
            return read_config()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        engine = make_engine(self.database_url)
        try:
            with writing(engine) as db:
                yield db
        finally:
            engine.dispose()

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Plain SQL on the receiver's database."""
        engine = sa.create_engine(self.database_url)
        try:
            with engine.connect() as db:
                return [tuple(row) for row in db.execute(sa.text(query))]
        finally:
            engine.dispose()

    def execute(self, statement: str) -> None:
        """Change its database behind its back."""
        engine = sa.create_engine(self.database_url)
        try:
            with engine.begin() as db:
                db.execute(sa.text(statement))
        finally:
            engine.dispose()

    @property
    def is_on_postgresql(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def log_file(self) -> Path:
        return self.folder / "receiver.log"

    def _environment(self) -> dict[str, str]:
        settings = {
            "MONITR_DATA_DIR": str(self.folder),
            "MONITR_DATABASE_URL": self.database_url,
            "MONITR_BIND": f"127.0.0.1:{self.port}",
            "MONITR_PUBLIC_URL": self.public_url,
            "MONITR_ALLOW_PRIVATE_ADDRESSES": "true",  # the Odoos of the tests are on this machine
            "MONITR_SERVE_WORKER": "false",  # what is pulled, and when, is for the test to say
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MONITR_")}
        return inherited | settings | self.more

    def _answers(self) -> bool:
        try:
            return requests.get(self.url + "/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._signal(how)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, which)


def _monitr() -> tuple[str, str, str]:
    return (sys.executable, "-c", "from receiver.cli import monitr; monitr()")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
