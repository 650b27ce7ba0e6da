"""OCA's addons beside ours, none of them written by us: from PyPI, fetched once for each series."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.odoo.installations import Installation, Unavailable, installation_of
from tests.postgres import cache_folder

ALL = os.environ.get("MONITR_TEST_OCA") == "all"  # `make test-oca`
SERIES = ("14.0", "19.0")
REPORTS = "account_financial_report"
CLOSING = "account_fiscal_year_closing"


def installation_with_oca(series: str) -> Installation:
    """The Odoo of this series that finds OCA's addons beside its own. Raises Unavailable."""
    installation = installation_of(series)
    return replace(installation, addons=(*installation.addons, _addons(series)))


def oca_addons(series: str) -> tuple[str, ...]:
    """All that are fetched for the series."""
    return tuple(sorted(each.parent.name for each in _addons(series).glob("*/__manifest__.py")))


def _addons(series: str) -> Path:
    return _fetch(series) / "odoo" / "addons"


def _requirements(series: str) -> Path:
    return Path(__file__).with_name(f"oca{series.removesuffix('.0')}-requirements.txt")


def _fetch(series: str) -> Path:
    fingerprint = hashlib.sha256(_requirements(series).read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"oca-{series}-{fingerprint}"
    with (cache_folder() / f"oca-{series}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(_requirements(series), folder)
    return folder


def _install(requirements: Path, folder: Path) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    what = ("--no-deps", "--require-hashes", "--requirement", requirements)
    command = [*pip, *what, "--target", part]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise Unavailable(f"OCA's addons from PyPI ({installed.stderr.splitlines()[-1]})")
    part.rename(folder)
