"""The worker beside ``monitr serve``: there while it serves, started again, and gone with it."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.receiver.test_serve import Served, serve

PATIENCE_SECONDS = 60


def workers_of(served: Served) -> list[int]:
    """The ids of the processes that have looked for work."""
    with closing(sqlite3.connect(served.folder / "data" / "monitr.sqlite3")) as db:
        return [int(name.rpartition(":")[2]) for (name,) in db.execute("SELECT name FROM workers")]


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_worker_that_is_killed_is_followed_and_the_last_one_ends_with_serve(
    tmp_path: Path,
) -> None:
    with serve(tmp_path) as served:
        wait_until(lambda: len(workers_of(served)) == 1)
        [first] = workers_of(served)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(workers_of(served)) == 2)
        [second] = {*workers_of(served)} - {first}

        assert served.press_ctrl_c() == 0

    assert not is_alive(second)
    assert "Traceback" not in (tmp_path / "err").read_text()


def test_no_worker_is_left_where_serve_is_killed(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        wait_until(lambda: len(workers_of(served)) == 1)

        os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait(PATIENCE_SECONDS)

        wait_until(lambda: not any(map(is_alive, workers_of(served))))


def test_serve_runs_no_worker_where_it_shall_not(tmp_path: Path) -> None:
    with serve(tmp_path, MONITR_SERVE_WORKER="false") as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        programs = [
            Path(f"/proc/{pid}/cmdline").read_text() for pid in children.read_text().split()
        ]

    assert programs
    assert not any("supervisor" in program for program in programs)
