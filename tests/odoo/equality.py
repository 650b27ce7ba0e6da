"""Whether what a receiver has stored equals Odoo's books: every stream, row by row, field by field.

Both sides are read by plain SQL. All values of a row are compared as they are stored.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from monitr_wire.streams import STREAMS, Stream

from tests.odoo.independent_read import Select, selects
from tests.odoo.paired import NAME, Paired
from tests.odoo.receiver import Receiver
from tests.odoo.server import Odoo

SHOWN = 5  # differences of a stream, of maybe ten thousand
MILLIONTH = Decimal("0.000001")

Rows = dict[int, tuple[Any, ...]]


def assert_ties_out(pair: Paired, run: dict[str, Any]) -> None:
    """The run ties out, and neither it nor any before it had to repair what capture had missed."""
    assert run["state"] == "succeeded", f"{run['error']}\n{pair.odoo.log_text()[-4000:]}"
    assert json.loads(run["proof"])["ties_out"]
    assert pair.odoo.sql("SELECT run_id FROM monitr_run WHERE repaired_count > 0") == []


def assert_equals_odoo(pair: Paired) -> None:
    """Fails with the first differences of each stream: its name, id, field and both values."""
    selected = selects(pair.odoo)
    differences = [
        difference
        for stream in STREAMS
        for difference in islice(differences_of(pair, stream, selected[stream.name]), SHOWN)
    ]
    assert not differences, "\n".join(["the receiver is not equal to Odoo:", *differences])


def differences_of(pair: Paired, stream: Stream, select: Select) -> Iterator[str]:
    assert tuple(select.fields) == stream.field_names, "the independent read knows every field"
    in_odoo = rows_in_odoo(pair.odoo, select)
    stored = rows_stored(pair.receiver, stream)
    for id in sorted(in_odoo.keys() | stored.keys()):
        if in_odoo.get(id) != stored.get(id):
            yield f"{stream.name} {id}: {difference(stream, in_odoo.get(id), stored.get(id))}"


def difference(
    stream: Stream, in_odoo: tuple[Any, ...] | None, stored: tuple[Any, ...] | None
) -> str:
    if stored is None:
        return "is in Odoo only"
    if in_odoo is None:
        return "is stored only"
    return "; ".join(
        f"{name} is {ours!r} in Odoo, {theirs!r} stored"
        for name, ours, theirs in zip(stream.field_names, in_odoo, stored, strict=True)
        if ours != theirs
    )


def rows_in_odoo(odoo: Odoo, select: Select) -> Rows:
    return {row[0]: row for row in select.rows(odoo)}


def rows_stored(receiver: Receiver, stream: Stream) -> Rows:
    """The values of SQLite and PostgreSQL, brought to those that Odoo's PostgreSQL gives."""
    fields = ", ".join(f"t.{name}" for name in stream.field_names)
    rows = receiver.sql(
        f"SELECT {fields} FROM {stream.name} t "
        f"JOIN connections c ON c.id = t.connection_id WHERE c.name = '{NAME}'"
    )
    read = [READ[field.type] for field in stream.fields]
    return {row[0]: tuple(map(present, read, row)) for row in rows}


def present(read: Callable[[Any], object], value: object) -> object:
    return None if value is None else read(value)


def amount(value: int | str | Decimal) -> Decimal:
    """PostgreSQL holds decimals, SQLite whole millionths, or where these would not do a text."""
    if isinstance(value, str):
        return Decimal(value.removeprefix("d"))
    return value * MILLIONTH if isinstance(value, int) else value


def ids(value: str) -> list[int]:
    return [int(id) for id in value.split(",")]


def shares(value: str) -> dict[str, str]:
    return dict(share.split(":") for share in value.split(";"))


READ: dict[str, Callable[[Any], object]] = {
    "id": int,
    "integer": int,
    "places": int,
    "text": str,
    "boolean": bool,
    "date": str,
    "money": amount,
    "quantity": amount,
    "ids": ids,
    "codes": json.loads,
    "shares": shares,
}
