"""Connecting to a host by its name: to public addresses alone, and in time, however many it has."""

import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES
from urllib3.connection import HTTPConnection
from urllib3.util.connection import create_connection

from receiver.errors import ForbiddenAddress

# All that IANA has given to hosts so far. Outside are others that lead to an inner IPv4 address.
GLOBAL_UNICAST = ip_network("2000::/3")
# Public by their number alone: what the nearest network answers itself (AS112, AMT), and 6bone's.
ONLY_LOOKS_PUBLIC = (
    ip_network("192.31.196.0/24"),
    ip_network("192.52.193.0/24"),
    ip_network("192.175.48.0/24"),
    ip_network("2620:4f:8000::/48"),
    ip_network("3ffe::/16"),
)
ISATAP = 0x5EFE  # RFC 5214: before an IPv4 address, in an interface's id
LEAST_SECONDS = 0.01  # a time-out of nothing would not wait at all


def dial(host: str, port: int, *, seconds: float, allow_private: bool) -> socket.socket:
    """A connection to the first address of the host that takes it, made within so many seconds.

    Raises ForbiddenAddress where one of them is not public, else an OSError, or a ValueError
    for what no resolver takes.
    """
    until = time.monotonic() + seconds
    addresses = resolve(host, port, seconds)
    if not allow_private and not all(map(is_public, addresses)):
        raise ForbiddenAddress
    connection = _connect_to_one(addresses, port, until)
    connection.settimeout(seconds)  # TLS has as much time again
    return connection


def is_public(address: str) -> bool:
    """Whether it leads out of every private network; also where it has an IPv4 address in it."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    elif isinstance(ip, IPv6Address) and ip not in GLOBAL_UNICAST:
        return False
    networks = (*EXTRA_BLOCKED_NET_RANGES, *ONLY_LOOKS_PUBLIC)
    is_blocked = any(ip in network for network in networks) or _is_isatap(ip)
    return ip.is_global and not ip.is_multicast and not is_blocked


def _is_isatap(ip: IPv4Address | IPv6Address) -> bool:
    """Such an address leads to an inner IPv4 one, in whatever network. One bit says whether that is
    unique."""
    return isinstance(ip, IPv6Address) and int(ip) >> 32 & 0xFDFF_FFFF == ISATAP


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The resolver knows no time-out: where it takes longer, it ends in its thread, unheard."""
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result([str(address[0]) for *_, address in found])
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=look_up, daemon=True).start()
    return answer.result(seconds)


def _connect_to_one(addresses: Sequence[str], port: int, until: float) -> socket.socket:
    """None may use up the time of those after it."""
    options = HTTPConnection.default_socket_options
    failure: OSError = TimeoutError()
    for number, address in enumerate(addresses):
        seconds = max(LEAST_SECONDS, until - time.monotonic()) / (len(addresses) - number)
        try:
            return create_connection((address, port), seconds, socket_options=options)
        except OSError as error:
            failure = error
    raise failure
