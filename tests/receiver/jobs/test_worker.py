"""The process that pulls, for real: its queue in a file or in PostgreSQL, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import reading
from receiver.db.pull_runs import find_newest_run
from receiver.jobs.queue import hint
from tests.postgres import PostgresServer
from tests.receiver.pull.servers import HOST, closed_port
from tests.receiver.pulled import add_pulled, ask, newest

MONITR = Path(sys.executable).with_name("monitr")
PATIENCE_SECONDS = 60


@pytest.fixture(params=["file", "postgresql"])
def config(request: pytest.FixtureRequest, config: Config) -> Config:
    """With either kind of queue."""
    if request.param == "file":
        return config
    return Config(**{**vars(config), "jobs_url": request.getfixturevalue("jobs_database")})


@pytest.fixture(scope="module")
def jobs_database(postgres: PostgresServer) -> Iterator[str]:
    name = f"jobs_{os.getpid()}"
    postgres.create_database(name)
    yield postgres.url(name)
    postgres.drop_database(name)


@contextmanager
def working(config: Config) -> Iterator[subprocess.Popen[str]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MONITR_")}
    names = ("data_dir", "database_url", "secret_key", "jobs_url")
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


def test_it_pulls_what_is_due_and_what_is_hinted_and_ends_cleanly(
    engine: Engine, config: Config
) -> None:
    nowhere = f"http://{HOST}:{closed_port()}"
    due_id = add_pulled(engine, config, "acme", url=nowhere)

    with working(config) as process:
        wait_until(lambda: has_failed(engine, due_id))
        hinted_id = add_pulled(engine, config, "globex", url=nowhere)
        hint(engine, config, ask(engine, hinted_id))
        wait_until(lambda: has_failed(engine, hinted_id))
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0
    assert "Traceback" not in told
    assert '"worker ended"' in told
    assert {newest(engine, name).failure_code for name in ("acme", "globex")} == {
        "odoo_unreachable"
    }
    assert newest(engine, "acme").failure_count == 1  # due again in a minute, not at once


def test_a_queue_that_is_out_of_reach_does_not_keep_anybody_from_asking(
    engine: Engine, config: Config
) -> None:
    """The run is in the database, where the next look finds it."""
    nowhere = {"jobs_url": f"postgresql://{HOST}:{closed_port()}/jobs"}
    run = ask(engine, add_pulled(engine, config))

    hint(engine, Config(**{**vars(config), **nowhere}), run)

    assert newest(engine) == run
