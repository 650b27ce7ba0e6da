"""How gunicorn serves the receiver: ``gunicorn -c python:receiver.gunicorn_settings``.

Threads, because a worker of the kind ``sync`` closes the connection after each answer, and then
every batch pays for a TLS handshake.
"""

import subprocess
from pathlib import Path

from gunicorn.http import wsgi  # type: ignore[import-untyped]

import receiver.app  # noqa: F401 (once, by the process that all workers are forked from)
from receiver.config import read_config
from receiver.jobs.supervisor import start_supervisor, stop
from receiver.logs import logging_settings

_config = read_config()
_shared_memory = Path("/dev/shm")

wsgi_app = "receiver.wsgi:app"
bind = _config.bind
workers = _config.workers
worker_class = "gthread"
threads = 4
keepalive = 75  # seconds; longer than proxies and the addon keep an idle connection
graceful_timeout = 30  # seconds for requests under way when the receiver is told to stop
timeout = 120
worker_tmp_dir = str(_shared_memory) if _shared_memory.is_dir() else None
control_socket_disable = True
# A client, too, may come from the address of a proxy beside this: none says what path it asks for.
forwarder_headers = ""
accesslog = None
loglevel = "warning"
logconfig_dict = logging_settings()


class _Response(wsgi.Response):  # type: ignore[misc]
    """Without saying which server this is."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = _Response

_supervisors: list[subprocess.Popen[bytes]] = []


def when_ready(_server: object) -> None:
    if _config.serve_worker:
        _supervisors.append(start_supervisor())


def on_exit(_server: object) -> None:
    for supervisor in _supervisors:
        stop(supervisor)
