"""Every error the receiver raises on purpose, named by what to do next.

    MonitrError
    ├── RetryLater               the same request may succeed later
    │   ├── DatabaseUnavailable, WorkerLost
    │   ├── OdooUnreachable, OdooTimeout, OdooRateLimited, OdooServerError
    │   └── DoesNotTieOut
    ├── Rejected                 the request is wrong; nothing of it was stored
    │   ├── MissingHeader, UnknownConnection, WrongSignature, StaleTimestamp, WrongToken
    │   ├── BodyTooLarge, BrokenCompression
    │   ├── InvalidEnvelope, UnknownField, InvalidRecord, WrongDigest
    │   ├── InvalidProof, BatchConflict, Overtaken, UnsupportedContract, InvalidHello, OtherDatabase
    │   ├── InvalidStructure, ChangedMeanwhile, DifferentCurrencies, PullRunning, PullEnded
    │   ├── NothingHidden
    │   ├── NotFound, NameTaken, InvalidQuery, InvalidBody, MayNotManage
    │   └── NotLetIn             what people do in the pages is refused
    │       ├── WrongSignIn, TooManySignIns, WeakPassword, WrongCode, OpenIdRefused
    │       └── InvalidName, NotAllowed, LastAdministrator
    ├── NoAccess                 what is known of an Odoo to read from is wrong, or not enough
    │   ├── InvalidOdooUrl, OdooHostNotFound, ForbiddenAddress, OdooTlsError, OdooElsewhere
    │   ├── NotAnOdoo, OdooTooOld, InvalidOdooAnswer, OdooAnswerTooLarge
    │   ├── WrongOdooDatabase, WrongOdooKey, RefusedByOdooOnline, MissingPermissions
    │   └── GoneFromSight, UnknownLanguage, UnknownCompany, OtherBooks, OdooCallRefused
    └── Misconfigured            the person who runs the receiver must change something

A docstring is the default text. A text has a name for each value, which is given by that name, so
that the pages can translate it: ``NotFound("There is no user named %(name)s.", name=name)``.

``code`` is stable and part of the API. ``path`` says where in the request the error is:
``/fields/3``, ``lines/7312/debit``; where an Odoo is to be connected, which of the values to look
at: ``/url``. ``more`` holds further facts for the sender's program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from receiver.messages import Sentence, Value, parts_of


class MonitrError(Exception):
    """Something went wrong."""

    code = "error"
    path = ""
    more: Mapping[str, object] = MappingProxyType({})

    def __init__(self, text: str = "", *, path: str = "", **values: Value) -> None:
        self.sentence = Sentence(text or default_text(type(self)), values)
        super().__init__(str(self.sentence))
        self.path = path or type(self).path


def default_text(kind: type[MonitrError]) -> str:
    return " ".join((kind.__doc__ or "").split())


@dataclass(frozen=True)
class WrongLine:
    """A line of a batch that breaks the contract, and the first value that does."""

    number: int  # from 1
    field: str | None  # None where no single value is to blame
    value: str | None  # None where it is absent
    reason: Sentence

    def as_json(self) -> dict[str, object]:
        return {**vars(self), "reason": parts_of(self.reason)}


Wrongs = Sequence[WrongLine]


class RetryLater(MonitrError):
    """Try again later."""

    wait_seconds: float | None = None  # how long the other side asked to wait


class DatabaseUnavailable(RetryLater):
    """The receiver's database does not answer. Try again in a while."""

    code = "database_unavailable"


class WorkerLost(RetryLater):
    """The worker was killed each time it was at this pull: by a restart, or for want of memory. The
    receiver's log and the machine's say more; then pull again."""

    code = "worker_lost"


class OdooUnreachable(RetryLater):
    """No connection to Odoo's server comes about: it is down, refuses connections, or a firewall
    stands between. Check the address and its port, and that Odoo is reachable from the internet."""

    code = "odoo_unreachable"
    path = "/url"


