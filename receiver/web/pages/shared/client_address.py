"""Where a request comes from, and from whom, told by the proxies that the settings trust."""

import hmac
import re
from functools import lru_cache
from ipaddress import ip_address

import structlog
from flask import request

from receiver.config import Network
from receiver.sign_in import Visitor
from receiver.web.current import current_config
from receiver.web.pages.shared.known_browser import known_browser

SECRET_HEADER = "X-Monitr-Sign-In-Secret"
WITH_PORT = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([^:]+):[0-9]+")

log = structlog.get_logger()


def visitor() -> Visitor:
    """Who is at the door. That a proxy is not trusted is noted in the log."""
    proxy = unlisted_proxy()
    if proxy:
        _note_once(proxy)
    return Visitor(
        address=_nearest_stranger(_forwarded()) if proxy else client_address(),
        proxy=proxy,
        browser=known_browser(),
    )


def client_address() -> str:
    """The nearest address that is no trusted proxy: further ones could be made up.

    The farthest one where all are trusted.
    """
    return _nearest_stranger([hop for hop in (*_forwarded(), _peer()) if hop])


def unlisted_proxy() -> str:
    """Who passes requests on and is no trusted proxy; empty where nobody does.

    A proxy that the settings should name, or a client that makes up the header: nothing tells
    which.
    """
    is_trusted = _is_in(_peer(), current_config().proxy_networks)
    return _peer() if _forwarded() and not is_trusted else ""


def is_vouched_for() -> bool:
    """Whether a trusted proxy says who signed in. Its network may hold others too, so it tells the
    secret that it alone has been given."""
    told, secret = request.headers.get(SECRET_HEADER, ""), current_config().sign_in_secret
    is_from_proxy = _is_in(_peer(), current_config().proxy_networks)
    return is_from_proxy and hmac.compare_digest(told.encode(), secret.encode())


def _nearest_stranger(hops: list[str]) -> str:
    strangers = [hop for hop in hops if not _is_in(hop, current_config().proxy_networks)]
    return (strangers[-1:] or hops[:1] or [""])[0]


def _forwarded() -> list[str]:
    """The nearest one comes last."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    return [_without_port(hop.strip()) for hop in hops if hop.strip()]


def _peer() -> str:
    return _without_port(request.remote_addr or "")


def _without_port(hop: str) -> str:
    """An address, also of IPv4 written as IPv6, as all others write it; what is none as it is."""
    match = WITH_PORT.fullmatch(hop)
    try:
        found = ip_address(match[1] or match[2] if match else hop)
    except ValueError:
        return hop
    return str(getattr(found, "ipv4_mapped", None) or found)


def _is_in(address: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False


@lru_cache(maxsize=100)
def _note_once(proxy: str) -> None:
    """Once in each process, and again where very many take turns."""
    log.warning("proxy not among MONITR_TRUSTED_PROXIES", address=proxy)
