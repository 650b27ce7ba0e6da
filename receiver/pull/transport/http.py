"""Requests to a server that may be anything: only to public addresses, without following redirects,
never longer or larger than the limits, and not more at once.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests_hardened.client import HTTPSession
from requests_hardened.config import Config as Hardening

from receiver import errors
from receiver.pull.transport.call_limit import turns_at
from receiver.pull.transport.proxied import Proxy, dial_through
from receiver.pull.transport.ssrf_guard import dial

USER_AGENT = "Monitr"
MEBIBYTE = 1024 * 1024
CHUNK_BYTES = 64 * 1024
PLAIN_HOST = re.compile(r"[A-Za-z0-9.:-]{1,255}")
TOO_SLOW = {*(HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT), 522, 524}
BUSY = {HTTPStatus.TOO_EARLY, HTTPStatus.SERVICE_UNAVAILABLE}
OF_CONTENT_NETWORKS = {*range(520, 528), 530}  # what they say where Odoo does not answer them
REFUSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
# A ValueError is what a host's name raises that no resolver takes.
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
BROKEN_OFF = (urllib3.exceptions.IncompleteRead, ConnectionResetError, BrokenPipeError)

Heard = Callable[[float], None]  # told after each call how many seconds it took


@dataclass(frozen=True)
class Limits:
    connect_seconds: float = 10  # to one of all the host's addresses, with finding them
    answer_seconds: float = 180  # Odoo itself ends a request after 120
    answer_bytes: int = 128 * MEBIBYTE  # inflated
    calls_at_once: int = 2  # to one address, from this process
    pause_seconds: float = 0  # between two calls
    ca: str = ""  # certificates (PEM) of an authority that is trusted besides the known ones
    proxy: Proxy | None = None  # by which servers are reached


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class Server:
    """One server, asked by one thread at a time. What `heard` raises keeps its answer back."""

    def __init__(
        self,
        url: str,
        *,
        allow_private: bool,
        limits: Limits | None = None,
        heard: Heard = lambda _seconds: None,
    ) -> None:
        self.url = url
        self._heard = heard
        self._limits = limits or Limits()
        self._adapter = _Adapter(self._limits, allow_private)
        self._session = _make_session(self._adapter, self._limits)
        self._turns = turns_at(url, self._limits.calls_at_once)
        self._rests_until = 0.0  # by the monotonic clock

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(
        self, path: str, body: bytes, content_type: str, headers: Mapping[str, bytes] | None = None
    ) -> Answer:
        """Raises one of errors.py where no answer comes, or one that stands for no Odoo."""
        return self._ask("POST", path, body, {"Content-Type": content_type, **(headers or {})})

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str | bytes]
    ) -> Answer:
        began_at = time.monotonic()
        try:
            with self._turn(), self._guarded():
                response = self._session.request(
                    method, self.url + path, data=body, headers=dict(headers), stream=True
                )
                with response:
                    _check_status(response, self.url)
                    answer = Answer(response.status_code, self._read(response))
            return answer
        finally:
            self._heard(time.monotonic() - began_at)

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > self._limits.answer_bytes:
                raise errors.OdooAnswerTooLarge
        return bytes(body)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        time.sleep(max(0, self._rests_until - time.monotonic()))
        with self._turns:
            try:
                yield
            finally:
                self._rests_until = time.monotonic() + self._limits.pause_seconds

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Ends in time, and names what the libraries raise: they quote addresses and bodies.

        A time-out counts the silence between two bytes only; here the whole answer counts.
        """
        is_late = threading.Event()
        cut = threading.Timer(self._limits.answer_seconds, _cut, [self._adapter, is_late])
        cut.daemon = True
        cut.start()
        try:
            yield
        except FAILURES as error:
            raise errors.OdooTimeout if is_late.is_set() else _named(error) from error
        finally:
            cut.cancel()
        if is_late.is_set():  # what was cut may look whole
            raise errors.OdooTimeout


def _make_session(adapter: HTTPAdapter, limits: Limits) -> requests.Session:
    session = HTTPSession(
        Hardening(
            ip_filter_enable=False,  # by our adapter
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(limits.connect_seconds, limits.answer_seconds),
            user_agent_override=USER_AGENT,
        )
    )
    session.trust_env = False  # no proxy past the check of addresses, no log-in from .netrc
    session.adapters.clear()  # whatever the address becomes, no other one takes it
    session.mount("http", adapter)  # and https
    return session


