"""Programs of Debian that stand between an Odoo and a receiver, each run for a test."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.left_out import left_out
from tests.odoo.server import DIES_WITH_PARENT

FETCH = Path(__file__).parent / "fetch_debian.sh"
EXIT_UNAVAILABLE = 3  # of fetch_debian.sh: not to be had here, as opposed to a fault
START_SECONDS = 30

NGINX = """
daemon off;
master_process off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {settings}
    server {{
        listen {listen};
        location / {{ proxy_pass {before}; }}
    }}
}}
"""
TINYPROXY = """
Port {port}
Listen 127.0.0.1
LogFile "{folder}/tinyproxy.log"
LogLevel Connect
Timeout 600
{settings}
"""


@dataclass
class Running:
    """One program, and what it logged."""

    url: str
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text()


@contextmanager
def nginx(
    folder: Path,
    before: str,
    settings: str = "",
    *,
    certificate: Path | None = None,
    port: int = 0,
) -> Iterator[Running]:
    """Nginx as it is installed, before a server; `settings` are its own words. A file with key and
    certificate makes it speak TLS."""
    port = port or free_port()
    folder.mkdir()
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {certificate};"
    text = NGINX.format(
        folder=folder,
        listen=f"127.0.0.1:{port}{' ssl' if certificate else ''}",
        before=before,
        settings=f"{settings} {tls if certificate else ''}",
    )
    (folder / "nginx.conf").write_text(text)
    command = [program("nginx", "nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running(command, port):
        scheme = "https" if certificate else "http"
        yield Running(f"{scheme}://127.0.0.1:{port}", folder / "access.log")


@contextmanager
def tinyproxy(folder: Path, settings: str = "") -> Iterator[Running]:
    """A proxy for what goes out of a company's network."""
    port = free_port()
    folder.mkdir()
    (folder / "tinyproxy.conf").write_text(
        TINYPROXY.format(folder=folder, port=port, settings=settings)
    )
    command = [program("tinyproxy-bin", "tinyproxy"), "-d", "-c", str(folder / "tinyproxy.conf")]
    with _running(command, port):
        yield Running(f"http://127.0.0.1:{port}", folder / "tinyproxy.log")


def program(package: str, name: str) -> str:
    """Its path. Where it cannot be had, the test is left out."""
    fetched = subprocess.run([FETCH, package, name], capture_output=True, text=True, check=False)
    if fetched.returncode == EXIT_UNAVAILABLE:
        left_out(f"tests with {name}", fetched.stderr.strip().splitlines()[-1])
    assert fetched.returncode == 0, fetched.stderr
    path = fetched.stdout.strip()
    assert shutil.which(path), path
    return path


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen([*DIES_WITH_PARENT, *command])
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "it ended at once"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
