"""The wire package runs wherever an Odoo of any series does: Python 3.6 and nothing installed."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import monitr_wire
import pytest

WIRE = Path(monitr_wire.__file__).parent
FILES = sorted(WIRE.rglob("*.py"))
MODULES = [path.stem for path in FILES if path.stem != "__init__"]
OLD_PYTHONS = ("3.6", "3.7", "3.8")

# Uses a bit of every module, and prints what must be the same whatever Python runs it.
STORY = """
from datetime import date
from decimal import Decimal
import gzip
from monitr_wire import account_types, batch, buckets, connection_key, hello, proof, records
from monitr_wire import streams, values
from monitr_wire import marked, parts, rights, series, set_aside, signature

line = records.encode_record(
    streams.ANALYTIC_ITEMS,
    {"id": 1, "date": date(2026, 2, 28), "label": "a\\tb", "amount": Decimal("-1.50")},
)
lines = line.encode() + b"\\n"
body = batch.encode_batch(batch.Batch(streams.ANALYTIC_ITEMS, "run", lines, sequence=1))
secret = "whsec_" + "QUJD" * 8
key = connection_key.ConnectionKey("http://[::1]:80", "acme", secret)
assert connection_key.decode_connection_key(connection_key.encode_connection_key(key)) == key
print(line, records.digest_of_line(lines), values.encode_codes({"10": "b", "2": "a"}))
print(gzip.decompress(body), signature.sign(secret, "id", 1, lines))
digests = [proof.Digest("partners", "0", 1, -5, Decimal("0.10"), Decimal(0), Decimal(0))]
print(list(proof.decode_digests(proof.encode_digests(digests))) == digests)
assert buckets.account_month(buckets.bucket_of_items(1, 42, "2026-11")) == (1, 42, "2026-11")
assert series.record_path("14.0", "account.move", 7).startswith("/web#id=7")
assert parts.end_of_part(lines * 2, 1) == len(lines)
assert len(account_types.STANDARD_TYPES) == 18
assert marked._lt("Companies") == "Companies"
assert rights.left_out(streams.STREAMS) == ()
wrong = set_aside.Wrong("company_id", None, {"text": "Expected it.", "values": {}})
aside = set_aside.set_aside(streams.ANALYTIC_ITEMS, line.encode(), wrong)
print(set_aside.encode_set_aside([aside]))
print(hello.encode_hello(hello.Hello("14.0", "1", "uuid", "acme", "en_US", (1,), None)))
"""

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def test_the_story_uses_every_module() -> None:
    assert [name for name in MODULES if f" {name}" not in STORY] == []


@each_file
def test_a_file_is_python_3_6(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 6))


def test_vermin_finds_nothing_newer_than_python_3_6() -> None:
    vermin = Path(sys.executable).with_name("vermin")
    command = [str(vermin), "--no-tips", "--violations", "--target=3.6-", str(WIRE)]

    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout


@each_file
def test_a_file_imports_the_standard_library_and_its_neighbours_alone(path: Path) -> None:
    imported = set(absolute_imports(ast.parse(path.read_text())))

    assert imported - sys.stdlib_module_names == set()


def test_the_oldest_python_here_writes_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(WIRE, tmp_path / "monitr_wire", ignore=shutil.ignore_patterns("__pycache__"))

    told = told_by(oldest_python(), tmp_path)

    assert told == told_by(sys.executable, tmp_path)


def absolute_imports(tree: ast.AST) -> Iterator[str]:
    """The top-level packages that a module names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module).split(".")[0]


def told_by(python: str, folder: Path) -> str:
    """What the story prints, told without site packages and with warnings as errors."""
    command = [python, "-S", "-W", "error", "-c", STORY]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def oldest_python() -> str:
    """The oldest interpreter on this machine that works, at worst the one that runs the tests."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for version in OLD_PYTHONS:
        installed = sorted(pyenv.glob(f"versions/{version}.*/bin/python"))
        for python in [*map(str, installed), f"python{version}"]:
            if shutil.which(python) and is_working(python):
                return python
    return sys.executable


def is_working(python: str) -> bool:
    """A pyenv shim is there even where its Python is not chosen."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
