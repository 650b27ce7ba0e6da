"""Which Odoo fields a stream is read from, and how a row of them becomes a line of the contract.

Everything is asked of the running Odoo (``fields_get``), as the addon's columns.py does in SQL.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from monitr_wire.records import encode_record
from monitr_wire.streams import Field, Stream
from monitr_wire.values import ABSENT, TYPES, encode_value, escape

from receiver.errors import InvalidRecord, MonitrError
from receiver.pull.extract.rules import RULES, Described, Source
from receiver.pull.extract.values import (
    READ,
    Read,
    may_be_cut,
    padded_date,
    read_quantity_of_float8,
)
from receiver.pull.scope import OdooInScope, Row
from receiver.pull.transport.client import UNREADABLE, distrusting

ATTRIBUTES = ("type", "store", "relation", "digits", "translate")
NO_VALUE = "\\ "  # no type has a value that begins so
LISTS_OF_IDS = ("many2many", "one2many")
SOURCE_LANGUAGE = "en_US"  # Odoo has every text in it


@dataclass(frozen=True)
class Unreadable:
    """What stands for a value that cannot be read, or is read as another one."""

    why: str = "Odoo cannot read it"

    def __str__(self) -> str:
        return self.why


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
        """Fields that Odoo's database holds in columns."""
        return tuple(name for name in self.names if _is_column(self.described[name]))

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """The contract's fields that Odoo computes where it used to store them."""
        plain = {field.name for field in self.stream.fields if not field.rule}
        return tuple(
            name
            for name, source in self.sources.items()
            if name in plain and not {*source.names} <= {*self.columns}
        )

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Fields that are lists of ids, in tables of their own."""
        return tuple(n for n in self.names if self.described[n]["type"] in LISTS_OF_IDS)

    @cached_property
    def dates(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if self.described[name]["type"] == "date")

    @cached_property
    def translated(self) -> tuple[str, ...]:
        """Fields that have a text in each language."""
        return tuple(name for name in self.columns if self.described[name].get("translate"))

    def encode(self, row: Row) -> bytes:
        """The row's line, with its newline. A value that is none stands in it as Odoo gave it: that
        breaks the contract. Raises InvalidRecord where the row has no id."""
        if not isinstance(row.get("id"), int) or row["id"] < 1:
            raise InvalidRecord(
                "Odoo answered with a row of %(model)s without an id.", model=self.model
            )
        if lacking := sorted({*self.names} - row.keys()):
            raise InvalidRecord(
                "Odoo answered with a row of %(model)s without %(field)s.",
                model=self.model,
                field=lacking[0],
            )
        try:
            if any(isinstance(value, Unreadable) for value in row.values()):
                raise ValueError("Odoo cannot read all of it")
            values = {name: source.make(row) for name, source in self.sources.items()}
            return encode_record(self.stream, values).encode() + b"\n"
        except UNREADABLE:
            texts = [self._text(field, row) for field in self.stream.fields]
            return "\t".join(texts).encode(errors="backslashreplace") + b"\n"

    def _text(self, field: Field, row: Row) -> str:
        source = self.sources[field.name]
        given = [row[name] for name in source.names]
        if not any(isinstance(value, Unreadable) for value in given):
            with suppress(*UNREADABLE):  # then what was given is what the contract refuses
                return encode_value(field.type, source.make(row))
        text = escape(", ".join(map(str, given)))
        is_valid = re.fullmatch(TYPES[field.type].pattern, text)
        return NO_VALUE + text if is_valid or text in ("", ABSENT) else text


def encode_rows(odoo: OdooInScope, known: StreamInOdoo, rows: list[Row]) -> bytes:
    """Their lines, with what else must be asked of Odoo for them. Raises InvalidOdooAnswer."""
    with distrusting():
        _fill_translations(odoo, known, rows)
        _check_dates(odoo, known, rows)
        return b"".join(map(known.encode, rows))


def _fill_translations(odoo: OdooInScope, known: StreamInOdoo, rows: list[Row]) -> None:
    """A text that is empty in the language is taken from the source language."""
    for name in known.translated:
        empty = [row for row in rows if not row[name]]
        if not empty:
            continue
        domain = [("id", "in", [row["id"] for row in empty])]
        context = odoo.scope.context(language=SOURCE_LANGUAGE)
        found = odoo.search_read(known.model, domain, [name], context=context)
        texts = {row["id"]: row[name] for row in found}
        for row in empty:
            row[name] = texts.get(row["id"])


def _check_dates(odoo: OdooInScope, known: StreamInOdoo, rows: list[Row]) -> None:
    """A date that Odoo does not find by what it says of it is another one, cut."""
    for name in known.dates:
        doubtful = [row for row in rows if may_be_cut(row.get(name))]
        if not doubtful:
            continue
        domain = [
            ("id", "in", [row["id"] for row in doubtful]),
            (name, "in", sorted({padded_date(row[name]) for row in doubtful})),
        ]
        found = odoo.search_read(known.model, domain, ["id"])
        found_ids = {row["id"] for row in found}
        for row in doubtful:
            if row["id"] not in found_ids:
                row[name] = Unreadable()


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
    known = [name for name in field.source if name in described]
    # What an addon made computed is read as Odoo computes it, for want of a column.
    name = next((n for n in known if _is_column(described[n])), next(iter(known), None))
    if name is None:
        return Source((), lambda _row: None)
    read = _read_of(field, described[name])
    return Source((name,), lambda row: read(row[name]))


def _is_column(described: Row) -> bool:
    return bool(described["store"] and described["type"] not in LISTS_OF_IDS)


def _read_of(field: Field, described: Row) -> Read:
    """A float without a precision is a floating point number in Odoo's database."""
    if described["type"] == "float" and not described.get("digits"):
        return read_quantity_of_float8
    return READ[field.type]
