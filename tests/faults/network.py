"""The network between Odoo and the receiver: it carries every request, and misbehaves on demand.

Bytes are forwarded as they came. What goes wrong is a `Fault`: a function that is given the network
and a request, and says what the sender gets to hear.
"""

import socket
import socketserver
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, NamedTuple

PATIENCE_SECONDS = 180
DELAY_SECONDS = 0.5
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Answer(NamedTuple):
    """What the sender gets; a cut answer ends with a closed connection."""

    text: bytes
    is_cut: bool = False


NOTHING = Answer(b"", is_cut=True)

Fault = Callable[["Network", bytes], Answer]


class Network:
    """A listening address whose requests go on to the receiver; use it as a context manager."""

    def __init__(self) -> None:
        self.receiver_port = 0
        self.request_count = 0  # since `misbehave` or `behave`
        self.held_back: list[bytes] = []
        self._mutex = threading.Lock()
        self._fault: Fault = forward
        self._suffering = range(0)
        self._path = b""
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Network":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def misbehave(self, fault: Fault, *, at: int = 0, times: int = 1, path: str = "/") -> None:
        """From now on the request number `at` (from 0) with that path and those after it suffer."""
        with self._mutex:
            self._fault, self._suffering, self._path = fault, range(at, at + times), path.encode()
            self.request_count = 0

    def behave(self) -> int:
        """Forward everything again. How many requests there were meanwhile."""
        count = self.request_count
        self.misbehave(forward, times=0)
        return count

    def answer(self, request: bytes) -> Answer:
        """What becomes of one request of the sender."""
        with self._mutex:
            is_meant = self._path in request.split(b"\r\n", 1)[0]
            fault = self._fault if is_meant and self.request_count in self._suffering else forward
            self.request_count += is_meant
        return fault(self, request)

    def carry(self, request: bytes) -> bytes:
        """The receiver's whole reply, or nothing where it gives none."""
        try:
            with self._connect() as receiver, receiver.makefile("rb") as replies:
                receiver.sendall(request)
                return read_message(replies)
        except ConnectionError:
            return b""

    def carry_half(self, request: bytes) -> None:
        with self._connect() as receiver:
            receiver.sendall(request[: len(request) // 2])

    def deliver_held_back(self) -> list[int]:
        """Deliver, late, what was held back; the HTTP status of each."""
        late, self.held_back = self.held_back, []
        return [status_of(self.carry(request)) for request in late]

    def _connect(self) -> socket.socket:
        address = ("127.0.0.1", self.receiver_port)
        return socket.create_connection(address, timeout=PATIENCE_SECONDS)


def forward(network: Network, request: bytes) -> Answer:
    """No fault at all."""
    reply = network.carry(request)
    return Answer(reply, is_cut=not reply)


def drop_reply(network: Network, request: bytes) -> Answer:
    """The receiver has stored the batch, and nobody hears of it."""
    network.carry(request)
    return NOTHING


def cut_request(network: Network, request: bytes) -> Answer:
    """The connection breaks in the middle of the request."""
    network.carry_half(request)
    return NOTHING


def cut_reply(network: Network, request: bytes) -> Answer:
    """The connection breaks in the middle of the reply."""
    reply = network.carry(request)
    return Answer(reply[:-10], is_cut=True)


def send_twice(network: Network, request: bytes) -> Answer:
    """Both at the same moment; the sender hears the first answer."""
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(network.carry, [request, request]))
    return Answer(replies[0], is_cut=not replies[0])


def hold_back(network: Network, request: bytes) -> Answer:
    """The request goes astray, and may arrive much later: see `deliver_held_back`."""
    network.held_back.append(request)
    return NOTHING


def answer_503(_network: Network, _request: bytes) -> Answer:
    """Something between the two says that the receiver is not there."""
    return Answer(UNAVAILABLE)


def delay(network: Network, request: bytes) -> Answer:
    time.sleep(DELAY_SECONDS)
    return forward(network, request)


def read_message(file: IO[bytes]) -> bytes:
    """One HTTP message with the body that its Content-Length states; nothing where it ends early"""
    head = b""
    length = 0
    while not head.endswith(b"\r\n\r\n"):
        line = file.readline()
        if not line:
            return b""
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = file.read(length)
    return head + body if len(body) == length else b""


def status_of(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, network: Network) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.network = network


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """All requests of one connection of the sender, who may be killed at any moment."""
        try:
            while request := read_message(self.rfile):
                answer = self.server.network.answer(request)
                self.wfile.write(answer.text)
                if answer.is_cut:
                    return
        except ConnectionError:
            return
