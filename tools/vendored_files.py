"""``make vendor-check``: each vendored file is in the package that npm has, unchanged."""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from receiver import web

VENDOR = Path(web.__file__).parent / "static" / "vendor"


def main() -> int:
    """The exit status: 0 where all are the same."""
    packages = json.loads((VENDOR / "vendor.json").read_text())
    wrong = [line for name, vendored in packages.items() for line in differences(name, vendored)]
    print("\n".join(wrong) or "Every vendored file is that of npm.")
    return 1 if wrong else 0


def differences(name: str, vendored: dict[str, Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        package = _pack(f"{name}@{vendored['version']}", Path(folder))
        integrity = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        with tarfile.open(package) as files:
            hashes = {_sha256(files, member) for member in files if member.isfile()}
    wrong = [
        f"{path} is not in it" for path, sha in vendored["sha256"].items() if sha not in hashes
    ]
    if vendored["integrity"] != f"sha512-{integrity}":
        wrong.append(f"{name} has the integrity sha512-{integrity}")
    return wrong


def _pack(package: str, folder: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True
    )
    return next(folder.glob("*.tgz"))


def _sha256(files: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    content = files.extractfile(member)
    return hashlib.sha256(content.read() if content else b"").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
