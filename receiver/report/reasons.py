"""Why a connection is not well, in sentences that say what is wrong and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from receiver.db.connections import Connection
from receiver.db.heartbeat import Keys
from receiver.errors import OtherDatabase, StaleTimestamp, WrongSignature
from receiver.report.rhythm import grace_of, has_refusal_since_contact, heard_at, rhythm_of

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES


@dataclass(frozen=True)
class Reason:
    code: str  # stable, for programs
    sentence: str


def list_reasons(connection: Connection, keys: Keys, now: datetime) -> list[Reason]:
    """The gravest first; none where all is well, or no Odoo is expected to be heard."""
    return [
        *_of_keys(connection, keys),
        *_of_a_refusal(connection, keys),
        *_of_silence(connection, now),
        *_of_the_schedule(connection),
        *_of_failed_pushes(connection),
    ]


def _of_keys(connection: Connection, keys: Keys) -> Iterator[Reason]:
    if keys.newest_made_at is None:
        yield Reason(
            "no_key",
            "This connection has neither a connection key nor an API key. Make a connection key for"
            f" the addon with `monitr connection rotate {connection.name}`, or enter an API key"
            f" with `monitr connection set-odoo {connection.name}`.",
        )
    elif not keys.valid_count:
        yield Reason(
            "key_revoked",
            f"Every connection key was revoked here on {minute_of(keys.last_revoked_at)}. To"
            f" connect again, make one with `monitr connection rotate {connection.name}` and paste"
            " it into Odoo, Settings > Monitr.",
        )
    if keys.valid_count > 1 and connection.last_contact_at:
        yield Reason(
            "new_key_unused",
            f"A new connection key was made on {minute_of(keys.newest_made_at)}, and Odoo still"
            " signs with an older one. Paste the new one into Odoo, Settings > Monitr.",
        )


def _of_a_refusal(connection: Connection, keys: Keys) -> Iterator[Reason]:
    if not has_refusal_since_contact(connection):
        return
    refused_at, code = minute_of(connection.last_refused_at), connection.last_refused_code
    if code == WrongSignature.code:
        yield _wrong_key(refused_at, keys)
    elif code == StaleTimestamp.code:
        yield Reason(
            "clock_off",
            f"The request of {refused_at} was refused for its time: the clocks of Odoo's server and"
            " of this receiver are more than five minutes apart. Let both be set by NTP.",
        )
    elif code == OtherDatabase.code:
        yield Reason(
            "other_database",
            f"On {refused_at} another Odoo database used this connection's key, and was refused."
            " If Odoo moved to it, make a new connection for it; if it is a copy of"
            f" {connection.database_name}, take the key out of its settings.",
        )
    else:
        yield Reason(
            "request_refused",
            f"The request of {refused_at} was refused with the code {code}. What to mend is said in"
            " Odoo, Settings > Monitr.",
        )


def _wrong_key(refused_at: str, keys: Keys) -> Reason:
    revoked = keys.last_revoked_at
    since = f" Older keys are refused since {minute_of(revoked)}." if revoked else ""
    return Reason(
        "wrong_key",
        f"The request of {refused_at} was signed with a key that is not valid.{since} Paste the"
        " newest connection key into Odoo, Settings > Monitr.",
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
            f"The addon {connection.addon_version} does not say how often it pushes, so silence"
            " cannot be told. Update the addon in Odoo.",
        )
    elif every and now > heard + every + grace_of(every):
        yield Reason(
            "not_heard",
            f"Nothing was heard since {minute_of(heard)}, though Odoo promised a push every"
            f" {span_of(every)}. Odoo is stopped, its scheduled actions do not run, or its network"
            " no longer reaches this receiver: Test connection in Odoo, Settings > Monitr, tells.",
        )


def _of_the_schedule(connection: Connection) -> Iterator[Reason]:
    every, late = rhythm_of(connection), timedelta(seconds=connection.late_seconds or 0)
    if not every or not connection.last_contact_at:
        return
    last = minute_of(connection.last_scheduled_contact_at)
    if connection.is_cron_active is False:
        yield Reason(
            "cron_off",
            'The scheduled action "Monitr: push" is off in Odoo, so only hands push. The last'
            f" scheduled push: {last}. Switch it on: Settings > Technical > Scheduled Actions.",
        )
    elif _is_overdue(connection, grace_of(every)):
        yield Reason(
            "cron_not_running",
            f"Someone pushes by hand, but the push scheduled for {minute_of(connection.overdue_at)}"
            f" did not begin. The last scheduled push: {last}. Odoo's scheduled actions do not run:"
            " look at max_cron_threads, at Odoo's log, and whether a long action holds the worker.",
        )
    elif late > grace_of(every):
        yield Reason(
            "starts_late",
            f"The last scheduled push began {span_of(late)} after it was due: Odoo was stopped, or"
            " its workers for scheduled actions were busy. If it stays so, give Odoo more of them"
            " (max_cron_threads).",
        )


def _is_overdue(connection: Connection, grace: timedelta) -> bool:
    due, contact = connection.overdue_at, connection.last_contact_at
    return due is not None and contact is not None and contact - due > grace


def _of_failed_pushes(connection: Connection) -> Iterator[Reason]:
    if connection.failing_since:
        yield Reason(
            "pushes_failed",
            f"Pushes failed from {minute_of(connection.failing_since)} until the contact of"
            f" {minute_of(connection.last_hello_at)}. Odoo says: {connection.failure or 'nothing.'}"
            " The next contact tells whether that is over.",
        )


def minute_of(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "never"


def span_of(span: timedelta) -> str:
    """As people say it: 15 minutes, hour, 3 hours, day."""
    minutes = span // timedelta(minutes=1)
    for unit_minutes, unit in ((DAY_MINUTES, "day"), (HOUR_MINUTES, "hour")):
        if minutes % unit_minutes == 0 and minutes:
            count = minutes // unit_minutes
            return unit if count == 1 else f"{count} {unit}s"
    return f"{minutes} minutes"
