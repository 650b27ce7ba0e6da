"""A real Odoo of which only some paths are reachable, as behind a careful proxy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests

PASSED_ON = ("Content-Type", "Authorization", "X-Odoo-Database")


@dataclass
class Proxy:
    url: str
    bodies: list[bytes] = field(default_factory=list)  # of all requests that were let through
    # What happens before the request of this number is passed on.
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)


@contextmanager
def letting_through(url: str, *prefixes: str) -> Iterator[Proxy]:
    """A proxy before the Odoo at `url` that knows these paths alone."""
    proxy = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith(prefixes):
                self.pass_on(body)
            else:
                self.send_error(404)

        do_GET = do_POST

        def pass_on(self, body: bytes) -> None:
            proxy.bodies.append(body)
            proxy.meanwhile.get(len(proxy.bodies), lambda: None)()
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            there = url + self.path
            answer = requests.request(
                self.command, there, data=body, headers=headers, allow_redirects=False, timeout=60
            )
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
