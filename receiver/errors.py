"""Every error the receiver raises on purpose, named by what to do next.

    MonitrError
    ├── RetryLater               the same request may succeed later
    │   └── DatabaseUnavailable
    ├── Rejected                 the request is wrong; nothing of it was stored
    │   ├── MissingHeader, UnknownConnection, WrongSignature, StaleTimestamp, WrongToken
    │   ├── BodyTooLarge, BrokenCompression
    │   ├── InvalidEnvelope, UnknownField, InvalidRecord, AmountTooLarge, WrongDigest
    │   ├── InvalidProof, BatchConflict, Overtaken, UnsupportedContract, InvalidHello, OtherDatabase
    │   └── NotFound, NameTaken, InvalidQuery
    └── Misconfigured            the person who runs the receiver must change something

A docstring is the default message. ``code`` is stable and part of the API. ``path`` says where in
the request the error is: ``/fields/3``, ``lines/7312/debit``. ``more`` holds further facts for the
sender's program.
"""

from collections.abc import Mapping
from types import MappingProxyType


class MonitrError(Exception):
    """Something went wrong."""

    code = "error"
    more: Mapping[str, object] = MappingProxyType({})

    def __init__(self, message: str = "", *, path: str = "") -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").split()))
        self.path = path


class RetryLater(MonitrError):
    """Try again later."""


class DatabaseUnavailable(RetryLater):
    """The receiver's database does not answer. Try again in a while."""

    code = "database_unavailable"


class Rejected(MonitrError):
    """The request was refused. Nothing was stored."""


class MissingHeader(Rejected):
    """A header of the signature is missing."""

    code = "missing_header"


class UnknownConnection(Rejected):
    """This receiver has no such connection. Paste the connection key again, or make a new one."""

    code = "unknown_connection"


class WrongSignature(Rejected):
    """The signature does not fit the body. The connection key was changed or revoked: paste the
    newest one."""

    code = "wrong_signature"


class StaleTimestamp(Rejected):
    """The timestamp is more than five minutes away from the receiver's clock. Set both clocks."""

    code = "stale_timestamp"


class WrongToken(Rejected):
    """A valid API token is needed: Authorization: Bearer <token>."""

    code = "wrong_token"


class BodyTooLarge(Rejected):
    """The body is larger than this receiver accepts."""

    code = "body_too_large"


class BrokenCompression(Rejected):
    """The body is not a whole gzip stream."""

    code = "broken_compression"


class InvalidEnvelope(Rejected):
    """The first line of the body is not a valid envelope."""

    code = "invalid_envelope"


class UnknownField(Rejected):
    """The receiver does not know this field. Upgrade the receiver before the addon."""

    code = "unknown_field"


class InvalidRecord(Rejected):
    """A record breaks the contract."""

    code = "invalid_record"


class AmountTooLarge(Rejected):
    """The embedded database cannot hold so large an amount. Let the receiver use PostgreSQL."""

    code = "amount_too_large"


class WrongDigest(Rejected):
    """The records do not have the count or digest that the envelope states."""

    code = "wrong_digest"


class InvalidProof(Rejected):
    """The digests break the contract."""

    code = "invalid_proof"


class BatchConflict(Rejected):
    """A message with this id but another content was stored before."""

    code = "batch_conflict"


class Overtaken(Rejected):
    """A later batch of this connection is stored already; this one would bring back old values."""

    code = "overtaken"

    def __init__(self, last_sequence: int) -> None:
        super().__init__()
        self.more = {"last_sequence": last_sequence}


class UnsupportedContract(Rejected):
    """This receiver does not speak that version of the contract. Upgrade the receiver first."""

    code = "unsupported_contract"


class InvalidHello(Rejected):
    """The body is not a valid hello."""

    code = "invalid_hello"


class OtherDatabase(Rejected):
    """This connection belongs to another Odoo database. Make a new connection for this one."""

    code = "other_database"


class NotFound(Rejected):
    """There is nothing here by that name."""

    code = "not_found"


class NameTaken(Rejected):
    """There is already one of that name."""

    code = "name_taken"


class InvalidQuery(Rejected):
    """A parameter of the request is wrong."""

    code = "invalid_query"


class Misconfigured(MonitrError):
    """The receiver is not set up right."""

    code = "misconfigured"
