"""Pulls by workers, of a real Odoo: killed in the middle, taken over, cancelled; the rows equal."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.partly import letting_through
from tests.odoo.pulling import PULLED, assert_pulled_equals_pushed
from tests.odoo.test_pull_command import add_odoo
from tests.postgres import PostgresServer

PATIENCE_SECONDS = 600
IN_THE_MIDDLE = 60  # of the calls of a pull: 50 find out what this Odoo offers, 50 more pull
LONG_AGO = "2000-01-01 00:00:00+00:00"


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed once, to compare with."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pull_jobs")) as pair:
        assert pair.push()["state"] == "succeeded"
        yield pair


@contextmanager
def workers(pair: Paired, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    started = [pair.receiver.start_worker() for _ in range(count)]
    try:
        yield started
    finally:
        for each in started:
            each.kill()
            each.wait()


def newest(pair: Paired) -> dict[str, Any]:
    found: dict[str, Any] = pair.receiver.get(f"/v1/connections/{PULLED}/pulls/newest")
    return found


def wait_for_end(pair: Paired) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_SECONDS
    while (run := newest(pair))["finished_at"] is None:
        assert time.monotonic() < end, run
        time.sleep(0.2)
    return run


def test_a_killed_worker_is_followed_by_another_and_a_cancelled_pull_by_the_next(
    pair: Paired,
) -> None:
    receiver = pair.receiver
    with letting_through(pair.odoo.url, "/") as odoo:
        add_odoo(pair, odoo.url)
        with workers(pair, 1) as [first]:
            odoo.meanwhile[IN_THE_MIDDLE + len(odoo.bodies)] = first.kill
            assert first.wait(PATIENCE_SECONDS) == -signal.SIGKILL
        killed = newest(pair)
        assert killed["state"] == "running"
        assert killed["stream"]

        receiver.execute(f"UPDATE pull_runs SET lease_until = '{LONG_AGO}'")
        assert newest(pair)["state"] == "stuck"
        assert "pull_stuck" in reasons(pair)
        with workers(pair, 2):
            followed = wait_for_end(pair)

        assert (followed["run_id"], followed["state"]) == (1, "succeeded")
        assert followed["failure_count"] == 1  # the one that was killed
        assert receiver.sql("SELECT taken_count FROM pull_runs") == [(2,)]  # by one of both
        assert followed["call_count"] > IN_THE_MIDDLE
        assert followed["record_count"] >= followed["written_count"] > 0
        assert_pulled_equals_pushed(receiver)

        def cancel() -> None:
            receiver.monitr("cancel", PULLED)

        odoo.meanwhile[IN_THE_MIDDLE + len(odoo.bodies)] = cancel
        with workers(pair, 1):
            receiver.monitr("pull", PULLED, "--everything", "--background")
            cancelled = wait_for_end(pair)
        assert (cancelled["run_id"], cancelled["state"]) == (2, "cancelled")
        assert 0 < cancelled["call_count"] < followed["call_count"]

        receiver.monitr("pull", PULLED)

    assert_pulled_equals_pushed(receiver)
    assert newest(pair)["state"] == "succeeded"
    assert len(receiver.monitr("runs", PULLED).splitlines()) == 4


def reasons(pair: Paired) -> list[str]:
    health = pair.receiver.get(f"/v1/connections/{PULLED}/health")
    return [reason["code"] for reason in health["reasons"]]