class OdooTimeout(RetryLater):
    """Odoo's server did not answer in time."""

    code = "odoo_timeout"
    path = "/url"


class OdooRateLimited(RetryLater):
    """Odoo refuses requests for a while, because there were too many or too many wrong log-ins. Try
    again in some minutes."""

    code = "odoo_rate_limited"


class OdooServerError(RetryLater):
    """Odoo's server failed inside while it answered. Its log says more; try again later."""

    code = "odoo_server_error"


class DoesNotTieOut(RetryLater):
    """Everything is pulled, but slices of the books differ from Odoo even after their repair. Pull
    again; if they still differ, please report it."""

    code = "does_not_tie_out"


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

    def __init__(
        self, text: str = "", *, path: str = "", wrong_lines: Wrongs = (), **values: Value
    ) -> None:
        """``wrong_lines`` are all lines of the batch that its sender may set aside."""
        super().__init__(text, path=path, **values)
        self.wrong_lines = tuple(wrong_lines)
        if wrong_lines:
            self.more = {"wrong_lines": [each.as_json() for each in wrong_lines]}


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


class NotLetIn(Rejected):
    """The pages do not let you do that."""


class OpenIdRefused(NotLetIn):
    """Signing in by OpenID Connect did not work. Try again, or ask an administrator for a user with
    the e-mail address that your provider states."""

    code = "open_id_refused"
    path = "/form"


class WrongSignIn(NotLetIn):
    """The name or the password is wrong. Try again, or ask an administrator for a new password."""

    code = "wrong_sign_in"
    path = "/password"


class TooManySignIns(NotLetIn):
    """Signing in failed too often. Try again later."""

    code = "too_many_sign_ins"

    def __init__(self, wait_seconds: int = 60) -> None:
        super().__init__()
        self.wait_seconds = wait_seconds


class WeakPassword(NotLetIn):
    """The password is too short. Take at least 12 characters, such as four words."""

    code = "weak_password"
    path = "/password"


class WrongCode(NotLetIn):
    """This code is wrong, was used already, or has expired. Ask for a new one."""

    code = "wrong_code"
    path = "/code"


class InvalidName(NotLetIn):
    """A name has 1 to 63 letters, digits and . _ @ + - and begins with a letter or digit."""

    code = "invalid_name"
    path = "/name"


class NotAllowed(NotLetIn):
    """Only an administrator may do this. Ask one, or to be made one."""

    code = "not_allowed"


class LastAdministrator(NotLetIn):
    """This is the last administrator. Make another user an administrator first."""

    code = "last_administrator"


class PullRunning(Rejected):
    """This connection is being pulled already. Wait for that pull to end, or cancel it first."""

    code = "pull_running"

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self.more = {"run_id": run_id}


class PullEnded(Rejected):
    """This pull has ended already, so there is nothing to cancel."""

    code = "pull_ended"


class NothingHidden(Rejected):
    """The last pull found nothing hidden from the user, so there is nothing to let go of."""

    code = "nothing_hidden"


class NotFound(Rejected):
    """There is nothing here by that name."""

    code = "not_found"


class NameTaken(Rejected):
    """There is already one of that name."""

    code = "name_taken"
    path = "/name"


class InvalidQuery(Rejected):
    """A parameter of the request is wrong."""

    code = "invalid_query"


class InvalidBody(Rejected):
    """The request's body is wrong."""

    code = "invalid_body"


class MayNotManage(Rejected):
    """This API token may only read. Make one that may manage: monitr token add NAME --manage."""

    code = "may_not_manage"


class InvalidStructure(Rejected):
    """The reporting structure cannot be changed like that."""

    code = "invalid_structure"


class ChangedMeanwhile(Rejected):
    """Someone else changed this reporting structure meanwhile, so your change was not stored. Look
    at what it is now, and try again."""

    code = "changed_meanwhile"


class DifferentCurrencies(Rejected):
    """These companies have different currencies, which cannot be added up. Ask for the companies of
    one currency at a time."""

    code = "different_currencies"
    path = "company_id"


