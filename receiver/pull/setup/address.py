"""The address of an Odoo, as people write it."""

import re
from urllib.parse import urlsplit

from receiver.errors import InvalidOdooUrl

SCHEME = re.compile(r"(https?)(?:://|:/|//)/*", re.IGNORECASE)
HOST = re.compile(r"[^\s\x00-\x20\"'<>\\^`{|}%@,;]+")


def read_odoo_url(text: str, *, allow_http: bool) -> str:
    """``https://host[:port]`` of what was pasted, with or without scheme, path and last slash.

    Raises InvalidOdooUrl.
    """
    text = text.strip()
    found = SCHEME.match(text)
    scheme = found[1].lower() if found else "https"
    if scheme == "http" and not allow_http:
        raise InvalidOdooUrl(
            "The API key is sent with TLS alone: the address must begin with https://."
        )
    return f"{scheme}://{_host_and_port(text[found.end() :] if found else text)}"


def _host_and_port(rest: str) -> str:
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidOdooUrl from error
    if not host or not HOST.fullmatch(host) or "://" in rest.partition("?")[0]:
        raise InvalidOdooUrl
    host = _ascii(host.rstrip("."))
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


def _ascii(host: str) -> str:
    """The host as the DNS knows it: München.example is xn--mnchen-3ya.example there."""
    try:
        return host if ":" in host else host.encode("idna").decode()
    except UnicodeError as error:
        raise InvalidOdooUrl from error
