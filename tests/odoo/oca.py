"""OCA's financial reports for Odoo 19, a witness we did not write: from PyPI, fetched once."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.odoo.installations import Installation, Unavailable, installation_of
from tests.postgres import cache_folder

SERIES = "19.0"
REPORTS = "account_financial_report"
REQUIREMENTS = Path(__file__).with_name("oca19-requirements.txt")


def installation_with_oca() -> Installation:
    """Odoo 19 that finds OCA's addons beside its own. Raises Unavailable."""
    installation = installation_of(SERIES)
    return replace(installation, addons=(*installation.addons, _fetch() / "odoo" / "addons"))


def _fetch() -> Path:
    folder = cache_folder() / f"oca-{SERIES}-{_fingerprint()}"
    with (cache_folder() / f"oca-{SERIES}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    what = ("--no-deps", "--require-hashes", "--requirement", REQUIREMENTS)
    command = [*pip, *what, "--target", part]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise Unavailable(f"OCA's addons from PyPI ({installed.stderr.splitlines()[-1]})")
    part.rename(folder)


def _fingerprint() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
