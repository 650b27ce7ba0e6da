"""The self-hosting stack of `docker/`, built from the working tree and really running.

`stack` is started once for all tests that ask for it. Where no Docker engine can be had, they are
left out.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.left_out import left_out

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "tests/docker/engine.sh"
NO_ENGINE = 3  # engine.sh's exit status where no engine can be had
IN_THE_IMAGE = ["docker", "odoo_addon", "pyproject.toml", "receiver", "requirements"]
SIGN_IN = {"SIGN_IN_HEADER": "X-Remote-User", "SIGN_IN_SECRET": "told to the proxy and nobody else"}
ROOT_CERTIFICATE = "/data/caddy/pki/authorities/local/root.crt"


@dataclass(frozen=True)
class Stack:
    """What `docker compose up` made of `docker/compose.yaml`."""

    base_url: str  # https://localhost:PORT, the proxy's address, also put into connection keys
    ca_file: Path  # the proxy's root certificate, PEM
    folder: Path  # the copy of docker/ that it was started from
    environment: dict[str, str]

    def monitr(self, *arguments: str) -> str:
        """What `monitr ARGUMENTS` prints inside the receiver's container."""
        return self.compose("exec", "-T", "receiver", "monitr", *arguments)

    def compose(self, *arguments: str) -> str:
        """What `docker compose ARGUMENTS` prints; if it fails, raises with the logs."""
        done = self._run("docker", "compose", *arguments)
        if done.returncode:
            logs = self._run("docker", "compose", "logs", "--no-color", "--tail=50").stdout
            raise AssertionError(f"docker compose {' '.join(arguments)}\n{done.stderr}\n{logs}")
        return done.stdout

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def engine() -> Iterator[dict[str, str]]:
    """The environment in which `docker` reaches a working engine."""
    up = subprocess.run([ENGINE, "up"], capture_output=True, text=True, check=False)
    if up.returncode == NO_ENGINE:
        left_out("the container image and the compose stack", up.stderr.splitlines()[-1])
    assert up.returncode == 0, up.stderr
    yield os.environ | dict(line.split("=", 1) for line in up.stdout.splitlines())
    subprocess.run([ENGINE, "down"], check=True)


@pytest.fixture(scope="session")
def stack(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The receiver behind its TLS proxy, as README.md of docker/ says to start it."""
    checkout = tmp_path_factory.mktemp("checkout")
    copy_working_tree(checkout)
    subprocess.run([checkout / "docker/new-secrets.sh"], check=True)
    port = free_port()
    stack = Stack(
        base_url=f"https://localhost:{port}",
        ca_file=checkout / "root.crt",
        folder=checkout / "docker",
        environment=engine
        | SIGN_IN
        | {
            "COMPOSE_PROJECT_NAME": f"monitr-test-{os.getpid()}",
            "SITE_ADDRESS": "localhost",
            "HTTPS_PORT": f"127.0.0.1:{port}",
            "PUBLIC_URL": f"https://localhost:{port}",
        },
    )
    try:
        stack.compose("up", "--build", "--wait")
        stack.ca_file.write_text(stack.compose("exec", "-T", "proxy", "cat", ROOT_CERTIFICATE))
        yield stack
    finally:
        stack.compose("down", "--volumes", "--rmi=local")


def copy_working_tree(target: Path) -> None:
    """What a clone would hold of it, so that no secret or cache of this checkout takes part."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    names = subprocess.run(
        [*listed, ".dockerignore", *IN_THE_IMAGE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
