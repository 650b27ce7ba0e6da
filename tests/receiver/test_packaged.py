"""What is installed is all of the receiver, and not only what its source folder holds."""

import tomllib
from pathlib import Path

import receiver

FOLDER = Path(receiver.__file__).parent


def test_every_package_of_the_receiver_is_installed() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())
    folders = {found.parent.relative_to(FOLDER.parent) for found in FOLDER.rglob("__init__.py")}

    listed = project["tool"]["setuptools"]["packages"]

    assert sorted(listed) == sorted(
        [".".join(folder.parts) for folder in folders] + ["monitr_wire"]
    )


def test_every_file_of_the_receiver_is_in_a_package() -> None:
    outside = [path for path in FOLDER.rglob("*.py") if not (path.parent / "__init__.py").exists()]

    assert outside == []
