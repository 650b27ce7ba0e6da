"""Why an Odoo that is pulled is not well, in sentences that say what is wrong and what to do."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from receiver.db.odoo_accesses import OdooAccess
from receiver.db.pull_runs import PullRun, RunState
from receiver.report.api_key import WARNING_DAYS, days_left
from receiver.report.pulls import Pulls
from receiver.report.reasons import Reason, minute_of, span_of
from receiver.report.rhythm import grace_of


def list_reasons_of_pulls(name: str, pulls: Pulls, now: datetime) -> list[Reason]:
    """The gravest first; none where all is well."""
    return [
        *_of_the_last(name, pulls),
        *_of_a_stuck_one(pulls.newest, now),
        *_of_the_workers(pulls),
        *_of_silence(name, pulls, now),
        *_of_api_key(name, pulls.access, now),
    ]


def _of_the_last(name: str, pulls: Pulls) -> Iterator[Reason]:
    newest, ended = pulls.newest, pulls.last_ended
    if pulls.is_paused and ended:
        yield Reason(
            "key_refused",
            f"Odoo refused the log-in on {minute_of(ended.finished_at)}, so the schedule does not"
            f" try again by itself. {ended.failure} Then run `monitr pull {name}`.",
        )
    elif newest and newest.state == RunState.WAITING and newest.failure:
        yield Reason(
            "pull_retried",
            f"The pull failed and is tried again on {minute_of(newest.due_at)}. {newest.failure}",
        )
    elif ended and ended.state == RunState.FAILED:
        yield Reason(
            "pull_failed",
            f"The pull of {minute_of(ended.started_at)} failed. {ended.failure}",
        )


def _of_a_stuck_one(newest: PullRun | None, now: datetime) -> Iterator[Reason]:
    if newest and newest.state_at(now) is RunState.STUCK:
        yield Reason(
            "pull_stuck",
            f"The worker that pulled is not heard since {minute_of(newest.lease_until)}. The next"
            " worker goes on with that pull.",
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
    if every and now > last + every + grace_of(every):
        since = f"since {minute_of(last)}" if pulls.succeeded_at else "yet"
        yield Reason(
            "not_pulled",
            f"Nothing was pulled {since}, though a pull is to come every {span_of(every)}."
            f" `monitr runs {name}` shows what became of each.",
        )
    elif not every and pulls.newest is None:
        yield Reason(
            "never_pulled",
            f"This Odoo was never pulled, and no schedule does it. Run `monitr pull {name}`.",
        )


def _of_api_key(name: str, access: OdooAccess, now: datetime) -> Iterator[Reason]:
    """With several keys, nobody but who made them knows which it is."""
    days = days_left(access, now)
    if days is None or days > WARNING_DAYS:
        return
    which = "The API key" if access.key_count < 2 else f"The first of {access.key_count} API keys"
    has_ended = days < 0
    yield Reason(
        "api_key_expired" if has_ended else "api_key_expires",
        f"{which} of {access.username} {'ended' if has_ended else 'ends'} on"
        f" {minute_of(access.key_expires_at)}. Make a new one in Odoo as that user (Profile,"
        " Preferences, Account Security) and enter it here:"
        f" `monitr connection replace-key {name}`.",
    )
