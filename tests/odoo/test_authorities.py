"""A receiver whose certificate comes from an authority of the company's own, and a way out of the
company by a proxy alone: both real."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.authority import Authority
from tests.debian import Running, nginx, tinyproxy
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.server import OdooError
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("pair")) as pair:
        yield pair


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority("Acme Root", tmp_path)


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority("Acme Root 2", tmp_path)


@contextmanager
def served(pair: Paired, folder: Path, certificate: Path, port: int = 0) -> Iterator[Running]:
    """The receiver over TLS, with that certificate."""
    with nginx(folder, pair.receiver.url, certificate=certificate, port=port) as running:
        yield running


def tell(pair: Paired, authorities: str) -> None:
    """Set the receiver's authority anew."""
    pair.receiver.kill()
    pair.receiver.more = {"MONITR_PUBLIC_CA": authorities}
    pair.receiver.start()


def connect(pair: Paired, url: str) -> None:
    """Paste a new key for that address."""
    pair.receiver.public_url = url
    pair.set_key(pair.receiver.rotate_connection(NAME))


def trusts(pair: Paired) -> str:
    [row] = pair.odoo.call("monitr.connection", "search_read", [], ["trusts"])
    return str(row["trusts"])


def test_the_key_brings_the_authority(pair: Paired, ours: Authority, tmp_path: Path) -> None:
    tell(pair, ours.pem)
    with served(pair, tmp_path / "nginx", ours.issue()) as server:
        connect(pair, server.url)

        assert pair.push()["state"] == "succeeded"

    assert "Acme Root until " in trusts(pair)
    assert ours.fingerprint in trusts(pair)
    connect(pair, "https://monitr.example")


def test_a_change_of_authority_is_known_before_it_comes(
    pair: Paired, ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    tell(pair, ours.pem)
    with served(pair, tmp_path / "nginx", ours.issue()) as server:
        connect(pair, server.url)
        tell(pair, ours.pem + theirs.pem)
        pair.test_connection()
    port = int(server.url.rpartition(":")[2])

    with served(pair, tmp_path / "renewed", theirs.issue(), port):
        tell(pair, theirs.pem)
        assert pair.push()["state"] == "succeeded"

    assert theirs.fingerprint in trusts(pair)
    assert ours.fingerprint not in trusts(pair), "the old one is no longer told"


def test_an_authority_that_is_not_known_has_its_own_sentence(
    pair: Paired, ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    tell(pair, ours.pem)
    with served(pair, tmp_path / "nginx", theirs.issue()) as server:
        connect(pair, server.url)

        with pytest.raises(OdooError, match="does not know the authority that signed it"):
            pair.test_connection()


def test_a_certificate_that_has_expired_has_its_own_sentence(
    pair: Paired, ours: Authority, tmp_path: Path
) -> None:
    tell(pair, ours.pem)
    with served(pair, tmp_path / "nginx", ours.issue(timedelta(days=-1))) as server:
        connect(pair, server.url)

        with pytest.raises(OdooError, match="has expired"):
            pair.test_connection()


def test_what_the_server_trusts_anyway_it_still_trusts(
    pair: Paired, ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(theirs.pem)
    tell(pair, ours.pem)
    with served(pair, tmp_path / "nginx", theirs.issue()) as server:
        connect(pair, server.url)

        said = shell(pair, REQUESTS_CA_BUNDLE=str(bundle))

    assert "knows this Odoo" in said


@pytest.mark.parametrize("is_open", [True, False])
def test_it_goes_by_the_proxy_that_the_environment_names(
    pair: Paired, ours: Authority, tmp_path: Path, is_open: bool
) -> None:
    tell(pair, ours.pem)
    with (
        served(pair, tmp_path / "nginx", ours.issue()) as server,
        tinyproxy(tmp_path / "proxy", "" if is_open else "ConnectPort 1") as proxy,
    ):
        connect(pair, server.url)

        said = shell(pair, HTTPS_PROXY=proxy.url)

        assert f"CONNECT {server.url.removeprefix('https://')}" in proxy.log()
    assert ("knows this Odoo" in said) is is_open
    assert ("by the proxy that this Odoo server's environment names" in said) is not is_open


def shell(pair: Paired, **environment: str) -> str:
    """What Test connection says in an Odoo with this environment."""
    said: Any = pair.odoo.shell(f"""
import os
from odoo.exceptions import UserError
os.environ.update({environment!r})
try:
    action = env["monitr.connection"].search([]).action_test_connection()
    result = action["params"]["message"]
except UserError as error:
    result = str(error)
""")
    return str(said)
