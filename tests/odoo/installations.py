"""Which Odoo series can be run on this machine, and how each is started.

14.0 and 19.0 are fetched on first use. MONITR_TEST_ODOO_15=/path/to/odoo (a folder with odoo-bin)
adds a series or replaces a fetched one; MONITR_TEST_ODOO_15_PYTHON names its interpreter, which is
else the folder's own virtual environment or python3.
"""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.postgres import cache_folder

FETCH = Path(__file__).parent / "fetch_odoo.sh"
FETCHED_SERIES = ("14.0", "19.0")
ALL_SERIES = ("14.0", "15.0", "16.0", "17.0", "18.0", "19.0")
EXIT_UNAVAILABLE = 3  # of fetch_odoo.sh: not to be had here, as opposed to a fault


class Unavailable(Exception):
    """This series cannot be had on this machine; the message names what it needs."""


@dataclass(frozen=True)
class Installation:
    """An Odoo that can be started by `command`; `addons` are those beside its core."""

    series: str
    version: str
    command: tuple[str, ...]
    addons: tuple[Path, ...] = ()


def series_under_test() -> tuple[str, ...]:
    """The series the tests run on, oldest first."""
    return tuple(series for series in ALL_SERIES if series in FETCHED_SERIES or _source_of(series))


@cache
def installation_of(series: str) -> Installation:
    """The Odoo of this series, fetched when it is not there yet. Raises Unavailable."""
    source = _source_of(series)
    return _fetch(series) if source is None else _from_source(series, source)


def _fetch(series: str) -> Installation:
    fetched = subprocess.run([FETCH, series], capture_output=True, text=True, check=False)
    if fetched.returncode == EXIT_UNAVAILABLE:
        sentence = fetched.stderr.strip().splitlines()[-1]
        raise Unavailable(sentence.removeprefix(f"Odoo {series} needs "))
    if fetched.returncode:
        raise RuntimeError(f"{FETCH.name} {series} failed:\n{fetched.stdout}{fetched.stderr}")
    return Installation(series, fetched.stdout.strip(), (str(_fetched(series) / "odoo"),))


def _from_source(series: str, source: Path) -> Installation:
    command = (_python_of(series, source), str(source / "odoo-bin"))
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    return Installation(series, version.stdout.strip(), command, (source / "addons",))


def _python_of(series: str, source: Path) -> str:
    if chosen := os.environ.get(f"{_variable(series)}_PYTHON"):
        return chosen
    own = [source / folder / "bin" / "python" for folder in (".venv", "venv")]
    return str(next(filter(Path.exists, own), "python3"))


def _source_of(series: str) -> Path | None:
    source = os.environ.get(_variable(series))
    return Path(source) if source else None


def _variable(series: str) -> str:
    return f"MONITR_TEST_ODOO_{series.removesuffix('.0')}"


def _fetched(series: str) -> Path:
    return cache_folder() / f"odoo-{series}"
