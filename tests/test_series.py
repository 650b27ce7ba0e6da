"""A series is looked at in a few tables alone; everything else asks what is there, or passes it on.

What may differ, and where it stands: `docs/recipes.md`, "An Odoo series".
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("receiver", "odoo_addon")
ADDON = "odoo_addon/monitr_connector"
TABLES = {
    f"{ADDON}/wire/streams.py",  # data
    f"{ADDON}/wire/series.py",  # what follows from the number alone
    f"{ADDON}/series.py",  # Odoo's framework
    f"{ADDON}/tests/series.py",  # its framework for tests
}
OTHERS = (".xml", ".csv", ".sql", ".html", ".txt", ".json")
VENDORED = "receiver/web/static/"

WORDS = {"series", "major"}  # of a name
NAMES = {"version", "odoo_version"}
ODOOS_OWN = {"version_info", "server_version_info", "server_serie"}
CASTS = {"int", "float", "str", "tuple", "Version"}
TAKES_APART = {
    *("split", "rsplit", "partition", "rpartition", "startswith", "endswith"),
    *("removeprefix", "removesuffix", "replace", "strip", "lstrip", "rstrip"),
}
LITERAL = re.compile(r"(?:saas[~-])?[12][0-9]\.[0-9]")
IN_TEXT = re.compile(
    r"(?P<literal>[\"'](?:saas[~-])?[12][0-9]\.[0-9][\"'])"
    r"|\b(?:version_info|server_version_info|server_serie)\b"
    r"|\b(?:connection|client|odoo|release)\.(?:series|version)\s*(?:[=!<>]=?|\[|\.|\bin\b|\||\()"
)


def looks(source: str) -> list[int]:
    """The lines of Python that look at a series, but for where it is only passed on."""
    tree = ast.parse(source)
    docstrings = {id(each) for each in _docstrings(tree)}
    return sorted(
        {
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.expr | ast.stmt) and id(node) not in docstrings and _looks(node)
        }
    )


def looks_in_text(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if IN_TEXT.search(line)]


def _docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))


def _looks(node: ast.AST) -> bool:
    return _is_written_down(node) or _is_asked_of_odoo(node) or _decides(node) or _takes_apart(node)


def _is_written_down(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str() as text):
            return bool(LITERAL.fullmatch(text)) or text in ODOOS_OWN
    return False


def _is_asked_of_odoo(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(_is_odoos_version(each.name) for each in names)
        case ast.ImportFrom(module=module, names=names):
            return any(_is_odoos_version(f"{module}.{each.name}") for each in names)
        case ast.Attribute(value=ast.Name(id="odoo"), attr="release"):
            return True
        case ast.Attribute(attr=name):
            return name in ODOOS_OWN
    return False


def _decides(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return False  # whether it is known
        case ast.Compare(left=left, comparators=others):
            return any(_is_series(each) for each in (left, *others))
        case ast.Match(subject=subject):
            return _is_series(subject)
        case ast.Call(func=ast.Attribute(attr="get"), args=arguments):
            return any(_is_series(each) for each in arguments)
    return False


def _takes_apart(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=value, slice=key):
            return _is_series(value) or _is_series(key)
        case ast.Call(func=ast.Attribute(attr=name)) if name in TAKES_APART:
            return _is_series(node)
        case ast.Call(func=ast.Name(id=name)) if name in CASTS - {"str"}:
            return _is_series(node)
    return False


def _is_odoos_version(dotted: str) -> bool:
    is_odoos = dotted.startswith(("odoo.release", "odoo.service.common"))
    return is_odoos or dotted.endswith(".major_of")


def _is_series(node: ast.AST) -> bool:
    """Whether the value is a series, or a part of one."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _is_named(name)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _is_named(name) or (name in CASTS and any(map(_is_series, arguments)))
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in TAKES_APART:
            return _is_series(value)
        case ast.Subscript(value=value):
            return _is_series(value)
    return False


def _is_named(name: str) -> bool:
    return bool(WORDS & {*name.lower().split("_")}) or name in NAMES | ODOOS_OWN


def test_only_the_tables_look_at_a_series() -> None:
    found = []
    for path in _files():
        look = looks if path.suffix == ".py" else looks_in_text
        name = path.relative_to(ROOT).as_posix()
        if name not in TABLES:
            found += [f"{name}:{line}" for line in look(path.read_text())]

    assert found == []


def test_the_tables_are_there_and_look_at_a_series() -> None:
    assert [name for name in TABLES if not looks((ROOT / name).read_text())] == []


def test_outside_its_table_the_addon_does_not_feel_for_odoos_framework() -> None:
    """A field may be looked for, which is data; a method of Odoo's is for the table."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _files()
        if path.is_relative_to(ROOT / ADDON) and path.suffix == ".py"
        if path.relative_to(ROOT).as_posix() not in TABLES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "hasattr"
    ]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "if series == '14.0': pass",
        "OLD = ('14.0', '15.0')",
        "is_new = series >= SINCE",
        "is_new = int(connection.series.partition('.')[0]) >= 16",
        "is_new = float(connection.series) >= 16",
        "major = int(client.series[:2])",
        "if connection.series in OLD: pass",
        "if connection.series.startswith(FIRST): pass",
        "path = PATHS[series]",
        "path = PATHS.get(series)",
        "match series:\n    case _: pass",
        "if major < 18: pass",
        "if _major(series) < SINCE: pass",
        "if int(found[1]) < OLDEST_MAJOR: pass",
        "if version >= (16, 0): pass",
        "from odoo import release",
        "from odoo.release import version_info",
        "import odoo.service.common",
        "from monitr_wire.series import major_of",
        "from .wire.series import major_of",
        "is_new = odoo.release.version_info[0] >= 16",
        "is_new = MAJOR >= 16",
    ],
)
def test_it_finds_what_looks_at_a_series(code: str) -> None:
    assert looks(code) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "send(series=connection.series)",
        "if series is None: pass",
        "if not connection.series: pass",
        "'''14.0'''",
        "raise Wrong('Odoo 14.0 and later')",
        "from . import series",
        "series.can_read(model)",
        "sign = line.is_positive == series.is_positive",
        "is_known = contract == CONTRACT_VERSION",
    ],
)
def test_it_lets_a_series_be_passed_on(code: str) -> None:
    assert looks(code) == []


@pytest.mark.parametrize(
    "text",
    [
        "{% if connection.series >= '18.0' %}",
        "{% if connection.series.startswith(old) %}",
        "{{ standing.connection.series | int }}",
        '<record eval="odoo.release.version_info[0] &gt;= 17"/>',
    ],
)
def test_it_finds_templates_and_data_that_look_at_a_series(text: str) -> None:
    assert looks_in_text(text) == [1]


def _files() -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in (".py", *OTHERS)
        if not path.is_relative_to(ROOT / VENDORED)
    ]
