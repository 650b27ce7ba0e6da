"""An Odoo that is reached by a proxy alone: a real one, as companies run it."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from receiver import errors
from receiver.pull.transport.http import Limits, Server
from receiver.pull.transport.proxied import read_proxy
from tests.debian import Running, tinyproxy
from tests.receiver.pull.servers import Reply, closed_port, make_certificate, serving

LIMITS = Limits(connect_seconds=5, answer_seconds=5)
PASSWORD = "s3cret-of-the-proxy"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Running]:
    with tinyproxy(tmp_path / "proxy", f"BasicAuth anna {PASSWORD}") as running:
        yield running


def behind(proxy_url: str, url: str, *, allow_private: bool = True, ca: str = "") -> Server:
    limits = replace(LIMITS, proxy=read_proxy(proxy_url), ca=ca)
    return Server(url, allow_private=allow_private, limits=limits)


def with_password(proxy: Running) -> str:
    return proxy.url.replace("://", f"://anna:{PASSWORD}@")


def test_it_asks_by_way_of_the_proxy(proxy: Running, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with serving({"/page": Reply(200, b"hello")}, certificate) as url:
        server = behind(with_password(proxy), url, ca=certificate.read_text())

        assert server.get("/page").body == b"hello"

    assert f"CONNECT {url.removeprefix('https://')}" in proxy.log()


def test_the_certificate_is_that_of_the_odoo_all_the_same(proxy: Running, tmp_path: Path) -> None:
    with (
        serving({"/page": Reply()}, make_certificate(tmp_path)) as url,
        pytest.raises(errors.OdooTlsError),
    ):
        behind(with_password(proxy), url).get("/page")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://[fd00::1]",
        "https://[::ffff:127.0.0.1]",
        "https://2130706433",
        "https://localhost",
    ],
)
def test_it_leads_into_no_private_network(proxy: Running, url: str) -> None:
    with pytest.raises(errors.ForbiddenAddress):
        behind(with_password(proxy), url, allow_private=False).get("/")

    assert "Request" not in proxy.log()


def test_a_name_that_is_not_known_here_is_the_proxys_to_resolve(proxy: Running) -> None:
    with pytest.raises(errors.OdooUnreachable, match="does not connect to that Odoo"):
        behind(with_password(proxy), "https://no-such-host.invalid", allow_private=False).get("/")

    assert "no-such-host.invalid:443" in proxy.log()


def test_a_proxy_that_wants_another_password(
    proxy: Running, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = proxy.url.replace("://", "://anna:wrong-password@")

    with pytest.raises(errors.OdooUnreachable, match="user and password") as refusal:
        behind(wrong, "https://odoo.example").get("/")

    secret = base64.b64encode(b"anna:wrong-password").decode()
    told = f"{refusal.value!r} {refusal.value.__cause__!r} {caplog.text} {read_proxy(wrong)!r}"
    assert "wrong-password" not in told
    assert secret not in told


def test_a_proxy_that_is_not_there() -> None:
    with pytest.raises(errors.OdooUnreachable, match="MONITR_ODOO_PROXY names cannot be reached"):
        behind(f"http://127.0.0.1:{closed_port()}", "https://odoo.example").get("/")


def test_what_is_no_proxy() -> None:
    with (
        serving({}) as url,
        pytest.raises(errors.OdooUnreachable, match="MONITR_ODOO_PROXY names"),
    ):
        behind(url, "https://odoo.example").get("/")
