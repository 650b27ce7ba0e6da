"""The files in docker/ are right by the word of their formats. No engine needed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCKER = Path(__file__).parents[2] / "docker"
TOOLS = Path(sys.executable).parent


def test_the_dockerfile_has_no_lint() -> None:
    lint = run(TOOLS / "hadolint", "--no-color", DOCKER / "Dockerfile")

    assert lint.stdout == ""
    assert lint.returncode == 0


@pytest.mark.parametrize("name", ["compose.yaml", "compose.odoo.yaml"])
def test_a_compose_file_follows_the_compose_specification(name: str) -> None:
    check = run(
        TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / name
    )

    assert check.returncode == 0, check.stdout


@pytest.mark.parametrize("name", ["compose.yaml", "compose.odoo.yaml"])
def test_the_readme_names_every_variable_of_a_compose_file(name: str) -> None:
    variables = set(re.findall(r"\$\{(\w+)", (DOCKER / name).read_text()))

    readme = (DOCKER / "README.md").read_text()
    assert variables
    assert [variable for variable in variables if f"`{variable}" not in readme] == []


def test_new_secrets_closes_the_folder_to_other_users(tmp_path: Path) -> None:
    make_secrets(tmp_path)

    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_new_secrets_puts_one_password_into_both_places(tmp_path: Path) -> None:
    secrets = make_secrets(tmp_path)

    password = secrets["database_password"]
    assert len(password) >= 40
    assert secrets["database_url"] == f"postgresql+psycopg://monitr:{password}@db:5432/monitr"


def test_new_secrets_differ_from_place_to_place(tmp_path: Path) -> None:
    here = make_secrets(tmp_path / "here")
    there = make_secrets(tmp_path / "there")

    assert all(here[name] != there[name] for name in here if here[name])
    assert here["root_certificate"] == "", "that is the proxy's to make"


def test_new_secrets_keeps_the_ones_that_exist(tmp_path: Path) -> None:
    before = make_secrets(tmp_path)

    assert make_secrets(tmp_path) == before


def make_secrets(folder: Path) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    script = folder / "new-secrets.sh"
    script.write_text((DOCKER / "new-secrets.sh").read_text())
    subprocess.run(["sh", script], check=True)
    return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}


def run(*command: str | os.PathLike[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
