"""A small disk that can be full: a tmpfs that shrinks to what is on it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOM = "2g"  # a limit; memory is used by what is on it alone


@dataclass(frozen=True)
class Disk:
    """A folder for everybody, on a file system of its own where the machine lets us mount one."""

    folder: Path
    is_small: bool

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte more fits on it meanwhile."""
        while shutil.disk_usage(self.folder).free:  # somebody may write meanwhile
            _mount("remount", f"size={shutil.disk_usage(self.folder).used}", self.folder)
        try:
            yield
        finally:
            assert _mount("remount", f"size={ROOM}", self.folder)


@contextmanager
def disk() -> Iterator[Disk]:
    """Short and open to the user that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-disk-"))
    folder.chmod(0o755)
    is_small = os.geteuid() == 0 and _mount("mode=755", f"size={ROOM}", folder)
    try:
        yield Disk(folder, is_small)
    finally:
        if is_small:
            subprocess.run(("umount", "--lazy", folder), check=True)
        shutil.rmtree(folder)


def _mount(*options_and_folder: str | Path) -> bool:
    *options, folder = options_and_folder
    command = ("mount", "-t", "tmpfs", "-o", ",".join(map(str, options)), "tmpfs", folder)
    return subprocess.run(command, check=False).returncode == 0
