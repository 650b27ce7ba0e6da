"""Whatever a server does, the answer is an error with a sentence; and nobody is led inside."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from receiver import errors
from receiver.pull.transport.http import MEBIBYTE, Limits, Server
from receiver.pull.transport.jsonrpc import JsonRpc
from receiver.pull.transport.xmlrpc import XmlRpc
from tests.receiver.pull.servers import (
    HOST,
    Reply,
    answering,
    closed_port,
    make_certificate,
    saying,
    serving,
)

FEW_BYTES = 100_000
LIMITS = Limits(connect_seconds=2, answer_seconds=10, answer_bytes=FEW_BYTES)
IMPATIENT = replace(LIMITS, answer_seconds=0.5)
HEAD = b"HTTP/1.1 200 OK\r\n"


def server_at(url: str, limits: Limits = LIMITS) -> Server:
    return Server(url, allow_private=True, limits=limits)


def test_it_gives_back_what_the_server_answers() -> None:
    with serving({"/page": Reply(200, b"hello")}) as url:
        answer = server_at(url).post("/page", b"", "text/plain")

    assert (answer.status, answer.body) == (200, b"hello")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}",
        "http://127.0.0.1:0{port}",
        "http://localhost:{port}",
        "http://[::1]:{port}",
        "http://[::ffff:127.0.0.1]:{port}",
        "http://0x7f.1:{port}",
        "http://2130706433:{port}",
        "http://0.0.0.0:{port}",
        "http://10.0.0.1",
        "http://172.16.0.1",
        "http://192.168.1.1",
        "http://169.254.169.254",
        "http://100.64.0.1",
        "https://[fd00::1]",
        "https://[fe80::1]",
        "https://[64:ff9b::7f00:1]",
        "http://224.0.0.1",
    ],
)
def test_it_does_not_go_into_private_networks(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with serving({"/": Reply()}) as own:
        server = Server(url.format(port=own.rpartition(":")[2]), allow_private=False)

        with pytest.raises(errors.ForbiddenAddress, match="MONITR_ALLOW_PRIVATE_ADDRESSES"):
            server.get("/")
    assert caplog.records == []


def test_it_asks_no_proxy_which_would_go_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"/": Reply()}) as url:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, url)

        with pytest.raises(errors.OdooHostNotFound):
            server_at("http://no-such-host.invalid").get("/")


def test_it_follows_no_redirect() -> None:
    with serving({"/inside": Reply()}) as inside:
        redirect = Reply(302, headers={"Location": f"{inside.replace(HOST, 'localhost')}/inside"})
        with (
            serving({"/": redirect}) as url,
            pytest.raises(errors.OdooElsewhere, match="http://localhost:"),
        ):
            server_at(url).get("/")


def test_a_redirect_on_the_same_host_is_an_answer() -> None:
    with serving({"/": Reply(303, headers={"Location": "/web/database/selector"})}) as url:
        assert server_at(url).get("/").status == 303


def test_a_closed_port() -> None:
    with pytest.raises(errors.OdooUnreachable):
        server_at(f"http://{HOST}:{closed_port()}").get("/")


def test_a_host_that_is_not_there() -> None:
    with pytest.raises(errors.OdooHostNotFound):
        server_at("https://no-such-host.invalid").get("/")


def test_a_public_host_that_is_not_there() -> None:
    with pytest.raises(errors.OdooHostNotFound):
        Server("https://no-such-host.invalid", allow_private=False).get("/")


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with (
        serving({"/": Reply()}, make_certificate(tmp_path)) as url,
        pytest.raises(errors.OdooTlsError),
    ):
        server_at(url).get("/")


def test_a_server_without_tls() -> None:
    with serving({"/": Reply()}) as url, pytest.raises(errors.OdooTlsError):
        server_at(url.replace("http:", "https:")).get("/")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (408, errors.OdooTimeout),
        (413, errors.OdooServerError),
        (425, errors.OdooServerError),
        (429, errors.OdooRateLimited),
        (502, errors.OdooServerError),
        (503, errors.OdooServerError),
        (504, errors.OdooTimeout),
        *((status, errors.OdooServerError) for status in (520, 521, 523, 525, 526, 527, 530)),
        (522, errors.OdooTimeout),
        (524, errors.OdooTimeout),
    ],
)
def test_what_a_server_before_odoo_says(status: int, error: type[errors.MonitrError]) -> None:
    with serving({"/": Reply(status)}) as url, pytest.raises(error) as refusal:
        server_at(url).get("/")

    assert status == 429 or f"(HTTP {status})" in str(refusal.value)


@pytest.mark.parametrize("services", [JsonRpc, XmlRpc])
@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (403, errors.NotAnOdoo, "A proxy or firewall before that Odoo refuses"),
        (404, errors.NotAnOdoo, "it is not an Odoo"),
        (500, errors.OdooServerError, r"failed \(HTTP 500\)"),
    ],
)
def test_an_error_page_is_said_as_that_of_whoever_shows_it(
    services: type[JsonRpc | XmlRpc], status: int, error: type[errors.MonitrError], sentence: str
) -> None:
    page = Reply(status, b"<html><h1>No</h1></html>")
    paths = {"/jsonrpc": page, "/xmlrpc/2/common": page}

    with serving(paths) as url, pytest.raises(error, match=sentence):
        services(server_at(url)).call("common", "version")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 -0000", None), ("", None)],
)
def test_it_keeps_how_long_the_server_asked_to_wait(
    status: int, told: str, seconds: float | None
) -> None:
    busy = Reply(status, headers={"Retry-After": told})

    with serving({"/": busy}) as url, pytest.raises(errors.RetryLater) as refusal:
        server_at(url).get("/")

    assert refusal.value.wait_seconds == seconds


def test_it_waits_until_a_moment_that_the_server_names() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    with (
        serving({"/": Reply(503, headers={"Retry-After": moment})}) as url,
        pytest.raises(errors.RetryLater) as refusal,
    ):
        server_at(url).get("/")

    assert 0 < (refusal.value.wait_seconds or 0) <= 3600


def test_it_rests_between_two_calls() -> None:
    limits = replace(LIMITS, pause_seconds=0.2)
    with serving({"/": Reply()}) as url:
        server = Server(url, allow_private=True, limits=limits)
        server.get("/")
        before = time.monotonic()
        server.get("/")

    assert time.monotonic() - before >= 0.15


@pytest.mark.parametrize("allowed", [1, 2])
def test_no_more_calls_at_once_than_allowed_whoever_makes_them(allowed: int) -> None:
    limits = replace(LIMITS, calls_at_once=allowed)
    with counting_calls() as (url, most), ThreadPoolExecutor(6) as threads:
        servers = [Server(url, allow_private=True, limits=limits) for _ in range(6)]
        answers = list(threads.map(lambda server: server.get("/"), servers))

    assert len(answers) == 6
    assert max(most) == allowed


@contextmanager
def counting_calls() -> Iterator[tuple[str, list[int]]]:
    """A server, and how many calls were under way each time that one came."""
    under_way: list[None] = []
    seen: list[int] = []

    def answer(_path: str, _body: bytes) -> Reply:
        under_way.append(None)
        time.sleep(0.05)
        seen.append(len(under_way))
        under_way.pop()
        return Reply()

    with answering(answer) as url:
        yield url, seen


def test_an_authority_of_ones_own_is_trusted_too(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    limits = replace(LIMITS, ca=certificate.read_text())

    with serving({"/": Reply(200, b"hello")}, certificate) as url:
        assert Server(url, allow_private=True, limits=limits).get("/").body == b"hello"
        elsewhere = url.replace(HOST, "localhost")  # the certificate is of the host's address
        with pytest.raises(errors.OdooTlsError):
            Server(elsewhere, allow_private=True, limits=limits).get("/")


def test_a_server_that_never_answers() -> None:
    def say_nothing(_: socket.socket, over: threading.Event) -> None:
        over.wait()

    with saying(say_nothing) as url, pytest.raises(errors.OdooTimeout):
        server_at(url, IMPATIENT).get("/")


@pytest.mark.parametrize("head", [b"", HEAD + b"X-Long: ", HEAD + b"Content-Length: 99999\r\n\r\n"])
def test_a_server_that_says_a_byte_now_and_then(head: bytes) -> None:
    """It never stays silent for long: no time-out between two bytes ends that."""

    def drip(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(b"H")

    with saying(drip) as url, pytest.raises(errors.OdooTimeout):
        server_at(url, IMPATIENT).get("/")


def test_a_server_that_does_not_stop() -> None:
    def flood(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"\r\n")
        while not over.is_set():
            connection.sendall(b"x" * 65536)

    with saying(flood) as url, pytest.raises(errors.OdooAnswerTooLarge):
        server_at(url).get("/")


def test_a_small_answer_that_inflates_to_a_large_one() -> None:
    bomb = Reply(200, gzip.compress(bytes(64 * MEBIBYTE)), {"Content-Encoding": "gzip"})

    with serving({"/": bomb}) as url, pytest.raises(errors.OdooAnswerTooLarge):
        server_at(url).get("/")


def test_an_answer_that_is_not_compressed_as_it_says() -> None:
    broken = Reply(200, b"not gzip", {"Content-Encoding": "gzip"})

    with serving({"/": broken}) as url, pytest.raises(errors.InvalidOdooAnswer):
        server_at(url).get("/")


def test_a_server_that_hangs_up_in_the_middle() -> None:
    def hang_up(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")

    with saying(hang_up) as url, pytest.raises(errors.OdooUnreachable, match="broke off"):
        server_at(url).get("/")


def test_a_server_that_does_not_speak_http() -> None:
    def greet(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(b"220 mail.example ESMTP\r\n")

    with saying(greet) as url, pytest.raises(errors.OdooUnreachable):
        server_at(url).get("/")
