"""Authentication of the sender. The signature is verified on the raw bytes before anything of them
is read."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitr_wire.signature import (
    CONNECTION_HEADER,
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    has_valid_signature,
    is_within_replay_window,
)
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import (
    StoredSecret,
    find_connection,
    list_secrets,
    list_secrets_ever,
    revoke_secrets,
)
from receiver.db.engine import reading, writing
from receiver.errors import (
    MissingHeader,
    StaleTimestamp,
    UnknownConnection,
    WrongSignature,
)

PATTERNS = {
    CONNECTION_HEADER: re.compile(r"[!-~]{1,200}"),
    ID_HEADER: re.compile(r"[!-~]{1,200}"),
    TIMESTAMP_HEADER: re.compile(r"[0-9]{1,12}"),
    SIGNATURE_HEADER: re.compile(r"[ -~]+"),
}
KEYS_LOOKED_AT = 20  # of those that a connection ever had


@dataclass(frozen=True)
class SignedRequest:
    """What arrived, before anything of it is believed."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Sender:
    """The connection that certainly signed the request, and what it signed."""

    connection_id: int
    message_id: str
    body_sha256: str


@dataclass(frozen=True)
class _Claim:
    public_id: str
    message_id: str
    timestamp: int
    signatures: str


def authenticate(request: SignedRequest, config: Config, engine: Engine, now: datetime) -> Sender:
    """Raises MissingHeader, StaleTimestamp, UnknownConnection or WrongSignature.

    The first request signed with a newer secret revokes the older ones: so a rotation ends.
    """
    claim = _read_headers(request.headers)
    if not is_within_replay_window(claim.timestamp, now.timestamp()):
        raise StaleTimestamp
    with reading(engine) as db:
        connection = find_connection(db, claim.public_id)
        if connection is None:
            raise UnknownConnection
        secrets = list_secrets(db, connection.id)
    signer = _find_signer(secrets, claim, request.body, config)
    if signer is None:
        raise WrongSignature
    if signer.id != secrets[-1].id:
        with writing(engine) as db:
            revoke_secrets(db, connection.id, now, older_than=signer.id)
    return Sender(connection.id, claim.message_id, hashlib.sha256(request.body).hexdigest())


def is_signed_by_any_key(request: SignedRequest, config: Config, engine: Engine) -> bool:
    """Whether a key of the connection that it names signed the request, at any time: a revoked one
    too. Who only knows the connection's id has none."""
    try:
        claim = _read_headers(request.headers)
    except MissingHeader:
        return False
    with reading(engine) as db:
        secrets = list_secrets_ever(db, claim.public_id, KEYS_LOOKED_AT)
    return _find_signer(secrets, claim, request.body, config) is not None


def _read_headers(headers: Mapping[str, str]) -> _Claim:
    for name, pattern in PATTERNS.items():
        if not pattern.fullmatch(headers.get(name, "")):
            raise MissingHeader(f"The header {name} is missing or malformed.", path=name)
    public_id, message_id, timestamp, signatures = (headers[name] for name in PATTERNS)
    return _Claim(public_id, message_id, int(timestamp), signatures)


def _find_signer(
    secrets: Sequence[StoredSecret], claim: _Claim, body: bytes, config: Config
) -> StoredSecret | None:
    for stored in secrets:
        secret = config.decrypt(stored.encrypted_secret)
        if has_valid_signature([secret], claim.signatures, claim.message_id, claim.timestamp, body):
            return stored
    return None
