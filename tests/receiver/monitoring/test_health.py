"""A connection's state and the reasons for it, out of what is stored and the time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from receiver.db.connections.connections import Connection
from receiver.db.connections.heartbeat import Keys
from receiver.monitoring.health import Health, State, health_of

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
JUST_NOW = NOW - 5 * MINUTE
KEYS = Keys(valid_count=1, newest_made_at=NOW - 100 * HOUR, last_revoked_at=None)
HEARD = Connection(
    id=1,
    public_id="con_1",
    name="acme",
    created_at=NOW - 100 * HOUR,
    series="19.0",
    addon_version="1.0.0",
    database_uuid="uuid",
    database_name="acme-production",
    failure_parts=None,
    missed_since=None,
    missed=None,
    unwatched=None,
    odoo_url=None,
    language="en_US",
    company_ids="1",
    start_date=None,
    push_every_minutes=60,
    is_cron_active=True,
    late_seconds=20,
    failing_since=None,
    failure=None,
    last_contact_at=JUST_NOW,
    last_hello_at=JUST_NOW - MINUTE,
    last_scheduled_contact_at=JUST_NOW - MINUTE,
    overdue_at=None,
    last_refused_at=None,
    last_refused_code=None,
    last_unsigned_at=None,
    last_unsigned_code=None,
    last_sequence=1,
    last_actuals_on=None,
    watched_periods=None,
    leaves_out_closings=True,
    closing_journal_ids=None,
)
NEVER_HEARD: dict[str, Any] = {
    "series": None,
    "push_every_minutes": None,
    "is_cron_active": None,
    "late_seconds": None,
    "last_contact_at": None,
    "last_hello_at": None,
    "last_scheduled_contact_at": None,
}


def health(
    now: datetime = NOW, keys: Keys = KEYS, tied_out_at: datetime | None = None, **facts: Any
) -> Health:
    return health_of(replace(HEARD, **facts), keys, tied_out_at, now)


def told(health: Health) -> tuple[str, list[str]]:
    """The state, and the codes of the reasons."""
    return health.state.value, [reason.code for reason in health.reasons]


def test_what_is_heard_in_its_rhythm_is_alive() -> None:
    found = health()

    assert told(found) == ("alive", [])
    assert found.expected_every_minutes == 60
    assert found.last_contact_at == JUST_NOW
    assert found.last_scheduled_contact_at == JUST_NOW - MINUTE
    assert found.next_contact_expected_at == JUST_NOW + HOUR


def test_a_new_connection_waits_for_its_first_contact() -> None:
    found = health(**NEVER_HEARD)

    assert told(found) == ("waiting", ["never_heard"])
    assert found.expected_every_minutes is None
    assert found.next_contact_expected_at is None


@pytest.mark.parametrize(
    ("every_minutes", "heard_for", "state"),
    [
        (15, timedelta(minutes=25), State.ALIVE),
        (15, timedelta(minutes=26), State.LATE),
        (15, timedelta(minutes=90), State.LATE),
        (15, timedelta(minutes=91), State.SILENT),
        (60, timedelta(minutes=75), State.ALIVE),
        (60, timedelta(minutes=76), State.LATE),
        (60, timedelta(hours=3), State.LATE),
        (60, timedelta(hours=3, minutes=1), State.SILENT),
        (1440, timedelta(hours=24, minutes=1), State.ALIVE),
        (1440, timedelta(hours=25), State.ALIVE),
        (1440, timedelta(hours=25, minutes=1), State.LATE),
        (1440, timedelta(hours=49), State.LATE),
        (1440, timedelta(hours=49, minutes=1), State.SILENT),
    ],
)
def test_it_is_late_and_then_silent_as_its_rhythm_has_it(
    every_minutes: int, heard_for: timedelta, state: State
) -> None:
    found = health(push_every_minutes=every_minutes, last_contact_at=NOW - heard_for)

    assert found.state is state
    assert told(found)[1] == ([] if state is State.ALIVE else ["not_heard"])


def test_silence_says_since_when_and_what_was_expected() -> None:
    daily = str(
        health(push_every_minutes=1440, last_contact_at=NOW - 50 * HOUR).reasons[0].sentence
    )
    often = str(health(push_every_minutes=15, last_contact_at=NOW - 50 * HOUR).reasons[0].sentence)

    assert "since 2026-01-29 12:00 UTC" in daily
    assert "every day." in daily
    assert "every 15 minutes." in often


def test_who_pushes_by_hand_is_never_silent() -> None:
    found = health(push_every_minutes=0, is_cron_active=False, last_contact_at=NOW - 999 * HOUR)

    assert told(found) == ("by_hand", [])
    assert found.expected_every_minutes is None
    assert found.next_contact_expected_at is None


def test_an_older_addon_promises_no_rhythm() -> None:
    found = health(push_every_minutes=None, is_cron_active=None, late_seconds=None)

    assert told(found) == ("unknown", ["rhythm_unknown"])
    assert "1.0.0" in str(found.reasons[0].sentence)


def test_without_a_valid_key_it_is_revoked() -> None:
    revoked = Keys(valid_count=0, newest_made_at=NOW - 9 * HOUR, last_revoked_at=NOW - 2 * HOUR)

    found = health(keys=revoked)

    assert told(found) == ("revoked", ["key_revoked"])
    assert "2026-01-31 12:00 UTC" in str(found.reasons[0].sentence)
    assert "monitr connection rotate acme" in str(found.reasons[0].sentence)
    assert found.next_contact_expected_at is None


def test_a_new_key_that_odoo_does_not_use_yet_is_told() -> None:
    rotated = Keys(valid_count=2, newest_made_at=NOW - 2 * HOUR, last_revoked_at=None)

    found = health(keys=rotated)

    assert told(found) == ("alive", ["new_key_unused"])
    assert "2026-01-31 12:00 UTC" in str(found.reasons[0].sentence)
    assert told(health(keys=rotated, **NEVER_HEARD)) == ("waiting", ["never_heard"])


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("wrong_signature", "wrong_key", "Paste the newest connection key"),
        ("stale_timestamp", "clock_off", "clocks"),
        ("invalid_record", "request_refused", "invalid_record"),
    ],
)
def test_a_refusal_after_the_last_contact_is_told(code: str, reason: str, words: str) -> None:
    refused = {"last_refused_at": NOW - MINUTE, "last_refused_code": code}

    found = health(**refused)

    assert told(found) == ("refused", [reason])
    assert words in str(found.reasons[0].sentence)
    assert "2026-01-31 13:59 UTC" in str(found.reasons[0].sentence)
    assert found.next_contact_expected_at == NOW - MINUTE + HOUR
    assert told(health(**NEVER_HEARD | refused)) == ("refused", [reason])


def test_a_request_that_no_key_signed_changes_nothing_and_is_noted() -> None:
    unsigned = {"last_unsigned_at": NOW - MINUTE, "last_unsigned_code": "wrong_signature"}

    found = health(**unsigned)

    assert told(found) == ("alive", [])
    assert [each.code for each in found.notes] == ["unsigned_request"]
    assert "2026-01-31 13:59 UTC" in str(found.notes[0].sentence)
    assert found.next_contact_expected_at == health().next_contact_expected_at
    assert told(health(**NEVER_HEARD | unsigned)) == told(health(**NEVER_HEARD))


def test_such_a_note_ends_after_a_day_where_odoo_is_heard_since() -> None:
    unsigned = {"last_unsigned_at": NOW - 25 * HOUR, "last_unsigned_code": "stale_timestamp"}

    assert health(**unsigned).notes == ()
    assert health(**unsigned, last_contact_at=NOW - 26 * HOUR).notes
    assert health(**NEVER_HEARD | unsigned).notes


def test_a_refusal_before_the_last_contact_is_forgotten() -> None:
    found = health(last_refused_at=JUST_NOW - MINUTE, last_refused_code="wrong_signature")

    assert told(found) == ("alive", [])


def test_silence_after_a_refusal_is_silence() -> None:
    last = {"last_contact_at": NOW - 9 * HOUR, "last_refused_at": NOW - 8 * HOUR}

    found = health(**last, last_refused_code="wrong_signature")

    assert told(found) == ("silent", ["wrong_key", "not_heard"])
    assert "since 2026-01-31 06:00 UTC" in str(found.reasons[1].sentence)


def test_a_wrong_key_says_since_when_older_ones_are_refused() -> None:
    keys = replace(KEYS, last_revoked_at=NOW - 3 * HOUR)
    refused = {"last_refused_at": NOW, "last_refused_code": "wrong_signature"}

    assert "since 2026-01-31 11:00 UTC" in str(health(keys=keys, **refused).reasons[0].sentence)
    assert "since" not in str(health(**refused).reasons[0].sentence)


def test_a_refused_copy_is_told_and_is_no_sign_of_life() -> None:
    copy = {"last_refused_at": NOW - MINUTE, "last_refused_code": "other_database"}

    assert told(health(**copy)) == ("alive", ["other_database"])
    silent = health(**copy, last_contact_at=NOW - 9 * HOUR)
    assert told(silent) == ("silent", ["other_database", "not_heard"])
    assert "acme-production" in str(silent.reasons[0].sentence)


def test_a_cron_that_is_off_is_told() -> None:
    found = health(is_cron_active=False)

    assert told(found) == ("alive", ["cron_off"])
    assert "Monitr: push" in str(found.reasons[0].sentence)
    assert "2026-01-31 13:54 UTC" in str(found.reasons[0].sentence)


def test_hands_that_push_when_the_schedule_should_have_are_told() -> None:
    in_time = health(overdue_at=JUST_NOW - 15 * MINUTE)
    overdue = health(overdue_at=JUST_NOW - 16 * MINUTE, last_scheduled_contact_at=None)

    assert told(in_time) == ("alive", [])
    assert told(overdue) == ("alive", ["cron_not_running"])
    assert "2026-01-31 13:39 UTC" in str(overdue.reasons[0].sentence)
    assert "last scheduled push: never" in str(overdue.reasons[0].sentence)


def test_a_push_that_begins_late_is_told() -> None:
    assert told(health(late_seconds=15 * 60)) == ("alive", [])
    late = health(late_seconds=16 * 60)
    assert told(late) == ("alive", ["starts_late"])
    assert "16 minutes after" in str(late.reasons[0].sentence)
    assert "2 hours after" in str(health(late_seconds=7200).reasons[0].sentence)


def test_pushes_that_fail_are_told_in_odoos_words() -> None:
    failing = {"failing_since": NOW - 3 * HOUR, "failure": "acme.example cannot be reached."}

    found = health(**failing, last_hello_at=JUST_NOW)

    assert told(found) == ("failing", ["pushes_failed"])
    sentence = str(found.reasons[0].sentence)
    assert "from 2026-01-31 11:00 UTC until the contact of 2026-01-31 13:55 UTC" in sentence
    assert "acme.example cannot be reached." in sentence


def test_a_proof_after_the_hello_shows_that_the_failure_is_over() -> None:
    failed = {"failing_since": NOW - 3 * HOUR, "failure": "acme.example cannot be reached."}

    found = health(**failed, last_hello_at=JUST_NOW - MINUTE, tied_out_at=JUST_NOW)

    assert told(found) == ("alive", [])


def test_batches_alone_do_not_show_that_the_failure_is_over() -> None:
    failed = {"failing_since": NOW - 3 * HOUR, "failure": "Unexpected error."}

    found = health(**failed, last_hello_at=JUST_NOW - MINUTE, tied_out_at=NOW - 4 * HOUR)

    assert told(found) == ("failing", ["pushes_failed"])


def test_changes_that_may_be_missing_are_told_until_a_push_ties_out() -> None:
    facts: dict[str, Any] = {"missed_since": NOW - HOUR, "missed": "monitr_outbox"}

    missing = health(**facts)
    healed = health(**facts, tied_out_at=NOW)

    assert missing.state == State.ALIVE
    assert [each.code for each in missing.reasons] == ["changes_missed"]
    assert missing.reasons[0].values["missed"] == "monitr_outbox"
    assert healed.reasons == []


def test_a_table_that_cannot_be_watched_is_told() -> None:
    [reason] = health(unwatched="ir_translation (there is no ir_translation.lang)").reasons

    assert reason.code == "changes_unwatched"
    assert "no ir_translation.lang" in str(reason.values["tables"])
