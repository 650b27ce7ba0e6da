"""A real Odoo pushes through the TLS proxy of the self-hosting stack into its PostgreSQL."""

import pytest
from monitr_wire.connection_key import decode_connection_key, encode_connection_key

from tests.docker.conftest import Stack
from tests.odoo.books_script import LARGE_ENTRY_LINES
from tests.odoo.paired import SettingsPage
from tests.odoo.server import OdooError


@pytest.fixture
def told(stack: Stack) -> None:
    """The receiver knows the proxy's root certificate, as docker/README.md says to give it."""
    (stack.folder / "secrets/root_certificate").write_text(stack.ca_file.read_text())
    stack.compose("restart", "receiver")
    stack.compose("up", "--wait")


@pytest.mark.usefixtures("told")
def test_a_real_odoo_pushes_over_https(stack: Stack, settings_page: SettingsPage) -> None:
    name = f"odoo-{settings_page.odoo.series}"

    settings_page.connect(stack.monitr("connection", "add", name).split()[0])

    assert settings_page.push()["state"] == "succeeded"
    [listed] = [line for line in stack.monitr("connection", "list").splitlines() if name in line]
    assert int(listed.split()[-1].replace(",", "")) > LARGE_ENTRY_LINES


def test_an_odoo_that_does_not_trust_the_certificate_says_so(
    stack: Stack, settings_page: SettingsPage
) -> None:
    name = f"untrusted-{settings_page.odoo.series}"

    key = decode_connection_key(stack.monitr("connection", "add", name).split()[0])
    settings_page.connect(encode_connection_key(key._replace(authority="")))

    with pytest.raises(OdooError, match=r"TLS certificate of .* is not trusted"):
        settings_page.test_connection()
