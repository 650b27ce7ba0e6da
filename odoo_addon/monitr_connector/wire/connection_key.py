"""The connection key: one pasted value that carries the receiver's address, an id and a secret."""

import base64
import ipaddress
import json
import re
from typing import NamedTuple

from .marked import _lt
from .signature import SECRET_PREFIX

KEY_PREFIX = "monitr_"
CERTIFICATE = "-----BEGIN CERTIFICATE-----"
LONGEST_AUTHORITY = 20000  # characters
# Host, port and path alone: what "user@" or a backslash means, programs do not agree on.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\w[\w.-]*|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:/[\w./~%-]*)?"
)


class InvalidConnectionKey(ValueError):
    """The message is a sentence for the person who pasted the key."""


class ConnectionKey(NamedTuple):
    address: str  # "https://monitr.example.com", without a trailing slash
    connection_id: str
    secret: str  # "whsec_" and base64
    # Certificates (PEM) of the authority behind the address, where it is not a public one. An addon
    # from before it does not know such keys.
    authority: str = ""


def encode_connection_key(key: ConnectionKey) -> str:
    parts = list(key) if key.authority else list(key[:3])
    text = json.dumps(parts, separators=(",", ":"))
    return KEY_PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_connection_key(text: str) -> ConnectionKey:
    """Raises InvalidConnectionKey for anything but a whole key with a safe address."""
    text = "".join(text.split())
    if not text.startswith(KEY_PREFIX):
        raise InvalidConnectionKey(
            _lt("This is not a Monitr connection key: it starts with monitr_.")
        )
    try:
        key = _read(text[len(KEY_PREFIX) :])
    except (ValueError, TypeError) as error:
        raise InvalidConnectionKey(
            _lt(
                "The connection key is incomplete: copy it again from its first to its last"
                " character."
            )
        ) from error
    check_address(key.address)
    return key


def _read(encoded: str) -> ConnectionKey:
    """Raises ValueError or TypeError unless it holds an address, an id, a secret and, where there
    is one, an authority."""
    padded = encoded + "=" * (-len(encoded) % 4)
    key = ConnectionKey(*json.loads(base64.b64decode(padded, b"-_", validate=True).decode()))
    if not all(isinstance(part, str) and part for part in key[:3]):
        raise ValueError("a part is missing")
    if not isinstance(key.authority, str) or not is_authority(key.authority or CERTIFICATE):
        raise ValueError("the authority is none")
    if not key.secret.startswith(SECRET_PREFIX):
        raise ValueError("the third part is no secret")
    if not base64.b64decode(key.secret[len(SECRET_PREFIX) :], validate=True):
        raise ValueError("the secret is empty")
    return key


def is_authority(text: str) -> bool:
    """Whether it is certificates in PEM format, as far as text can tell."""
    return len(text) <= LONGEST_AUTHORITY and text.lstrip().startswith(CERTIFICATE)


def check_address(address: str) -> None:
    """Raises InvalidConnectionKey unless the address is https, or http on this very machine."""
    parts = _ADDRESS.fullmatch(address.lower())
    if parts and (parts.group("scheme") == "https" or _is_loopback(parts.group("host"))):
        return
    raise InvalidConnectionKey(
        _lt("The receiver's address must start with https:// (http:// is for this machine alone).")
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
