"""Where a request comes from, and from whom, told by the proxies that the settings trust."""

import hmac
from ipaddress import ip_address

from flask import request

from receiver.config import Network
from receiver.web.current import current_config

SECRET_HEADER = "X-Monitr-Sign-In-Secret"


def client_address() -> str:
    """The nearest address that is no trusted proxy: further ones could be made up.

    The farthest one where all are trusted.
    """
    networks = current_config().proxy_networks
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [hop.strip() for hop in (*forwarded, request.remote_addr or "") if hop.strip()]
    strangers = [hop for hop in hops if not _is_in(hop, networks)]
    return (strangers[-1:] or hops[:1] or [""])[0]


def is_vouched_for() -> bool:
    """Whether a trusted proxy says who signed in. Its network may hold others too, so it tells the
    secret that it alone has been given."""
    told, secret = request.headers.get(SECRET_HEADER, ""), current_config().sign_in_secret
    is_from_proxy = _is_in(request.remote_addr or "", current_config().proxy_networks)
    return is_from_proxy and hmac.compare_digest(told.encode(), secret.encode())


def _is_in(address: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False
