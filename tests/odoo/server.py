"""One real Odoo on one database: started, killed, updated, called, and asked by plain SQL."""

import configparser
import json
import os
import signal
import socket
import subprocess
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import requests

from tests.odoo.installations import Installation
from tests.odoo.runner_log import ENDED
from tests.postgres import PostgresServer

PROJECT_ADDONS = Path(__file__).parents[2] / "odoo_addon"
START_SECONDS = 180
STOP_SECONDS = 60
CALL_SECONDS = 600
LOG_TAIL = 4000  # characters of the log that an error shows
# Odoo is never left behind: a killed test run takes it along.
DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")


class OdooError(Exception):
    """Odoo answered a call with an error. `name` is its Python exception, `debug` its traceback."""

    def __init__(self, name: str, message: str, debug: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.debug = debug


class OdooFailed(Exception):
    """An Odoo process ended otherwise than it should; the message ends with its log."""


class Odoo:
    """One Odoo of one series on one database, with all it writes in `folder`.

    `loaded` are addons that the server loads without their being installed. A killed test run takes
    its Odoo along; so does the end of the thread that started it.
    """

    def __init__(
        self,
        installation: Installation,
        postgres: PostgresServer,
        database: str,
        folder: Path,
        *,
        loaded: Sequence[Path] = (),
    ) -> None:
        self.series = installation.series
        self.database = database
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.postgres = postgres
        self._installation = installation
        self._addons = (*installation.addons, PROJECT_ADDONS, *(addon.parent for addon in loaded))
        self._loaded = [addon.name for addon in loaded]
        self._process: subprocess.Popen[bytes] | None = None
        self._uids: dict[tuple[str, str], int] = {}  # (login, password): a log-in is slow
        folder.mkdir(parents=True, exist_ok=True)
        self._write_configuration()

    def __repr__(self) -> str:
        return f"<Odoo {self.series}, database {self.database}, log {self._log_file}>"

    def use_postgres(self, postgres: PostgresServer) -> None:
        """From the next start on, reach the database through another server, such as a pooler."""
        self.postgres = postgres
        self._write_configuration()

    def start(self, *, max_cron_threads: int = 0) -> None:
        """Start the server and wait until it has loaded the database and answers."""
        assert self._process is None, "this Odoo is running already"
        command = self._command("server", f"--max-cron-threads={max_cron_threads}")
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Ask the server to end, as an administrator would; kill it if it does not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server without warning."""
        self._end(signal.SIGKILL)

    def install(self, *modules: str) -> None:
        """Install modules. Raises OdooFailed if one is not installed afterwards."""
        self._load("-i", modules)

    def update(self, *modules: str) -> None:
        """Update modules (`-u`). Raises OdooFailed if one is not installed afterwards."""
        self._load("-u", modules)

    def update_all(self) -> None:
        """Update every module (`-u all`). Raises OdooFailed if one is not installed afterwards."""
        installed = self._installed()
        with self._not_running():
            self._run("server", "-u", "all", "--stop-after-init", "--no-http")
        if missing := installed - self._installed():
            raise OdooFailed(f"No more installed: {', '.join(missing)}.\n{self._log_tail()}")

    def neutralize(self) -> None:
        """Make the database harmless by Odoo's own command; series 16 and later have one."""
        with self._not_running():
            self._run("neutralize")

    def uninstall(self, module: str) -> None:
        """Uninstall a module as the Apps page does."""
        with self._not_running():
            self.shell(f"""
                module = env["ir.module.module"].search([("name", "=", {module!r})])
                module.button_immediate_uninstall()
            """)
        if module in self._installed():
            raise OdooFailed(f"{module} is still installed.\n{self._log_tail()}")

    def shell(self, code: str) -> Any:
        """Run Python with `env` in `odoo shell` and commit; gives back its `result` through JSON.

        For setting up, not for asserting.
        """
        answer = self.folder / "shell.json"
        answer.unlink(missing_ok=True)
        code = textwrap.dedent(code) + SHELL_EPILOGUE.format(answer=str(answer))
        self._run("shell", stdin=code)
        return json.loads(answer.read_text())

    def run_tests(self, tags: str, *, libraries: Path | None = None) -> str:
        """Run the tests that Odoo's addons carry; what they log. Failed tests do not raise.

        They find what is in `libraries` beside what is installed.
        """
        environment = {**os.environ, "PYTHONPATH": str(libraries)} if libraries else None
        already_logged = len(self.log_text())
        with self._not_running():
            command = self._command("server", f"--test-tags={tags}", "--stop-after-init")
            with self._log_file.open("ab") as log:
                subprocess.run(command, stdout=log, stderr=log, env=environment, check=False)
        log_of_tests = self.log_text()[already_logged:]
        if not ENDED.search(log_of_tests):
            raise OdooFailed(f"The tests did not come to their end.\n{self._log_tail()}")
        return log_of_tests

    def call(
        self,
        model: str,
        method: str,
        *args: Any,
        user: str = "admin",
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a model's method on the running server as `user`. Raises OdooError.

        The password is the login unless given, as it is for every user of the test books.
        """
        password = user if password is None else password
        uid = self._uids.get((user, password)) or self._log_in(user, password)
        call = (self.database, uid, password, model, method, args, kwargs)
        return self._rpc("object", "execute_kw", *call)

    def sql(self, query: LiteralString, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run SQL straight on Odoo's database and commit: the path to assert by."""
        with psycopg.connect(self.postgres.conninfo(self.database)) as connection:
            cursor = connection.execute(query, params)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def without_triggers(self, table: str) -> Iterator[None]:
        """Nothing notices what happens to the table meanwhile, as in a restore of its data."""
        self.sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        self.sql(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')

    def log_text(self) -> str:
        """All that every process of this Odoo has logged so far."""
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    @property
    def _log_file(self) -> Path:
        return self.folder / "odoo.log"

    @property
    def _configuration_file(self) -> Path:
        return self.folder / "odoo.conf"

    def _write_configuration(self) -> None:
        configuration = configparser.RawConfigParser()
        configuration["options"] = {
            "db_host": self.postgres.host,
            "db_port": str(self.postgres.port),
            "db_user": self.postgres.user,
            "db_password": self.postgres.password,
            "db_name": self.database,
            "dbfilter": f"^{self.database}$",
            "list_db": "False",
            "data_dir": str(self.folder / "data"),
            "addons_path": ",".join(map(str, self._addons)),
            "http_interface": "127.0.0.1",
            "http_port": str(self.port),
            "workers": "0",
            "with_demo": "True",  # new in 19; before, demo data is the default
        }
        if self._loaded:
            own = ["base", "rpc", "web"] if self.series >= "19.0" else ["base", "web"]
            configuration["options"]["server_wide_modules"] = ",".join([*own, *self._loaded])
        with self._configuration_file.open("w") as file:
            configuration.write(file)
        self._configuration_file.chmod(0o600)

    def _command(self, subcommand: str, *options: str) -> list[str]:
        configuration = f"--config={self._configuration_file}"
        odoo = self._installation.command
        return [*DIES_WITH_PARENT, *odoo, subcommand, configuration, *options]

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                # A login needs the database loaded, right or wrong.
                self._rpc("common", "login", self.database, "nobody", "")
            except requests.ConnectionError:
                time.sleep(0.2)
            else:
                return
        self.kill()
        raise OdooFailed(f"Odoo {self.series} does not answer.\n{self._log_tail()}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _load(self, option: str, modules: Sequence[str]) -> None:
        with self._not_running():
            self._run("server", option, ",".join(modules), "--stop-after-init", "--no-http")
        missing = set(modules) - self._installed()
        if missing:
            raise OdooFailed(f"Not installed: {', '.join(missing)}.\n{self._log_tail()}")

    def _installed(self) -> set[str]:
        rows = self.sql("SELECT name FROM ir_module_module WHERE state = 'installed'")
        return {name for (name,) in rows}

    @contextmanager
    def _not_running(self) -> Iterator[None]:
        was_running = self._process is not None
        self.stop()
        yield
        if was_running:
            self.start()

    def _run(self, subcommand: str, *options: str, stdin: str = "") -> None:
        command = self._command(subcommand, *options)
        with self._log_file.open("ab") as log:
            done = subprocess.run(
                command, input=stdin.encode(), stdout=log, stderr=log, check=False
            )
        if done.returncode:
            raise OdooFailed(f"odoo {subcommand} {' '.join(options)} failed.\n{self._log_tail()}")

    def _log_in(self, user: str, password: str) -> int:
        uid = self._rpc("common", "login", self.database, user, password)
        if not uid:
            raise OdooError("odoo.exceptions.AccessDenied", f"{user} cannot log in", "")
        self._uids[user, password] = uid
        return int(uid)

    def _rpc(self, service: str, method: str, *args: Any) -> Any:
        request: dict[str, Any] = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": args},
        }
        response = requests.post(f"{self.url}/jsonrpc", json=request, timeout=CALL_SECONDS)
        response.raise_for_status()
        reply = response.json()
        if "error" in reply:
            data = reply["error"]["data"]
            raise OdooError(data["name"], data["message"], data["debug"])
        return reply.get("result")  # a method that returns None leaves no result

    def _log_tail(self) -> str:
        return self.log_text()[-LOG_TAIL:]


SHELL_EPILOGUE = """
import json
from pathlib import Path
env.cr.commit()
Path({answer!r}).write_text(json.dumps(globals().get("result"), default=str))
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
