"""The documents know every stream, setting, command and target."""

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
TOOLS = (ROOT / "docs/behind-your-tools.md").read_text()


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


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:odoo_addon|receiver|tests|docker)/[^`]*)`", README)
)
def test_the_readme_names_only_what_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:odoo_addon|receiver|tests|docker)/[^`]*)`", TOOLS)
)
def test_what_was_tried_names_only_tests_that_are_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("picture", re.findall(r"\]\((docs/[^)]*)\)", README))
def test_the_readme_shows_only_what_is_there(picture: str) -> None:
    assert (ROOT / picture).exists()


def test_the_version_is_the_same_everywhere() -> None:
    manifest = ast.literal_eval((ROOT / "odoo_addon/monitr_connector/__manifest__.py").read_text())
    newest = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest
    assert manifest["version"] == newest[1]
    assert f'version = "{newest[1]}"' in (ROOT / "pyproject.toml").read_text()
