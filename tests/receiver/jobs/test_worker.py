"""The process that pulls, for real: what it finds, shares with others, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import reading
from receiver.db.pull.pull_runs import RunState, find_newest_run
from receiver.db.tables import pull_runs
from receiver.jobs.worker import LOOK_SECONDS
from tests.receiver.pull.servers import HOST, closed_port
from tests.receiver.pulled_connections import add_pulled_connection, ask, newest_run

MONITR = Path(sys.executable).with_name("monitr")
PATIENCE_SECONDS = 60


@contextmanager
def working(config: Config) -> Iterator[subprocess.Popen[str]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MONITR_")}
    names = ("data_dir", "database_url", "secret_key", "pulls_at_once")
    environment |= {f"MONITR_{name.upper()}": str(getattr(config, name)) for name in names}
    environment["MONITR_ALLOW_PRIVATE_ADDRESSES"] = "true"
    with subprocess.Popen(
        [MONITR, "worker"], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def has_failed(engine: Engine, connection_id: int) -> bool:
    with reading(engine) as db:
        run = find_newest_run(db, connection_id)
    return run is not None and run.failure is not None


def test_it_pulls_what_is_due_and_what_is_asked_for_and_ends_cleanly(
    engine: Engine, config: Config
) -> None:
    nowhere = f"http://{HOST}:{closed_port()}"
    due_id = add_pulled_connection(engine, config, "acme", url=nowhere)

    with working(config) as process:
        wait_until(lambda: has_failed(engine, due_id))
        asked_id = add_pulled_connection(engine, config, "globex", url=nowhere)
        ask(engine, asked_id)
        wait_until(lambda: has_failed(engine, asked_id))
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0
    assert "Traceback" not in told
    assert '"worker ended"' in told
    assert {newest_run(engine, name).failure_code for name in ("acme", "globex")} == {
        "odoo_unreachable"
    }
    assert newest_run(engine, "acme").failure_count == 1  # due again in a minute, not at once


def test_several_workers_share_what_is_due_and_take_each_run_once(
    engine: Engine, config: Config
) -> None:
    nowhere = f"http://{HOST}:{closed_port()}"
    ids = [add_pulled_connection(engine, config, f"c{number}", url=nowhere) for number in range(12)]

    with working(config), working(config):
        wait_until(lambda: all(has_failed(engine, id) for id in ids))

    runs = [newest_run(engine, f"c{number}") for number in range(12)]
    assert {run.taken_count for run in runs} == {1}


def test_no_more_pulls_at_once_than_there_is_room_for(engine: Engine, config: Config) -> None:
    with silent() as url:
        for name in ("acme", "globex", "initech"):
            add_pulled_connection(engine, config, name, url=url)

        with working(replace(config, pulls_at_once=2)):
            wait_until(lambda: count_running(engine) == 2)
            time.sleep(2 * LOOK_SECONDS)

            assert count_running(engine) == 2


def count_running(engine: Engine) -> int:
    with reading(engine) as db:
        return db.execute(
            sa.select(sa.func.count()).where(pull_runs.c.state == RunState.RUNNING)
        ).scalar_one()


@contextmanager
def silent() -> Iterator[str]:
    """An address that takes calls and never answers."""
    with socket.create_server((HOST, 0)) as server:
        yield f"http://{HOST}:{server.getsockname()[1]}"
