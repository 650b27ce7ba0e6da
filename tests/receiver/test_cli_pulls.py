"""``monitr pull``, ``runs``, ``cancel`` and ``connection schedule``."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import reading
from receiver.db.pull.pull_runs import Cost, RunState
from receiver.errors import GoneFromSight
from tests.receiver.pull.servers import HOST, closed_port, saying
from tests.receiver.pulled_connections import (
    add_pulled_connection,
    ask,
    let_lease_run_out,
    newest_run,
    take_newest,
)
from tests.receiver.test_cli import Run, is_one_sentence
from tests.receiver.test_cli import run as run  # its fixture

PROGRESS = {"stream": "partners", "done_count": 1_200, "expected_count": 3_400}


@pytest.fixture
def connection_id(engine: Engine, config: Config) -> int:
    return add_pulled_connection(engine, config, url=f"https://{HOST}:{closed_port()}")


def heed_ctrl_c() -> None:
    """What a shell starts in the background does not, nor does what that starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class TestPull:
    @pytest.mark.usefixtures("connection_id")
    def test_it_says_what_is_wrong_in_one_sentence(self, run: Run, engine: Engine) -> None:
        """This receiver does not go to private addresses."""
        assert is_one_sentence(run("pull", "acme"), "MONITR_ALLOW_PRIVATE_ADDRESSES")

        assert newest_run(engine).state == RunState.FAILED

    @pytest.mark.usefixtures("connection_id")
    def test_it_says_when_it_is_tried_again(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MONITR_ALLOW_PRIVATE_ADDRESSES", "true")

        assert is_one_sentence(run("pull", "acme"), r"A worker tries again on [-0-9 :]+ UTC")

    def test_it_goes_not_where_another_one_is_at_work(
        self, run: Run, engine: Engine, connection_id: int
    ) -> None:
        ask(engine, connection_id)
        take_newest(engine, **PROGRESS)

        assert is_one_sentence(
            run("pull", "acme"), r"partners, 1,200 of 3,400 records.*cancel acme"
        )

        assert newest_run(engine).worker == "another"

    def test_it_takes_over_what_is_stuck(
        self, run: Run, engine: Engine, connection_id: int
    ) -> None:
        ask(engine, connection_id)
        take_newest(engine)
        let_lease_run_out(engine)

        run("pull", "acme")

        found = newest_run(engine)
        assert (found.run_id, found.taken_count, found.state) == (1, 2, RunState.FAILED)

    @pytest.mark.usefixtures("connection_id")
    def test_in_the_background_it_does_not_wait(self, run: Run, engine: Engine) -> None:
        result = run("pull", "acme", "--background")

        assert result.exit_code == 0
        assert "runs acme" in result.output
        assert (newest_run(engine).state, newest_run(engine).asked_by) == (RunState.WAITING, "hand")

    def test_it_lets_go_of_what_is_hidden_where_something_is(
        self, run: Run, engine: Engine, connection_id: int
    ) -> None:
        assert is_one_sentence(run("pull", "acme", "--let-go"), "nothing to let go of")
        ask(engine, connection_id)
        take_newest(engine, RunState.FAILED, failure_code=GoneFromSight.code)

        assert run("pull", "acme", "--let-go", "--background").exit_code == 0

        with reading(engine) as db:
            assert get_odoo_access(db, connection_id, "acme").lets_go
        assert newest_run(engine).state == RunState.WAITING

    @pytest.mark.usefixtures("acme")
    def test_what_pushes_is_not_pulled(self, run: Run) -> None:
        assert is_one_sentence(run("pull", "acme"), "no API key")

    def test_ctrl_c_cancels_it(self, engine: Engine, config: Config) -> None:
        """In a terminal, while a server lets it wait for its answer."""
        asked = threading.Event()

        def keep_waiting(_: object, over: threading.Event) -> None:
            asked.set()
            over.wait()

        with saying(keep_waiting) as url:
            add_pulled_connection(engine, config, url=url)
            shown, terminal = pty.openpty()
            process = subprocess.Popen(
                [Path(sys.executable).with_name("monitr"), "pull", "acme"],
                env=os.environ | environment_of(config),
                stdin=terminal,
                stderr=terminal,
                stdout=terminal,
                preexec_fn=heed_ctrl_c,
            )
            assert asked.wait(60)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 1
            told = os.read(shown, 10_000).decode()
            os.close(shown)
            os.close(terminal)

        assert "connecting" in told
        assert "Cancelled. What was stored until then stays." in told
        assert "Traceback" not in told
        assert newest_run(engine).state == RunState.CANCELLED


def environment_of(config: Config) -> dict[str, str]:
    names = ("data_dir", "database_url", "secret_key")
    settings = {f"MONITR_{name.upper()}": str(getattr(config, name)) for name in names}
    return settings | {"MONITR_ALLOW_PRIVATE_ADDRESSES": "true"}


class TestRuns:
    def test_it_shows_how_each_ended_and_what_it_cost(
        self, run: Run, engine: Engine, connection_id: int
    ) -> None:
        ask(engine, connection_id)
        take_newest(engine, RunState.SUCCEEDED, Cost(67, 8_900), record_count=1_200)
        ask(engine, connection_id)
        take_newest(engine, **PROGRESS)

        _, running, ended = run("runs", "acme").output.splitlines()

        assert re.split(r"\s{2,}", running)[:2] == [
            "2",
            "running (partners, 1,200 of 3,400 records)",
        ]
        assert re.split(r"\s{2,}", ended)[5:] == ["1,200", "0", "0", "67", "8.9 s", "-"]
        assert len(run("runs", "acme", "--limit", "1").output.splitlines()) == 2


class TestCancel:
    def test_what_waits(self, run: Run, engine: Engine, connection_id: int) -> None:
        ask(engine, connection_id)

        assert run("cancel", "acme").output == "The pull of acme is cancelled.\n"

        assert newest_run(engine).state == RunState.CANCELLED

    def test_what_runs(self, run: Run, engine: Engine, connection_id: int) -> None:
        ask(engine, connection_id)
        take_newest(engine)

        assert "as soon as Odoo has answered" in run("cancel", "acme").output

        assert newest_run(engine).cancel_asked_at

    @pytest.mark.usefixtures("connection_id")
    def test_nothing(self, run: Run) -> None:
        assert is_one_sentence(run("cancel", "acme"), "not being pulled")


class TestConnectionSchedule:
    @pytest.mark.usefixtures("connection_id")
    def test_every_so_many_minutes(self, run: Run) -> None:
        told = run("connection", "schedule", "acme", "--every", "15").output

        assert re.fullmatch(r"acme is pulled every 15 minutes, next [-0-9 :]+ UTC\.\n", told)

    @pytest.mark.usefixtures("connection_id")
    def test_never(self, run: Run) -> None:
        assert "when somebody asks" in run("connection", "schedule", "acme", "--never").output

    @pytest.mark.usefixtures("connection_id")
    @pytest.mark.parametrize("options", [(), ("--never", "--every", "15")])
    def test_one_of_both(self, run: Run, options: tuple[str, ...]) -> None:
        assert is_one_sentence(run("connection", "schedule", "acme", *options), "Give either")

    @pytest.mark.usefixtures("acme")
    def test_what_pushes_has_its_schedule_in_odoo(self, run: Run) -> None:
        result = run("connection", "schedule", "acme", "--every", "15")

        assert is_one_sentence(result, "no API key")
