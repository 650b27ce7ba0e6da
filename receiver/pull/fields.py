"""Which Odoo fields a stream is read from, and how a row of them becomes a line of the contract.

Everything is asked of the running Odoo (``fields_get``), as the addon's columns.py does in SQL.
"""

from dataclasses import dataclass
from functools import cached_property

from monitr_wire.records import encode_record
from monitr_wire.streams import Field, Stream

from receiver.errors import InvalidRecord, MonitrError
from receiver.pull.distrust import UNREADABLE
from receiver.pull.rules import RULES, Described, Source
from receiver.pull.scope import OdooInScope, Row
from receiver.pull.values import READ, Read, read_float8
from receiver.sentence import Sentence

ATTRIBUTES = ("type", "store", "relation", "digits", "translate")
LISTS_OF_IDS = ("many2many", "one2many")


@dataclass(frozen=True)
class StreamInOdoo:
    """A stream as this Odoo has it."""

    stream: Stream
    model: str
    described: Described
    sources: dict[str, Source]  # {field of the contract: where it comes from}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The Odoo fields to read, ``id`` first."""
        names = {name for source in self.sources.values() for name in source.names}
        return ("id", *sorted(names - {"id"}))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Those that Odoo's database holds in columns."""
        return tuple(name for name in self.names if _is_column(self.described[name]))

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Those that are lists of ids, in tables of their own."""
        return tuple(n for n in self.names if self.described[n]["type"] in LISTS_OF_IDS)

    @cached_property
    def translated(self) -> tuple[str, ...]:
        """Those that have a text in each language."""
        return tuple(name for name in self.columns if self.described[name].get("translate"))

    def encode(self, row: Row) -> bytes:
        """The row's line, with its newline. Raises InvalidRecord where Odoo's values are none."""
        record: dict[str, object] = {}
        for name, source in self.sources.items():
            try:
                record[name] = source.make(row)
            except UNREADABLE as error:
                raise self._unreadable(row, name) from error
        try:
            return encode_record(self.stream, record).encode() + b"\n"
        except UNREADABLE as error:
            raise self._unreadable(row, Sentence("a value")) from error

    def _unreadable(self, row: Row, what: str | Sentence) -> InvalidRecord:
        id = row.get("id")
        shown = str(id) if isinstance(id, int) else Sentence("of unknown id")
        return InvalidRecord(
            "Odoo answered with a value that is none: %(model)s %(id)s, %(what)s.",
            path=f"{self.stream.name}/{shown}/{what}",
            model=self.model,
            id=shown,
            what=what,
        )


def stream_in_odoo(odoo: OdooInScope, stream: Stream) -> StreamInOdoo:
    """Raises InvalidRecord where Odoo's answer is none, and whatever the client raises."""
    model, described = _describe(odoo, stream)
    try:
        sources = {field.name: _source(odoo, described, field) for field in stream.fields}
    except UNREADABLE as error:
        raise InvalidRecord(
            "Odoo answered with values that are none, for %(model)s.", model=model
        ) from error
    known = StreamInOdoo(stream, model, described, sources)
    if missing := sorted({*known.names} - described.keys()):
        raise InvalidRecord(
            "Odoo does not show this user %(field)s.", field=f"{model}.{missing[0]}"
        )
    return known


def _describe(odoo: OdooInScope, stream: Stream) -> tuple[str, Described]:
    """The first of the stream's models that this Odoo has; of others it says that there are none.

    What else may be wrong is said again for the last of them.
    """
    *preferred, last = stream.models
    for model in preferred:
        try:
            return model, odoo.describe(model, ATTRIBUTES)
        except MonitrError:
            continue
    return last, odoo.describe(last, ATTRIBUTES)


def _source(odoo: OdooInScope, described: Described, field: Field) -> Source:
    if field.rule:
        return RULES[field.rule](odoo, described)
    name = next((n for n in field.source if _is_column(described.get(n))), None)
    if name is None:
        return Source((), lambda _row: None)
    read = _read_of(field, described[name])
    return Source((name,), lambda row: read(row[name]))


def _is_column(described: Row | None) -> bool:
    return bool(described and described["store"] and described["type"] not in LISTS_OF_IDS)


def _read_of(field: Field, described: Row) -> Read:
    """A float without a precision is a floating point number in Odoo's database."""
    if described["type"] == "float" and not described.get("digits"):
        return read_float8
    return READ[field.type]
