"""The connection key: one pasted value that carries the receiver's address, an id and a secret."""

import base64
import binascii
import ipaddress
import json
from typing import NamedTuple
from urllib.parse import urlsplit

KEY_PREFIX = "monitr_"


class InvalidConnectionKey(ValueError):
    """The message is a sentence for the person who pasted the key."""


class ConnectionKey(NamedTuple):
    address: str  # "https://monitr.example.com", without a trailing slash
    connection_id: str
    secret: str  # "whsec_" and base64


def encode_connection_key(key: ConnectionKey) -> str:
    text = json.dumps(list(key), separators=(",", ":"))
    return KEY_PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_connection_key(text: str) -> ConnectionKey:
    """Raises InvalidConnectionKey for anything but a whole key with a safe address."""
    text = "".join(text.split())
    if not text.startswith(KEY_PREFIX):
        raise InvalidConnectionKey("This is not a Monitr connection key: it starts with monitr_.")
    encoded = text[len(KEY_PREFIX) :]
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        key = ConnectionKey(*json.loads(base64.urlsafe_b64decode(padded).decode()))
        base64.b64decode(key.secret.split("_", 1)[1], validate=True)
    except (binascii.Error, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InvalidConnectionKey(
            "The connection key is incomplete: copy it again from its first to its last character."
        ) from error
    check_address(key.address)
    return key


def check_address(address: str) -> None:
    """Raises InvalidConnectionKey unless the address is https, or http on this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise InvalidConnectionKey(
        "The receiver's address must start with https:// (http:// is for this machine alone)."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
