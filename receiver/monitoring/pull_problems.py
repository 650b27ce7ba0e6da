"""Why an Odoo that is pulled is not well, in sentences that say what is wrong and what to do."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.db.pull.pull_runs import PullRun, RunState
from receiver.messages import Value
from receiver.monitoring.api_key import WARNING_DAYS, days_left, describe_left_out
from receiver.monitoring.contact_schedule import grace_of
from receiver.monitoring.pulls import Pulls
from receiver.monitoring.push_problems import Reason


def list_reasons_of_pulls(name: str, pulls: Pulls, now: datetime) -> list[Reason]:
    """The gravest first; none where all is well."""
    return [
        *_of_the_last(name, pulls),
        *_of_a_stuck_one(pulls.newest, now),
        *_of_the_workers(pulls),
        *_of_silence(name, pulls, now),
        *_of_api_key(name, pulls.access, now),
        *_of_what_is_left_out(pulls.access),
    ]


def _of_the_last(name: str, pulls: Pulls) -> Iterator[Reason]:
    newest, ended = pulls.newest, pulls.last_ended
    if pulls.is_paused and ended:
        yield Reason(
            "key_refused",
            "Odoo refused the log-in on %(at)s, so the schedule does not try again by itself."
            " %(failure)s Then run `monitr pull %(name)s`.",
            {"at": ended.finished_at, "failure": ended.why, "name": name},
        )
    elif newest and newest.state == RunState.WAITING and newest.failure:
        yield Reason(
            "pull_retried",
            "The pull failed and is tried again on %(at)s. %(failure)s",
            {"at": newest.due_at, "failure": newest.why},
        )
    elif ended and ended.state == RunState.FAILED:
        yield Reason(
            "pull_failed",
            "The pull of %(at)s failed. %(failure)s",
            {"at": ended.started_at, "failure": ended.why},
        )


def _of_a_stuck_one(newest: PullRun | None, now: datetime) -> Iterator[Reason]:
    if newest and newest.state_at(now) is RunState.STUCK:
        yield Reason(
            "pull_stuck",
            "The worker that pulled is not heard since %(since)s. The next worker goes on with that"
            " pull.",
            {"since": newest.lease_until},
        )


def _of_the_workers(pulls: Pulls) -> Iterator[Reason]:
    is_asked = pulls.newest and pulls.newest.finished_at is None
    if not pulls.is_worker_seen and (pulls.next_at or is_asked):
        yield Reason(
            "no_worker",
            "No worker runs that would pull. `monitr serve` runs one unless"
            " MONITR_SERVE_WORKER is off; then `monitr worker` must run beside it.",
        )


def _of_silence(name: str, pulls: Pulls, now: datetime) -> Iterator[Reason]:
    every = timedelta(minutes=pulls.every_minutes)
    last = pulls.succeeded_at or pulls.since
    if pulls.newest and pulls.newest.state_at(now) is RunState.RUNNING:
        return
    if every and now > last + every + grace_of(every):
        yield _not_pulled(name, pulls.succeeded_at, every)
    elif not every and pulls.newest is None:
        yield Reason(
            "never_pulled",
            "This Odoo was never pulled, and no schedule does it. Run `monitr pull %(name)s`.",
            {"name": name},
        )


def _not_pulled(name: str, since: datetime | None, every: timedelta) -> Reason:
    if since is None:
        return Reason(
            "not_pulled",
            "Nothing was pulled yet, though a pull is to come every %(every)s. `monitr runs"
            " %(name)s` shows what became of each.",
            {"every": every, "name": name},
        )
    return Reason(
        "not_pulled",
        "Nothing was pulled since %(since)s, though a pull is to come every %(every)s. `monitr runs"
        " %(name)s` shows what became of each.",
        {"since": since, "every": every, "name": name},
    )


def _of_api_key(name: str, access: OdooAccess, now: datetime) -> Iterator[Reason]:
    """With several keys, nobody but who made them knows which it is."""
    days = days_left(access, now)
    if days is None or days > WARNING_DAYS:
        return
    values: dict[str, Value] = {
        "count": access.key_count,
        "username": access.username,
        "at": access.key_expires_at,
        "name": name,
    }
    yield (_ended if days < 0 else _ending)(access.key_count < 2, values)


def _of_what_is_left_out(access: OdooAccess) -> Iterator[Reason]:
    if access.lacks_analytic:
        note = describe_left_out(access.username)
        yield Reason("analytic_left_out", note.text, note.values)


def _ended(is_only: bool, values: Mapping[str, Value]) -> Reason:
    if is_only:
        return Reason(
            "api_key_expired",
            "The API key of %(username)s ended on %(at)s. Make a new one in Odoo as that user"
            " (Profile, Preferences, Account Security) and enter it here: `monitr connection"
            " replace-key %(name)s`.",
            values,
        )
    return Reason(
        "api_key_expired",
        "The first of %(count)s API keys of %(username)s ended on %(at)s. Make a new one in Odoo as"
        " that user (Profile, Preferences, Account Security) and enter it here: `monitr connection"
        " replace-key %(name)s`.",
        values,
    )


def _ending(is_only: bool, values: Mapping[str, Value]) -> Reason:
    if is_only:
        return Reason(
            "api_key_expires",
            "The API key of %(username)s ends on %(at)s. Make a new one in Odoo as that user"
            " (Profile, Preferences, Account Security) and enter it here: `monitr connection"
            " replace-key %(name)s`.",
            values,
        )
    return Reason(
        "api_key_expires",
        "The first of %(count)s API keys of %(username)s ends on %(at)s. Make a new one in Odoo as"
        " that user (Profile, Preferences, Account Security) and enter it here: `monitr connection"
        " replace-key %(name)s`.",
        values,
    )
