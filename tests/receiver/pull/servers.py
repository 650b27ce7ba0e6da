"""Real servers that are no Odoo, or a hostile one: each on a port of its own."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Reply(404, b"<h1>Not found</h1>")


def serving(
    replies: Mapping[str, Reply], certificate: Path | None = None
) -> AbstractContextManager[str]:
    """The address of a web server that answers these paths so, and any other with 404."""
    return answering(lambda path, _body: replies.get(path, NOT_FOUND), certificate)


@contextmanager
def answering(
    answer: Callable[[str, bytes], Reply], certificate: Path | None = None
) -> Iterator[str]:
    """The address of a web server that gives these answers to a request's path and body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(reply.status)
            length = reply.headers.get("Content-Length", str(len(reply.body)))
            self.send_header("Content-Length", length)
            for name, value in reply.headers.items() - {("Content-Length", length)}:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """The other side may hang up at any time."""

    with Server((HOST, 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def saying(say: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """The address of a server that says what it likes to whoever connects, until the event."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            say(connection, over)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=talk, args=[connection]))
                threads[-1].start()

    with socket.create_server((HOST, 0)) as listener:
        accepting = threading.Thread(target=accept, args=[listener])
        accepting.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def closed_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def make_certificate(folder: Path) -> Path:
    """Key and certificate of this host, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
