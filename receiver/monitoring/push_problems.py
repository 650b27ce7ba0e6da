"""Why a connection is not well, in sentences that say what is wrong and what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitr_wire.streams import STREAMS_BY_NAME

from receiver.db.connections.connections import Connection
from receiver.db.connections.heartbeat import Keys
from receiver.errors import OtherDatabase, StaleTimestamp, WrongSignature
from receiver.messages import Sentence, Value, decode_sentence
from receiver.monitoring.contact_schedule import (
    grace_of,
    has_refusal_since_contact,
    heard_at,
    is_failing,
    is_missing,
    rhythm_of,
)

NOTED_FOR = timedelta(days=1)  # where Odoo is heard since


@dataclass(frozen=True)
class Reason:
    code: str  # stable, for programs
    text: str  # of the sentence
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.text, self.values)


def list_reasons(
    connection: Connection, keys: Keys, tied_out_at: datetime | None, now: datetime
) -> list[Reason]:
    """The gravest first; none where all is well, or no Odoo is expected to be heard."""
    return [
        *_of_keys(connection, keys),
        *_of_a_refusal(connection, keys),
        *_of_silence(connection, now),
        *_of_the_schedule(connection),
        *_of_failed_pushes(connection, tied_out_at),
        *_of_capture(connection, tied_out_at),
    ]


def list_notes(connection: Connection, now: datetime) -> list[Reason]:
    """What tells nothing of Odoo for certain: a request that anyone can have sent."""
    at, contact = connection.last_unsigned_at, connection.last_contact_at
    if at is None or (contact and contact > at and now > at + NOTED_FOR):
        return []
    note = Reason(
        "unsigned_request",
        "The request of %(at)s named this connection and was refused (%(code)s), for none of its"
        " keys signed it. If Odoo is heard, someone else sent it, who can do nothing but that. If"
        " it is not, paste the newest connection key into Odoo, Settings > Monitr.",
        {"at": at, "code": connection.last_unsigned_code or ""},
    )
    return [note]


def of_set_aside(count: int) -> Reason:
    one = (
        "1 record is set aside: it has a value that cannot be stored, so it is missing here. It is"
        " named on this connection's health page. Correct the value in Odoo, and the next run"
        " brings the record."
    )
    many = (
        "%(count)s records are set aside: each has a value that cannot be stored, so they are"
        " missing here. They are named on this connection's health page. Correct the values in"
        " Odoo, and the next run brings the records."
    )
    return Reason("set_aside", one) if count == 1 else Reason("set_aside", many, {"count": count})


def of_unbalanced(count: int) -> Reason:
    one = (
        "1 entry does not balance here: a part of it is hidden from the user with whose rights the"
        " books are read, or set aside, or it does not balance in Odoo itself. It is named on this"
        " connection's health page."
    )
    many = (
        "%(count)s entries do not balance here: a part of each is hidden from the user with whose"
        " rights the books are read, or set aside, or it does not balance in Odoo itself. They are"
        " named on this connection's health page."
    )
    if count == 1:
        return Reason("unbalanced_entries", one)
    return Reason("unbalanced_entries", many, {"count": count})


def of_hidden(hidden: Mapping[str, int]) -> Reason:
    records = tuple(
        Sentence(
            "%(count)s %(records)s",
            {"count": count, "records": Sentence(STREAMS_BY_NAME[name].label)},
        )
        for name, count in hidden.items()
    )
    return Reason(
        "hidden_records",
        "Rights and record rules in Odoo hide records from the user with whose rights the books are"
        " read, so they do not come: %(records)s.",
        {"records": records},
    )


def _of_keys(connection: Connection, keys: Keys) -> Iterator[Reason]:
    if keys.newest_made_at is None:
        yield Reason(
            "no_key",
            "This connection has neither a connection key nor an API key. Make a connection key for"
            " the addon with `monitr connection rotate %(name)s`, or enter an API key with `monitr"
            " connection set-odoo %(name)s`.",
            {"name": connection.name},
        )
    elif not keys.valid_count:
        yield Reason(
            "key_revoked",
            "Every connection key was revoked here on %(at)s. To connect again, make one with"
            " `monitr connection rotate %(name)s` and paste it into Odoo, Settings > Monitr.",
            {"at": keys.last_revoked_at, "name": connection.name},
        )
    if keys.valid_count > 1 and connection.last_contact_at:
        yield Reason(
            "new_key_unused",
            "A new connection key was made on %(at)s, and Odoo still signs with an older one. Paste"
            " the new one into Odoo, Settings > Monitr.",
            {"at": keys.newest_made_at},
        )


def _of_a_refusal(connection: Connection, keys: Keys) -> Iterator[Reason]:
    if not has_refusal_since_contact(connection):
        return
    refused_at, code = connection.last_refused_at, connection.last_refused_code
    if code == WrongSignature.code:
        yield _wrong_key(refused_at, keys)
    elif code == StaleTimestamp.code:
        yield Reason(
            "clock_off",
            "The request of %(at)s was refused for its time: the clocks of Odoo's server and of"
            " this receiver are more than five minutes apart. Let both be set by NTP.",
            {"at": refused_at},
        )
    elif code == OtherDatabase.code:
        yield Reason(
            "other_database",
            "On %(at)s another Odoo database used this connection's key, and was refused. If Odoo"
            " moved to it, make a new connection for it; if it is a copy of %(database)s, take the"
            " key out of its settings.",
            {"at": refused_at, "database": connection.database_name or ""},
        )
    else:
        yield Reason(
            "request_refused",
            "The request of %(at)s was refused with the code %(code)s. What to mend is said in"
            " Odoo, Settings > Monitr.",
            {"at": refused_at, "code": code},
        )


def _wrong_key(refused_at: datetime | None, keys: Keys) -> Reason:
    if keys.last_revoked_at:
        return Reason(
            "wrong_key",
            "The request of %(at)s was signed with a key that is not valid. Older keys are refused"
            " since %(since)s. Paste the newest connection key into Odoo, Settings > Monitr.",
            {"at": refused_at, "since": keys.last_revoked_at},
        )
    return Reason(
        "wrong_key",
        "The request of %(at)s was signed with a key that is not valid. Paste the newest connection"
        " key into Odoo, Settings > Monitr.",
        {"at": refused_at},
    )


def _of_silence(connection: Connection, now: datetime) -> Iterator[Reason]:
    every, heard = rhythm_of(connection), heard_at(connection)
    if heard is None:
        yield Reason(
            "never_heard",
            "Odoo was never heard. Paste the connection key into Odoo, Settings > Monitr, and press"
            " Test connection there: it says what stands in the way.",
        )
    elif connection.push_every_minutes is None and connection.last_contact_at:
        yield Reason(
            "rhythm_unknown",
            "The addon %(version)s does not say how often it pushes, so silence cannot be told."
            " Update the addon in Odoo.",
            {"version": connection.addon_version or ""},
        )
    elif every and now > heard + every + grace_of(every):
        yield Reason(
            "not_heard",
            "Nothing was heard since %(since)s, though Odoo promised a push every %(every)s. Odoo"
            " is stopped, its scheduled actions do not run, or its network no longer reaches this"
            " receiver: Test connection in Odoo, Settings > Monitr, tells.",
            {"since": heard, "every": every},
        )


def _of_the_schedule(connection: Connection) -> Iterator[Reason]:
    every, late = rhythm_of(connection), timedelta(seconds=connection.late_seconds or 0)
    if not every or not connection.last_contact_at:
        return
    last = connection.last_scheduled_contact_at
    if connection.is_cron_active is False:
        yield Reason(
            "cron_off",
            'The scheduled action "Monitr: push" is off in Odoo, so only hands push. The last'
            " scheduled push: %(last)s. Switch it on: Settings > Technical > Scheduled Actions.",
            {"last": last},
        )
    elif _is_overdue(connection, grace_of(every)):
        yield Reason(
            "cron_not_running",
            "Someone pushes by hand, but the push scheduled for %(due)s did not begin. The last"
            " scheduled push: %(last)s. Odoo's scheduled actions do not run: look at"
            " max_cron_threads, at Odoo's log, and whether a long action holds the worker.",
            {"due": connection.overdue_at, "last": last},
        )
    elif late > grace_of(every):
        yield Reason(
            "starts_late",
            "The last scheduled push began %(late)s after it was due: Odoo was stopped, or its"
            " workers for scheduled actions were busy. If it stays so, give Odoo more of them"
            " (max_cron_threads).",
            {"late": late},
        )


def _is_overdue(connection: Connection, grace: timedelta) -> bool:
    due, contact = connection.overdue_at, connection.last_contact_at
    return due is not None and contact is not None and contact - due > grace


def _of_failed_pushes(connection: Connection, tied_out_at: datetime | None) -> Iterator[Reason]:
    if is_failing(connection, tied_out_at):
        yield Reason(
            "pushes_failed",
            "Pushes failed from %(since)s until the contact of %(until)s. Odoo says: %(failure)s"
            " The next contact tells whether that is over.",
            {
                "since": connection.failing_since,
                "until": connection.last_hello_at,
                "failure": _failure(connection),
            },
        )


def _of_capture(connection: Connection, tied_out_at: datetime | None) -> Iterator[Reason]:
    if is_missing(connection, tied_out_at):
        yield Reason(
            "changes_missed",
            "Odoo may not have noted every change since %(since)s (%(missed)s). The next push reads"
            " again from the beginning what these are part of; until it ties out, changes may be"
            " missing here.",
            {"since": connection.missed_since, "missed": connection.missed or ""},
        )
    if connection.unwatched:
        yield Reason(
            "changes_unwatched",
            "Odoo cannot note changes of %(tables)s when they happen. Each push finds them by its"
            " proof and repairs what differs; what to mend is said in Odoo, Settings > Monitr.",
            {"tables": connection.unwatched},
        )


def _failure(connection: Connection) -> Sentence:
    if connection.failure_parts:
        return decode_sentence(connection.failure_parts)
    return Sentence(connection.failure) if connection.failure else Sentence("nothing.")
