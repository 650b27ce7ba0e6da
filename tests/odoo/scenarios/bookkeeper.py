"""Someone who works in Odoo: does operations in the running server and pushes what they changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

from receiver.pull.scope import Scope
from receiver.pull.transport.client import OdooClient
from tests.odoo.books_script import COMPANY_A, COMPANY_B, LANGUAGE
from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.pulling import (
    PULLED,
    assert_pulled_equals_pushed,
    client_with_key,
    pull,
    pull_everything,
)
from tests.odoo.scenarios import operations
from tests.postgres import PostgresServer

Operation = Callable[..., Any]
OPERATIONS_IN_ODOO = Path(__file__).with_name("addons") / "books_operations"


class Sent(NamedTuple):
    """Of one stream in one run."""

    records: int
    deletions: int


@dataclass(frozen=True)
class Bookkeeper:
    """Works as administrator in one company of a paired Odoo, seeing both."""

    pair: Paired
    company_ids: tuple[int, ...]  # the first one is worked in
    client: OdooClient  # of the puller, into a connection beside the pushed one

    def do(self, operation: Operation, *arguments: Any, **values: Any) -> Any:
        """Run a function of operations.py in Odoo, in one transaction; its result."""
        given = (operation.__name__, arguments, values)
        return self.call("res.company", "do_operation", *given)

    def call(self, model: str, method: str, *arguments: Any) -> Any:
        """Call a public method, as the web client does."""
        context = {"allowed_company_ids": list(self.company_ids)}
        return self.pair.odoo.call(model, method, *arguments, context=context)

    def write(self, model: str, id: int, **values: Any) -> None:
        self.call(model, "write", [id], values)

    def sql(self, query: LiteralString, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.pair.odoo.sql(query, parameters)

    def items(self, entry: int) -> list[int]:
        """The entry's journal items, the ones with debit first."""
        query = "SELECT id FROM account_move_line WHERE move_id = %s ORDER BY debit = 0, id"
        return [id for (id,) in self.sql(query, entry)]

    def push(self, *, is_seen_by_pulls: bool = True) -> dict[str, Sent]:
        """Push what changed; it ties out, and every record equals Odoo's row. What was sent.

        Pull what changed too; it ties out, and every record equals the pushed one. What was changed
        past Odoo where no sum tells of it, pulls see when they read everything.
        """
        run = self.pair.push()
        assert not run["is_of_everything"], "a push of everything would hide what capture misses"
        assert_ties_out(self.pair, run)
        assert_equals_odoo(self.pair)
        self.pull()
        if not is_seen_by_pulls:
            pull_everything(self.pair, self.client, self.scope)
        assert_pulled_equals_pushed(self.pair.receiver)
        receipts = self.pair.receiver.sql(
            "SELECT stream, sum(received_count), sum(deleted_count) FROM receipts "
            f"WHERE run_id = '{run['run_id']}' GROUP BY stream"
        )
        return {stream: Sent(int(records), int(deleted)) for stream, records, deleted in receipts}

    def pull(self) -> None:
        pulled = pull(self.pair, self.client, self.scope)
        assert pulled.proof is not None
        assert pulled.proof.ties_out

    @property
    def scope(self) -> Scope:
        """Of the connection: both companies, whatever they are called by now."""
        return Scope(tuple(sorted(self.company_ids)), LANGUAGE)

    def stored(self, stream: str) -> dict[int, dict[str, Any]]:
        """What the receiver's API shows, by id."""
        return {record["id"]: record for record in self.pair.records(stream)}


@contextmanager
def bookkeepers(
    installation: Installation, postgres: PostgresServer, folder: Path
) -> Iterator[tuple[Bookkeeper, Bookkeeper]]:
    """One in Acme and one in Globex, of a fresh copy of the test books that was pushed once."""
    with paired(installation, postgres, folder, loaded=[OPERATIONS_IN_ODOO]) as pair:
        assert pair.push()["state"] == "succeeded"
        pair.receiver.add_connection(PULLED)
        client = client_with_key(pair.odoo)
        companies = (pair.company_id(COMPANY_A), pair.company_id(COMPANY_B))
        acme = Bookkeeper(pair, companies, client)
        globex = Bookkeeper(pair, companies[::-1], client)
        acme.do(operations.take_all_rights)
        acme.pull()
        yield acme, globex
