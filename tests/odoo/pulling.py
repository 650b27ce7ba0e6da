"""A pull into a connection beside the pushed one, and whether both hold the same rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from monitr_wire.streams import STREAMS, Stream
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection, get_connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.pull.pull_positions import forget_positions
from receiver.errors import MonitrError
from receiver.pull import pull as pulling
from receiver.pull.pull import Pulled
from receiver.pull.run import Tell
from receiver.pull.scope import Scope
from receiver.pull.setup.connect import open_odoo
from receiver.pull.transport.client import OdooClient
from receiver.pull.transport.login import Access
from tests.odoo.api_keys import key_of
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B, LANGUAGE
from tests.odoo.paired import NAME, Paired
from tests.odoo.receiver import Receiver
from tests.odoo.server import Odoo, OdooError

PULLED = "pulled"
SHOWN = 5  # differences of a stream, of maybe ten thousand

Rows = dict[int, tuple[Any, ...]]


class RefusedByOdoo(MonitrError):
    pass


@dataclass
class CallingOdoo:
    """Calls over JSON-RPC as one user and counts what; `refused` methods Odoo does not have.

    `meanwhile` is what somebody does in Odoo right before each call.
    """

    odoo: Odoo
    user: str = ACCOUNTANT_AB
    refused: tuple[str, ...] = ()
    meanwhile: Callable[[str, str], None] = lambda _model, _method: None
    called: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def series(self) -> str:
        return self.odoo.series

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        self.called[model, method] += 1
        self.meanwhile(model, method)
        if method in self.refused:
            raise RefusedByOdoo(method)
        positional = [] if ids is None else [list(ids)]
        try:
            return self.odoo.call(model, method, *positional, user=self.user, **arguments)
        except OdooError as error:
            raise RefusedByOdoo(str(error)) from error


def both_companies(pair: Paired) -> Scope:
    return Scope((pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)), LANGUAGE)


def pull(
    pair: Paired,
    client: OdooClient,
    scope: Scope | None = None,
    into: str = PULLED,
    tell: Tell = lambda _progress: None,
) -> Pulled:
    with connected(pair, into) as (engine, connection):
        return pulling.pull(engine, connection, client, scope or both_companies(pair), tell)


def pull_everything(
    pair: Paired, client: OdooClient, scope: Scope | None = None, into: str = PULLED
) -> Pulled:
    with connected(pair, into) as (engine, connection), writing(engine) as db:
        forget_positions(db, connection.id)
    return pull(pair, client, scope, into)


@contextmanager
def connected(pair: Paired, name: str) -> Iterator[tuple[Engine, Connection]]:
    engine = make_engine(pair.receiver.database_url)
    try:
        with reading(engine) as db:
            connection = get_connection(db, name)
        yield engine, connection
    finally:
        engine.dispose()


@contextmanager
def stored_access(pair: Paired) -> Iterator[None]:
    """As of a connection that was made with an API key; no worker pulls it."""
    pair.receiver.execute(
        "INSERT INTO odoo_accesses (connection_id, url, database_name, username, encrypted_api_key,"
        " language, company_ids, checked_at, pull_every_minutes) SELECT id, '', '', '', '', '', '',"
        f" created_at, 0 FROM connections WHERE name = '{PULLED}'"
    )
    try:
        yield
    finally:
        pair.receiver.execute("DELETE FROM odoo_accesses")


def client_with_key(odoo: Odoo) -> OdooClient:
    """A real client of the running Odoo, by the best way that its series offers."""
    access = Access(odoo.url, odoo.database, ACCOUNTANT_AB, key_of(odoo, ACCOUNTANT_AB))
    return open_odoo(access, allow_private=True).client


def assert_pulled_equals_pushed(receiver: Receiver) -> None:
    """Fails with the first differences of each stream: its name, id, field and both values."""
    differences = [
        difference
        for stream in STREAMS
        if not _are_equal(receiver, stream)
        for difference in islice(_differences(receiver, stream), SHOWN)
    ]
    assert not differences, "\n".join(["what is pulled is not what is pushed:", *differences])


def _are_equal(receiver: Receiver, stream: Stream) -> bool:
    """Every field of every row, compared in the database: a test may do so a hundred times."""
    pushed, pulled = (_select(stream, name) for name in (NAME, PULLED))
    return not any(
        receiver.sql(f"SELECT 1 WHERE EXISTS ({one} EXCEPT {other})")
        for one, other in ((pushed, pulled), (pulled, pushed))
    )


def stored(receiver: Receiver, stream: Stream, connection: str) -> Rows:
    """``{id: (digest, every field)}`` as the database holds them."""
    return {row[1]: row for row in receiver.sql(_select(stream, connection))}


def _select(stream: Stream, connection: str) -> str:
    fields = ", ".join(f"t.{name}" for name in stream.field_names)
    return (
        f"SELECT t.digest, {fields} FROM {stream.name} t "
        f"JOIN connections c ON c.id = t.connection_id WHERE c.name = '{connection}'"
    )


def _differences(receiver: Receiver, stream: Stream) -> Iterator[str]:
    pushed, pulled = (stored(receiver, stream, name) for name in (NAME, PULLED))
    for id in sorted(pushed.keys() | pulled.keys()):
        if pushed.get(id) != pulled.get(id):
            yield f"{stream.name} {id}: {_difference(stream, pushed.get(id), pulled.get(id))}"


def _difference(
    stream: Stream, pushed: tuple[Any, ...] | None, pulled: tuple[Any, ...] | None
) -> str:
    if pulled is None:
        return "is pushed only"
    if pushed is None:
        return "is pulled only"
    return "; ".join(
        f"{name} is {ours!r} pushed, {theirs!r} pulled"
        for name, ours, theirs in zip(("digest", *stream.field_names), pushed, pulled, strict=True)
        if ours != theirs
    )
