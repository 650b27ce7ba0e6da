"""The documents know every stream, setting and command, and name only what is there."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from monitr_wire.streams import STREAMS, Stream

from receiver.cli import monitr
from receiver.config import PREFIX, Config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "tests/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = (".ci", "docker", "docs", "odoo_addon", "receiver", "requirements", "tests", "tools")
FILES = [
    path.relative_to(ROOT)
    for path in (*ROOT.iterdir(), *(each for name in FOLDERS for each in (ROOT / name).rglob("*")))
    if path.is_file() and path.suffix != ".pyc"
]
# A file that was moved may leave its folder behind, with what Python compiled.
WHAT_IS_THERE = {f"/{each.as_posix()}" for file in FILES for each in (file, *file.parents)}
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|md|json|xml|sh|toml|txt|html|yaml)))`")
LINK = re.compile(r"\]\(([^):#]+)\)")
TARGET = re.compile(r"(?:^ {4}|`)(?:\w+=\S+ )*make ([a-z-]+)", re.MULTILINE)
BUILDERS = re.compile(r"\| ((?:`\w+`(?:, )?)+) in `([^`]+)`")

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_the_readme_lists_the_stream(stream: Stream) -> None:
    models = ", ".join(f"`{model}`" for model in stream.models)

    assert f"| `{stream.name}` | {stream.label} | {models} |" in README


@pytest.mark.parametrize("name", [PREFIX + field.name.upper() for field in fields(Config)])
def test_the_readme_explains_the_setting(name: str) -> None:
    assert f"| `{name}` | " in README


def test_the_readme_lists_every_command() -> None:
    listed = re.search(r"## Commands\n(.*?)\n## ", README, re.DOTALL)
    assert listed

    for name, command in monitr.commands.items():
        assert f"`monitr {name}" in listed[1]
        for subcommand in getattr(command, "commands", {}):
            assert re.search(rf"`(monitr {name} )?{subcommand}`", listed[1]), (name, subcommand)


@each_document
def test_a_document_names_only_what_is_there(document: Path) -> None:
    """A path from the top, or its last parts where the sentence says in which folder."""
    named = PATH.findall(document.read_text())

    assert [path for path in named if not _is_there(path.rstrip("/"))] == []


@each_document
def test_a_document_links_only_to_what_is_there(document: Path) -> None:
    addresses = LINK.findall(document.read_text())

    assert [address for address in addresses if not (document.parent / address).exists()] == []


@each_document
def test_a_document_names_only_targets_of_make(document: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert set(TARGET.findall(document.read_text())) - set(targets) == set()


def test_the_builders_for_tests_are_where_their_list_says() -> None:
    listed = BUILDERS.findall((ROOT / "tests/README.md").read_text())

    assert listed
    for names, file in listed:
        for name in re.findall(r"\w+", names):
            assert re.search(rf"^(def|class) {name}\b", (ROOT / file).read_text(), re.MULTILINE), (
                name
            )


def _is_there(path: str) -> bool:
    if path.partition("/")[0] in FOLDERS:
        return f"/{path}" in WHAT_IS_THERE
    return any(each.endswith(f"/{path}") for each in WHAT_IS_THERE)


def test_the_story_of_a_pull_names_each_file_of_it_and_twelve_at_most() -> None:
    """How an Odoo is connected (setup) and spoken with (transport) are stories of their own."""
    named = {path for path in story("A pull") if path.startswith("receiver/pull/")}
    pull = ROOT / "receiver" / "pull"
    files = {file for room in (pull, pull / "extract") for file in room.glob("[!_]*.py")}

    assert {file.relative_to(ROOT).as_posix() for file in files} <= named
    assert len({path for path in named if "/setup/" not in path and "login" not in path}) <= 12


def test_the_story_of_a_page_names_twelve_files_at_most() -> None:
    assert 1 < len(story("One page of a report")) <= 12


def story(title: str) -> set[str]:
    """The files that the steps of one of the architecture's stories name."""
    text = (ROOT / "docs" / "architecture.md").read_text().split(f"### {title}\n")[1]
    steps = text.split("\n1. ")[1].split("\n\n")[0]
    return {path for path in PATH.findall(steps) if path.endswith((".py", ".html"))}


def test_the_version_is_the_same_everywhere() -> None:
    manifest = ast.literal_eval((ROOT / "odoo_addon/monitr_connector/__manifest__.py").read_text())
    newest = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest
    assert manifest["version"] == newest[1]
    assert f'version = "{newest[1]}"' in (ROOT / "pyproject.toml").read_text()
