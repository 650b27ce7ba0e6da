"""The address of an Odoo is taken as people paste it."""

import pytest

from receiver.errors import InvalidOdooUrl
from receiver.pull.setup.address import read_odoo_url


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.odoo.com",
        "acme.odoo.com",
        "acme.odoo.com/",
        "ACME.Odoo.com/web#action=menu&cids=1",
        " https://acme.odoo.com/web/login?db=acme ",
        "https://acme.odoo.com/web/login?redirect=https://elsewhere.example",
        "HTTPS://acme.odoo.com.",
        "acme.\nodoo.com",
        "https:/acme.odoo.com",
        "https//acme.odoo.com",
        "https://accountant:password@acme.odoo.com",
    ],
)
def test_it_finds_the_odoo(text: str) -> None:
    assert read_odoo_url(text, allow_http=False) == "https://acme.odoo.com"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("odoo.example:8069", "https://odoo.example:8069"),
        ("localhost:8069/web", "https://localhost:8069"),
        ("https://[2001:db8::1]:8069/", "https://[2001:db8::1]:8069"),
        ("münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://odoo.example", "http://odoo.example"),
    ],
)
def test_it_keeps_what_matters(text: str, url: str) -> None:
    assert read_odoo_url(text, allow_http=True) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "https://",
        "/web",
        "my company",
        "ftp://acme.odoo.com",
        "file:///etc/passwd",
        "https://acme.odoo.com:port",
        "https://acme.odoo.com:99999",
        "https://[::1",
        "a" * 64 + ".example",
        "acme..odoo.com",
        "accountant@acme.example, acme.odoo.com",
    ],
)
def test_it_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidOdooUrl):
        read_odoo_url(text, allow_http=True)


def test_a_key_is_never_sent_without_tls_unless_that_is_allowed() -> None:
    with pytest.raises(InvalidOdooUrl, match="must begin with https://"):
        read_odoo_url("http://acme.odoo.com", allow_http=False)
