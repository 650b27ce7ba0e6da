"""What is taken down: rows and seconds, and the peak memory of a process as Linux counts it."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    rows: int
    seconds: float


def forget_peak(pid: int) -> None:
    """From now on the peak counts anew, from what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mib(pid: int) -> int:
    """The most resident memory since start or since `forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def children_of(pid: int) -> list[int]:
    """The processes that this process has started and not yet waited for."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]
