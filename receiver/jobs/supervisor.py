"""Keeps a worker running beside ``monitr serve``, for as long as that runs and no longer.

A process between the two, of the standard library alone: it starts the worker again when that was
killed, and ends it when gunicorn ended, by a signal or without a word.
"""

import os
import signal
import subprocess
import sys
import time

LOOK_SECONDS = 0.5
BETWEEN_STARTS_SECONDS = 5  # a worker that cannot start does not keep the machine busy
END_SECONDS = 35  # longer than the worker gives the pulls under way


def start_supervisor() -> subprocess.Popen[bytes]:
    """Start the supervisor in a session of its own: Ctrl-C is for gunicorn, which stops it."""
    command = [sys.executable, "-m", "receiver.jobs.supervisor"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _supervise() -> None:
    parent = os.getppid()
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    while not told and os.getppid() == parent:
        worker = subprocess.Popen([sys.executable, "-m", "receiver.jobs.worker"])
        started_at = time.monotonic()
        while not told and os.getppid() == parent and _is_to_wait(worker, started_at):
            time.sleep(LOOK_SECONDS)
        stop(worker)


def _is_to_wait(worker: subprocess.Popen[bytes], started_at: float) -> bool:
    return worker.poll() is None or time.monotonic() < started_at + BETWEEN_STARTS_SECONDS


if __name__ == "__main__":
    _supervise()
