"""Connecting through the proxy by which a company's network is left, whatever lies behind it.

The check of addresses stays in front: what is written as an address, and every name that this
receiver can resolve, must lead out of private networks. A name that it cannot resolve is the
proxy's to resolve, as everything is in such a network.
"""

import base64
import re
import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from receiver.errors import ForbiddenAddress, OdooUnreachable
from receiver.pull.transport.ssrf_guard import dial, is_public, resolve

LOOK_UP_SECONDS = 2  # a network without a resolver for names outside may just keep silent
LONGEST_ANSWER = 64 * 1024
# tinyproxy says 401.
WANTS_PASSWORD = (HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.UNAUTHORIZED)
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})\b")


@dataclass(frozen=True)
class Proxy:
    host: str
    port: int
    authorization: str = field(repr=False)  # "" or the header's value


def read_proxy(url: str) -> Proxy:
    """Read the address of a proxy, http://host:port or http://user:password@host:port, as config.py
    has checked it."""
    parts = urlsplit(url)
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        authorization = "Basic " + base64.b64encode(pair).decode()
    return Proxy(parts.hostname or "", parts.port or 0, authorization)


def dial_through(
    proxy: Proxy, host: str, port: int, *, seconds: float, allow_private: bool
) -> socket.socket:
    """A connection to the host, made by the proxy. Raises ForbiddenAddress or OdooUnreachable."""
    if not allow_private:
        _check(host, port, min(seconds, LOOK_UP_SECONDS))
    try:
        connection = dial(proxy.host, proxy.port, seconds=seconds, allow_private=True)
    except (OSError, ValueError) as error:
        raise OdooUnreachable(
            "The proxy that MONITR_ODOO_PROXY names cannot be reached."
        ) from error
    try:
        _connect(connection, proxy, host, port)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(host: str, port: int, seconds: float) -> None:
    try:
        addresses = resolve(host, port, seconds)
    except (OSError, ValueError):  # a TimeoutError is one
        return
    if not all(map(is_public, addresses)):
        raise ForbiddenAddress


def _connect(connection: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    there = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    head = [f"CONNECT {there} HTTP/1.1", f"Host: {there}"]
    if proxy.authorization:
        head.append(f"Proxy-Authorization: {proxy.authorization}")
    try:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        status = _read_status(connection)
    except OSError as error:
        raise OdooUnreachable(
            "The proxy that MONITR_ODOO_PROXY names does not answer as a proxy does."
        ) from error
    if status in WANTS_PASSWORD:
        raise OdooUnreachable(
            "The proxy that MONITR_ODOO_PROXY names wants a user and password, or others than it"
            " was given (HTTP %(status)s).",
            status=status,
        )
    if status != HTTPStatus.OK:
        raise OdooUnreachable(
            "The proxy that MONITR_ODOO_PROXY names does not connect to that Odoo (HTTP"
            " %(status)s): it refuses, or does not find or reach it.",
            status=status,
        )


def _read_status(connection: socket.socket) -> int:
    """Read the status of the answer, read to the end of its head: what follows is the other side's.
    Raises OSError where it is none."""
    head = b""
    while b"\r\n\r\n" not in head:
        some = connection.recv(4096)
        if not some or len(head) > LONGEST_ANSWER:
            raise OSError("no answer of a proxy")
        head += some
    found = STATUS_LINE.match(head)
    if not found:
        raise OSError("no answer of a proxy")
    return int(found[1])