class _Adapter(HTTPAdapter):
    """Connects by ssrf_guard.py or proxied.py, knows the connection in use, so that it can be cut,
    and trusts one more authority."""

    connection: Any = None

    def __init__(self, limits: Limits, allow_private: bool) -> None:
        self._limits = limits
        self._allow_private = allow_private
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        if self._limits.ca:
            context = urllib3.util.create_urllib3_context()
            context.load_verify_locations(cadata=self._limits.ca)
            named["ssl_context"] = context
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._dialling(urllib3.HTTPConnectionPool),
            "https": self._dialling(urllib3.HTTPSConnectionPool),
        }

    def _dialling(self, pool: Any) -> Any:
        def connect(connection: Any) -> socket.socket:
            self.connection = connection
            return self._dial(connection.host.strip("[]"), connection.port)

        connection_class = type("Connection", (pool.ConnectionCls,), {"_new_conn": connect})
        return type(pool.__name__, (pool,), {"ConnectionCls": connection_class})

    def _dial(self, host: str, port: int) -> socket.socket:
        # No longer than the whole answer may take: what is not connected cannot be cut.
        seconds = min(self._limits.connect_seconds, self._limits.answer_seconds)
        dialling = partial(dial_through, self._limits.proxy) if self._limits.proxy else dial
        return dialling(host, port, seconds=seconds, allow_private=self._allow_private)


def _cut(adapter: Any, is_late: threading.Event) -> None:
    is_late.set()
    sock = getattr(adapter.connection, "sock", None)
    if sock is not None:
        with suppress(OSError):  # it is closed already
            # The plain socket's shutdown: TLS would wait to say good-bye.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _check_status(response: requests.Response, own_url: str) -> None:
    """What another server before Odoo says; an Odoo says its own errors in the body."""
    status = response.status_code
    if response.is_redirect and _leads_elsewhere(own_url, response.headers["Location"]):
        target = urlsplit(response.headers["Location"])
        is_plain = PLAIN_HOST.fullmatch(target.netloc)
        if not is_plain:
            raise errors.OdooElsewhere
        raise errors.OdooElsewhere(
            "The server sends its visitors to %(address)s. Enter the address where Odoo itself is.",
            address=f"{target.scheme}://{target.netloc}",
        )
    if error := _said_before_odoo(status):
        raise _waiting(error, response.headers.get("Retry-After", ""))


def _said_before_odoo(status: int) -> errors.RetryLater | None:
    """What the proxy, load balancer or content network means that stands before Odoo."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.OdooRateLimited()
    if status in TOO_SLOW:
        return errors.OdooTimeout(
            "A server before Odoo waited too long for Odoo's answer (HTTP %(status)s).",
            status=status,
        )
    if status in BUSY:
        return errors.OdooServerError(
            "Odoo, or a server before it, asks to try later (HTTP %(status)s): it is being"
            " restarted, or has too much to do.",
            status=status,
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return errors.OdooServerError(
            "A server before Odoo does not take so large a request (HTTP 413): whoever runs it must"
            " raise its limit, in nginx client_max_body_size."
        )
    if status == HTTPStatus.BAD_GATEWAY or status in OF_CONTENT_NETWORKS:
        return errors.OdooServerError(
            "A server before Odoo gets no answer from Odoo (HTTP %(status)s): Odoo is down, or the"
            " two do not reach each other.",
            status=status,
        )
    return None


def not_an_odoo(status: int) -> errors.MonitrError:
    """The error for an answer whose status no Odoo gives to such a question."""
    if status in REFUSING:
        return errors.NotAnOdoo(
            "A proxy or firewall before that Odoo refuses the request (HTTP %(status)s). Whoever"
            " runs it must let this receiver's requests through.",
            status=status,
        )
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.OdooServerError(
            "Odoo, or a server before it, failed (HTTP %(status)s). Its log says more; try again"
            " later.",
            status=status,
        )
    return errors.NotAnOdoo()


def _waiting(error: errors.RetryLater, retry_after: str) -> errors.RetryLater:
    """The error with the seconds that the server asked to wait: it names them, or a moment."""
    if retry_after.isdecimal():
        error.wait_seconds = int(retry_after)
    elif retry_after:
        with suppress(ValueError, TypeError):  # a moment without a zone is none
            moment = parsedate_to_datetime(retry_after)
            error.wait_seconds = (moment - datetime.now(UTC)).total_seconds()
    return error


def _leads_elsewhere(own_url: str, location: str) -> bool:
    """Tell whether an address leads to another host, or from http to https. An Odoo's own pages may
    be anywhere on its host."""
    own, target = urlsplit(own_url), urlsplit(location)
    is_upgrade = (own.scheme, target.scheme) == ("http", "https")
    return bool(target.hostname) and (target.hostname != own.hostname or is_upgrade)


def _named(error: Exception) -> errors.MonitrError:
    causes = list(_causes(error))
    if any(isinstance(each, socket.gaierror) for each in causes):
        return errors.OdooHostNotFound()
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return errors.OdooTlsError()
    if any(isinstance(each, TimeoutError | requests.Timeout) for each in causes):
        return errors.OdooTimeout()
    if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
        return errors.InvalidOdooUrl()
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return errors.InvalidOdooAnswer()
    if any(isinstance(each, BROKEN_OFF) for each in causes):
        return errors.OdooUnreachable(
            "The connection to Odoo's server broke off before its answer was whole."
        )
    return errors.OdooUnreachable()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; urllib3 keeps that in `reason` and in arguments, too."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.append(each)
        yield each
        linked = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        waiting += [other for other in linked if isinstance(other, BaseException)]
