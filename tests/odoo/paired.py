"""An Odoo with the addon and a receiver, paired: what an administrator does, through Odoo's API."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B, LANGUAGE
from tests.odoo.installations import Installation
from tests.odoo.receiver import Receiver
from tests.odoo.server import Odoo, OdooError
from tests.postgres import PostgresServer

NAME = "acme"
SERIES_ON_POSTGRESQL = "19.0"  # the other series push into SQLite


@dataclass(frozen=True)
class SettingsPage:
    """The addon's settings page in a running Odoo."""

    odoo: Odoo

    def connect(self, connection_key: str) -> None:
        """Fill in the page, for both companies of the test books."""
        self.set_key(connection_key)
        companies = [self.company_id(COMPANY_A), self.company_id(COMPANY_B)]
        self.set(
            user_id=self.user_id(ACCOUNTANT_AB),
            company_ids=[(6, 0, companies)],
            language=LANGUAGE,
        )

    def set_key(self, connection_key: str) -> None:
        self.odoo.call("monitr.connection", "set_key", [self._id()], connection_key)

    def set(self, **settings: Any) -> None:
        """Change settings and save."""
        self.odoo.call("monitr.connection", "write", [self._id()], settings)

    def push(self) -> dict[str, Any]:
        """Press Push now until the run has ended; the run."""
        while True:
            self.press_push_now()
            run = self.last_run()
            if run["state"] != "running":
                return run

    def press_push_now(self, context: dict[str, str] | None = None) -> None:
        """Raises OdooError with the sentence that is shown where the push failed."""
        more = {"context": context} if context else {}
        answer = self.odoo.call("monitr.connection", "action_push_now", [self._id()], **more)
        if isinstance(answer, dict):
            shown = answer["params"]
            assert shown["next"] == {"type": "ir.actions.act_window_close"}, "it is read again"
            raise OdooError("display_notification", shown["message"], "")

    def test_connection(self) -> str:
        """Press Test connection; the sentence that is shown."""
        answer = self.odoo.call("monitr.connection", "action_test_connection", [self._id()])
        return str(answer["params"]["message"])

    def last_run(self) -> dict[str, Any]:
        runs = self.odoo.call("monitr.run", "search_read", [], limit=1)
        return dict(runs[0]) if runs else {}

    def user_id(self, login: str) -> int:
        return int(self.odoo.sql("SELECT id FROM res_users WHERE login = %s", [login])[0][0])

    def company_id(self, name: str) -> int:
        return int(self.odoo.sql("SELECT id FROM res_company WHERE name = %s", [name])[0][0])

    def _id(self) -> int:
        return int(self.odoo.sql("SELECT id FROM monitr_connection")[0][0])


@dataclass(frozen=True)
class Paired(SettingsPage):
    """The same, connected to a receiver."""

    receiver: Receiver

    def records(self, stream: str) -> list[dict[str, Any]]:
        return self.receiver.records(NAME, stream)


@contextmanager
def paired(
    installation: Installation,
    postgres: PostgresServer,
    folder: Path,
    *,
    loaded: Sequence[Path] = (),
) -> Iterator[Paired]:
    """A copy of the test books with the addon installed and connected, everything running."""
    with (
        copy_of_books_with_addon(installation, postgres, folder / "odoo", loaded=loaded) as odoo,
        running_receiver(installation.series, postgres, folder, odoo.database) as receiver,
    ):
        odoo.start()
        pair = Paired(odoo, receiver)
        pair.connect(receiver.add_connection(NAME))
        yield pair


@contextmanager
def running_receiver(
    series: str, postgres: PostgresServer, folder: Path, name: str
) -> Iterator[Receiver]:
    database = f"receiver_{name}"
    is_on_postgresql = series == SERIES_ON_POSTGRESQL
    if is_on_postgresql:
        postgres.create_database(database)
    receiver = Receiver(folder / "receiver", postgres.url(database) if is_on_postgresql else None)
    try:
        receiver.start()
        yield receiver
    finally:
        receiver.kill()
        if is_on_postgresql:
            postgres.drop_database(database)