class NoAccess(MonitrError):
    """Odoo cannot be read with these values."""


class InvalidOdooUrl(NoAccess):
    """This is not the address of an Odoo. It looks like https://mycompany.odoo.com."""

    code = "invalid_odoo_url"
    path = "/url"


class OdooHostNotFound(NoAccess):
    """There is no server of that name. Check the address for typing errors."""

    code = "odoo_host_not_found"
    path = "/url"


class ForbiddenAddress(NoAccess):
    """The address leads into a private network, where this receiver does not go. The person who
    runs it can allow that by the setting MONITR_ALLOW_PRIVATE_ADDRESSES."""

    code = "forbidden_address"
    path = "/url"


class OdooTlsError(NoAccess):
    """The server's certificate is not valid for this address, or it does not speak TLS there. Check
    the address and port; whoever runs that Odoo must mend the certificate."""

    code = "odoo_tls_error"
    path = "/url"


class OdooElsewhere(NoAccess):
    """The server sends its visitors to another address. Enter the address where Odoo itself is."""

    code = "odoo_elsewhere"
    path = "/url"


class NotAnOdoo(NoAccess):
    """A server answers there, but it is not an Odoo, or its external API is switched off."""

    code = "not_an_odoo"
    path = "/url"


class OdooTooOld(NoAccess):
    """This Odoo is older than 14.0, and API keys exist in Odoo 14 and later. Upgrade it first."""

    code = "odoo_too_old"
    path = "/url"


class InvalidOdooAnswer(NoAccess):
    """The server's answer is not one that an Odoo gives. Nothing of it was used."""

    code = "invalid_odoo_answer"
    path = "/url"


class OdooAnswerTooLarge(NoAccess):
    """The server's answer is larger than this receiver reads. Nothing of it was used."""

    code = "odoo_answer_too_large"
    path = "/url"


class WrongOdooDatabase(NoAccess):
    """This Odoo has no such database. On Odoo Online it is the first part of the address; else ask
    your Odoo administrator."""

    code = "wrong_odoo_database"
    path = "/database"


class WrongOdooKey(NoAccess):
    """Odoo does not accept this user with this API key. One of them is wrong, or the key has
    expired, or the user is archived: Odoo tells no difference. Make a new key as that user:
    Profile, Preferences, Account Security. After ten wrong tries Odoo 14 and 15 refuse the right
    key too, for a minute."""

    code = "wrong_odoo_key"
    path = "/api_key"


class RefusedByOdooOnline(NoAccess):
    """Odoo Online does not accept this user with this API key. If both are right, the key has not
    expired and the user is not archived, then it is the plan: Odoo Online lets programs in with the
    Custom plan alone. Ask whoever manages your Odoo subscription."""

    code = "refused_by_odoo_online"
    path = "/api_key"


class MissingPermissions(NoAccess):
    """Missing permissions: the user may not read all that is needed. Ask your Odoo administrator to
    give the user Accountant access."""

    code = "missing_permissions"
    path = "/username"


class GoneFromSight(NoAccess):
    """The user of the API key may not see any more what Monitr has. Nothing was deleted."""

    code = "gone_from_sight"
    path = "/username"


class UnknownLanguage(NoAccess):
    """This language is not installed in that Odoo."""

    code = "unknown_language"
    path = "/language"


class UnknownCompany(NoAccess):
    """The user sees no such company in that Odoo."""

    code = "unknown_company"
    path = "/company_ids"


class OtherBooks(NoAccess):
    """That Odoo does not hold the books of this connection: it is another one, or another database.
    Make a new connection for it."""

    code = "other_books"
    path = "/url"


class OdooCallRefused(NoAccess):
    """Odoo refused a call that should work: something in that Odoo is not as Monitr expects."""

    code = "odoo_call_refused"


class Misconfigured(MonitrError):
    """The receiver is not set up right."""

    code = "misconfigured"
