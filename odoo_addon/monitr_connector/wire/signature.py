"""Standard Webhooks signatures: ``id.timestamp.body`` under HMAC-SHA256.

Source: the Standard Webhooks specification. One header may carry several signatures, so that a
receiver and a sender can change keys without losing a request.
"""

import base64
import hashlib
import hmac
from typing import Dict, Iterable

CONNECTION_HEADER = "monitr-connection"
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
SECRET_PREFIX = "whsec_"
REPLAY_WINDOW_SECONDS = 5 * 60


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature, ``v1,<base64>``. ``timestamp`` is in seconds since 1970, UTC."""
    key = base64.b64decode(secret[len(SECRET_PREFIX) :])
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(
    connection_id: str, secret: str, message_id: str, timestamp: int, body: bytes
) -> Dict[str, str]:
    return {
        CONNECTION_HEADER: connection_id,
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: sign(secret, message_id, timestamp, body),
    }


def has_valid_signature(
    secrets: Iterable[str], signatures: str, message_id: str, timestamp: int, body: bytes
) -> bool:
    """Whether one of the space-separated signatures was made with one of the secrets."""
    given = signatures.split(" ")
    wanted = [sign(secret, message_id, timestamp, body) for secret in secrets]
    return any(hmac.compare_digest(a.encode(), b.encode()) for a in wanted for b in given)


def is_within_replay_window(timestamp: int, now: float) -> bool:
    return abs(now - timestamp) <= REPLAY_WINDOW_SECONDS
