"""Reporting structures as JSON: as they are stored, and as the templates to start from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import count
from typing import Any

from receiver.accounting.shared.statement_kinds import STATEMENTS
from receiver.accounting.structures.structure import Line, Structure
from receiver.errors import NotFound

TEMPLATES = ("international", "belgian", "dutch")
EMPTY = "empty"  # a template too: the computed earnings alone, to build upon
FOLDER = files("receiver.accounting.structures") / "templates"
LANGUAGE = "en"  # of names where the wanted one is not there

Json = Mapping[str, Any]


def encode_structure(structure: Structure) -> str:
    lines = [asdict(line) for line in structure.lines]
    return json.dumps({"lines": lines, "mapping": structure.mapping}, ensure_ascii=False)


def decode_structure(content: str) -> Structure:
    read = json.loads(content)
    mapping = {
        statement: {int(id): line_id for id, line_id in line_of.items()}
        for statement, line_of in read["mapping"].items()
    }
    return Structure(tuple(_line(line) for line in read["lines"]), mapping)


def template_name(template: str, language: str = LANGUAGE) -> str:
    """Raises NotFound."""
    return _in_language(_read(template)["name"], language)


def from_template(template: str, language: str = LANGUAGE) -> Structure:
    """A structure without accounts; ``language`` is like "nl" or "nl_BE". Raises NotFound."""
    ids = count(1)
    statements = _read(template)["statements"]
    lines = [
        line
        for statement in STATEMENTS
        for line in _lines(statements[statement], statement, None, language, ids)
    ]
    return Structure(tuple(lines), {statement: {} for statement in STATEMENTS})


def _read(template: str) -> Json:
    if template not in (*TEMPLATES, EMPTY):
        raise NotFound(
            "There is no template of that name. Choose one of: %(templates)s.",
            templates=tuple(TEMPLATES),
        )
    return dict(json.loads((FOLDER / f"{template}.json").read_text("utf-8")))


def _lines(
    entries: Sequence[Json],
    statement: str,
    parent_id: int | None,
    language: str,
    ids: Iterator[int],
) -> Iterator[Line]:
    for entry in entries:
        line = Line(
            id=next(ids),
            statement=statement,
            parent_id=parent_id,
            name=_in_language(entry["name"], language),
            is_credit_positive=entry["is_credit_positive"],
            types=tuple(entry.get("types", ())),
            code_prefixes=tuple(entry.get("code_prefixes", ())),
            figure=entry.get("figure"),
        )
        yield line
        yield from _lines(entry.get("lines", ()), statement, line.id, language, ids)


def _in_language(names: Mapping[str, str], language: str) -> str:
    return names.get(language.partition("_")[0], names[LANGUAGE])


def _line(read: Json) -> Line:
    lists = {name: tuple(read[name]) for name in ("types", "code_prefixes")}
    return Line(**{**read, **lists})
