"""Where a request comes from, told by the proxies that the settings trust."""

from ipaddress import ip_address

from flask import request

from receiver.config import Network
from receiver.web.current import current_config


def client_address() -> str:
    """The nearest address that is no trusted proxy: further ones could be made up.

    The farthest one where all are trusted.
    """
    networks = current_config().proxy_networks
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [hop.strip() for hop in (*forwarded, request.remote_addr or "") if hop.strip()]
    strangers = [hop for hop in hops if not _is_in(hop, networks)]
    return (strangers[-1:] or hops[:1] or [""])[0]


def is_from_proxy() -> bool:
    return _is_in(request.remote_addr or "", current_config().proxy_networks)


def _is_in(address: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False
