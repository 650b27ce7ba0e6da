"""``monitr serve`` for real: gunicorn, its workers, a socket, and Ctrl-C."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.connection_key import ConnectionKey, decode_connection_key

from tests.receiver.batches import body_of
from tests.receiver.records import journal_items
from tests.receiver.signed import headers_of

MONITR = Path(sys.executable).with_name("monitr")
START_SECONDS = 60
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[str]
    address: str
    environment: dict[str, str]
    folder: Path

    def monitr(self, *arguments: str) -> str:
        ran = subprocess.run(
            [MONITR, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    def press_ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)  # a terminal sends it to all of them
        return self.process.wait(timeout=START_SECONDS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as served:
        yield served


@contextmanager
def serve(folder: Path, *, out: int | None = None, **settings: str) -> Iterator[Served]:
    """Runs it in the folder, with settings that a newcomer has, and stops it in the end.

    ``out`` is where it writes to instead of a file of that name.
    """
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MONITR_")}
    environment |= {"MONITR_BIND": f"127.0.0.1:{port}", "MONITR_MAX_BODY_MB": "1", **settings}
    with (folder / "out").open("w") as file, (folder / "err").open("a") as err:
        process = subprocess.Popen(
            [MONITR, "serve"],
            env=environment,
            cwd=folder,
            stdout=file if out is None else out,
            stderr=err,
            text=True,
            start_new_session=True,
        )
    served = Served(process, f"http://127.0.0.1:{port}", environment, folder)
    try:
        wait_for(served)
        yield served
    finally:
        if process.poll() is None:
            served.press_ctrl_c()


def wait_for(served: Served) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and served.process.poll() is None:
        try:
            requests.get(served.address + "/healthz", timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    pytest.fail((served.folder / "err").read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_connection(served: Served) -> ConnectionKey:
    return decode_connection_key(served.monitr("connection", "add", "acme").splitlines()[0])


def test_a_newcomer_can_start_connect_push_and_stop(tmp_path: Path) -> None:
    body = body_of("journal_items", journal_items(1_000))

    with serve(tmp_path) as served:
        key = new_connection(served)
        stored = requests.post(served.address + BATCHES_PATH, body, headers=headers_of(key, body))
        listed = served.monitr("connection", "list")
        exit_code = served.press_ctrl_c()

    welcome = (tmp_path / "out").read_text()
    assert all(words in welcome for words in (served.address, "connection add", "set-up code"))
    assert key.address == served.address
    assert stored.json()["written_count"] == 1_000
    assert "1000" in listed
    assert exit_code == 0
    assert "Traceback" not in (tmp_path / "err").read_text()
    with pytest.raises(ProcessLookupError):
        os.killpg(served.process.pid, 0)  # no worker is left


def test_a_folder_that_was_there_is_made_private_and_no_log_holds_the_code(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "monitr.sqlite3").touch()
    (data / "secret.key").write_bytes(Fernet.generate_key())
    for path in (data, *data.iterdir()):
        path.chmod(0o755)

    with serve(tmp_path) as served:
        code = re.search(r"set-up code (\S+),", served.monitr("setup"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}

    out, err = ((tmp_path / name).read_text() for name in ("out", "err"))
    assert code
    assert "with the set-up code that" in out
    assert "set-up code" not in err
    assert not re.search(r"set-up code \S+,", out)
    assert modes.pop("data") == 0o700
    assert {"monitr.sqlite3", "monitr.sqlite3-wal", "secret.key"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert all(f"{each} could be read by others" in err for each in (data, data / "secret.key"))


def test_a_terminal_shows_the_set_up_code(tmp_path: Path) -> None:
    terminal, its_end = os.openpty()
    with serve(tmp_path, out=its_end):
        shown = os.read(terminal, 10_000).decode()
    os.close(terminal)
    os.close(its_end)

    assert re.search(r"set-up code \S+, within a day", shown)


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    body = body_of("journal_items", journal_items(1))
    with serve(tmp_path) as first:
        key = new_connection(first)
    secret = (tmp_path / "data" / "secret.key").read_bytes()

    with serve(tmp_path) as second:
        answer = requests.post(second.address + BATCHES_PATH, body, headers=headers_of(key, body))

    assert answer.status_code == 200
    assert (tmp_path / "data" / "secret.key").read_bytes() == secret


def test_a_connection_is_kept_for_the_next_request(served: Served) -> None:
    with requests.Session() as session:
        session.get(served.address + "/healthz")
        answer = session.get(served.address + "/healthz", stream=True)

        assert answer.headers["Connection"] == "keep-alive"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_gets_its_answer(served: Served, chunked: bool) -> None:
    body = bytes(MEBIBYTE)
    data = iter([body, body, body]) if chunked else body * 3

    answer = requests.post(served.address + BATCHES_PATH, data=data)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_no_answer_says_what_serves_it(served: Served) -> None:
    assert "Server" not in requests.get(served.address + "/healthz").headers


@pytest.mark.parametrize("chunk", ["x\r\n", "-1\r\n", "5\r\nab\r\n0\r\n\r\n"])
def test_a_body_with_wrong_chunks_is_refused(served: Served, chunk: str) -> None:
    head = f"POST {BATCHES_PATH} HTTP/1.1\r\nHost: monitr\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert raw_answer(served, head + chunk).startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO"])
def test_no_header_says_what_path_is_asked_for(served: Served, name: str) -> None:
    head = f"GET /reports HTTP/1.1\r\nHost: evil.example\r\n{name}: /reports\r\n\r\n"

    answer = raw_answer(served, head)

    assert answer.startswith("HTTP/1.1 308 ")
    assert "\r\nLocation: /reports/\r\n" in answer
    assert "evil.example" not in answer


def raw_answer(served: Served, request: str) -> str:
    host, _, port = served.environment["MONITR_BIND"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=START_SECONDS) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read().decode()


def test_workers_store_one_batch_once(served: Served) -> None:
    """The same batch four times at once, to processes of their own on one SQLite file."""
    key = new_connection(served)
    body = body_of("journal_items", journal_items(3_000))
    headers = headers_of(key, body, message_id="msg_1")

    def send(_: int) -> requests.Response:
        return requests.post(served.address + BATCHES_PATH, body, headers=headers)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["written_count"] == 3_000
