"""Where a request comes from, told by the proxies that the settings trust."""

from ipaddress import ip_address

from flask import request

from receiver.config import Network
from receiver.web.current import current_config


def client_address() -> str:
    """The nearest address that is no trusted proxy: further ones could be made up."""
    networks = current_config().proxy_networks
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), request.remote_addr or ""]
    for hop in reversed(hops):
        address = hop.strip()
        if not _is_in(address, networks):
            return address or request.remote_addr or ""
    return request.remote_addr or ""


def is_from_proxy() -> bool:
    return _is_in(request.remote_addr or "", current_config().proxy_networks)


def _is_in(address: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False
