"""Connections are made to public addresses alone, and in time, wherever the host's name leads."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from receiver import errors
from receiver.pull.transport.http import Limits, Server
from receiver.pull.transport.ssrf_guard import dial, is_public
from tests.receiver.pull.servers import HOST, closed_port

SECONDS = 0.4
PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:4700::1111", "2606:4700::5eff:1", f"::ffff:{PUBLIC}"]
)
def test_addresses_of_hosts_that_anybody_reaches(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.0.8", "192.88.99.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("::1", "::", "fd00::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1"),  # mapped, compatible, translated
        *("64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1"),  # NAT64
        *("192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1", "3ffe::1"),
        *("2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:10.0.0.1"),  # ISATAP
        *("2002:a00:1::1", "2001:0:a00:1::1", "2001::f5ff:fffe"),  # 6to4, Teredo's two ends
    ],
)
def test_addresses_that_lead_inside(address: str) -> None:
    assert not is_public(address)


def test_one_address_inside_is_enough_to_refuse_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, [PUBLIC, "10.0.0.1"])

    with pytest.raises(errors.ForbiddenAddress):
        dial("acme.example", closed_port(), seconds=SECONDS, allow_private=False)


def test_a_host_with_many_addresses_that_do_not_answer_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, [f"127.0.0.{number}" for number in range(2, 10)])
    with deaf("0.0.0.0") as port, taking_less_than(2 * SECONDS), pytest.raises(errors.OdooTimeout):
        ask(f"http://acme.example:{port}")


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, ["127.0.0.2", HOST])
    with (
        socket.create_server((HOST, 0)) as listener,
        deaf("127.0.0.2", port_of(listener)) as port,
        taking_less_than(SECONDS),
        dial("acme.example", port, seconds=SECONDS, allow_private=True) as connection,
    ):
        assert connection.getpeername() == (HOST, port)
        assert connection.gettimeout() == SECONDS  # whatever of it the other has taken


def test_a_resolver_that_takes_its_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        over.wait(20 * SECONDS)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with taking_less_than(2 * SECONDS), pytest.raises(errors.OdooTimeout):
        ask("http://acme.example")
    over.set()


def test_connecting_takes_no_longer_than_a_whole_answer_may() -> None:
    with deaf(HOST) as port, taking_less_than(2 * SECONDS), pytest.raises(errors.OdooTimeout):
        ask(f"http://{HOST}:{port}", connect_seconds=20 * SECONDS, answer_seconds=SECONDS)


def ask(url: str, *, connect_seconds: float = SECONDS, answer_seconds: float = 10) -> None:
    limits = Limits(connect_seconds=connect_seconds, answer_seconds=answer_seconds)
    Server(url, allow_private=True, limits=limits).get("/")


def resolve_to(monkeypatch: pytest.MonkeyPatch, addresses: Sequence[str]) -> None:
    """As if the name of the example had these addresses."""
    really = socket.getaddrinfo

    def look_up(host: str, *arguments: int, **named: int) -> list[object]:
        names = addresses if host == "acme.example" else [host]
        return [each for name in names for each in really(name, *arguments, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@contextmanager
def deaf(host: str, port: int = 0) -> Iterator[int]:
    """The port of a server with as many waiting at its door as it has room for."""
    with (
        socket.create_server((host, port), backlog=0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        yield port_of(listener)


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextmanager
def taking_less_than(seconds: float) -> Iterator[None]:
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < seconds
