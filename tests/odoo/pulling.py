"""A pull into a connection beside the pushed one, and whether both hold the same rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from monitr_wire.streams import STREAMS, Stream

from receiver.db.connections import get_connection
from receiver.db.engine import make_engine, reading
from receiver.errors import MonitrError
from receiver.pull import pull as pulling
from receiver.pull.pull import Pulled
from receiver.pull.scope import Scope
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
    pair: Paired, client: CallingOdoo, scope: Scope | None = None, into: str = PULLED
) -> Pulled:
    engine = make_engine(pair.receiver.database_url)
    try:
        with reading(engine) as db:
            connection = get_connection(db, into)
        return pulling.pull(engine, connection, client, scope or both_companies(pair))
    finally:
        engine.dispose()


def assert_pulled_equals_pushed(receiver: Receiver) -> None:
    """Fails with the first differences of each stream: its name, id, field and both values."""
    differences = [
        difference
        for stream in STREAMS
        for difference in islice(_differences(receiver, stream), SHOWN)
    ]
    assert not differences, "\n".join(["what is pulled is not what is pushed:", *differences])


def stored(receiver: Receiver, stream: Stream, connection: str) -> Rows:
    """``{id: (digest, every field)}`` as the database holds them."""
    fields = ", ".join(f"t.{name}" for name in stream.field_names)
    rows = receiver.sql(
        f"SELECT t.digest, {fields} FROM {stream.name} t "
        f"JOIN connections c ON c.id = t.connection_id WHERE c.name = '{connection}'"
    )
    return {row[1]: row for row in rows}


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
