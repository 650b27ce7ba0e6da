"""The health of an Odoo that is pulled, out of its pulls and the time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.db.pull.pull_runs import PullRun
from receiver.messages import Sentence, encode_sentence
from receiver.monitoring.health import Health, health_of_pulls
from receiver.monitoring.pulls import Pulls
from tests.receiver.monitoring.test_health import HEARD
from tests.receiver.stored_rows import ODOO_ACCESS

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SUCCEEDED = PullRun(
    connection_id=1,
    run_id=7,
    asked_at=NOW - 20 * MINUTE,
    asked_by="schedule",
    state="succeeded",
    due_at=NOW - 20 * MINUTE,
    started_at=NOW - 20 * MINUTE,
    finished_at=NOW - 10 * MINUTE,
    worker="one",
    lease_until=None,
    cancel_asked_at=None,
    taken_count=1,
    failure_count=0,
    what="changes",
    stream="analytic_items",
    done_count=10,
    expected_count=10,
    record_count=10,
    written_count=10,
    deleted_count=0,
    call_count=20,
    milliseconds_in_odoo=2_000,
    repaired_count=0,
    proof_id=None,
    failure_code=None,
    failure=None,
    failure_sentence=None,
)
FAILURE: dict[str, Any] = {"failure_code": "odoo_unreachable", "failure": "No connection comes."}
FAILED = replace(SUCCEEDED, state="failed", **FAILURE)
RUNNING = replace(SUCCEEDED, state="running", finished_at=None, lease_until=NOW + MINUTE)
PULLED = Pulls(
    access=replace(ODOO_ACCESS, checked_at=NOW - 100 * HOUR),
    next_at=NOW + 40 * MINUTE,
    is_paused=False,
    newest=SUCCEEDED,
    last_ended=SUCCEEDED,
    succeeded_at=SUCCEEDED.finished_at,
    is_worker_seen=True,
)
NEVER: dict[str, Any] = {"newest": None, "last_ended": None, "succeeded_at": None}


def read_with(**facts: Any) -> OdooAccess:
    return replace(ODOO_ACCESS, **{"checked_at": NOW - 100 * HOUR, **facts})


def health(**facts: Any) -> Health:
    return health_of_pulls(HEARD, replace(PULLED, **facts), NOW)


def test_what_is_left_out_is_noted_and_is_no_trouble() -> None:
    found = health(access=read_with(lacks_analytic=True))

    assert found.state == health().state
    assert [reason.code for reason in found.reasons] == ["analytic_left_out"]
    assert f"the user {ODOO_ACCESS.username} may not read them" in str(found.reasons[0].sentence)


BY_HAND = read_with(pull_every_minutes=0)


def told(health: Health) -> tuple[str, list[str]]:
    return health.state.value, [reason.code for reason in health.reasons]


def test_what_is_pulled_in_its_rhythm_is_alive() -> None:
    found = health()

    assert told(found) == ("alive", [])
    assert found.expected_every_minutes == 60
    assert found.next_contact_expected_at == NOW + 40 * MINUTE


@pytest.mark.parametrize(
    ("succeeded_for", "state"),
    [
        (75 * MINUTE, "alive"),
        (76 * MINUTE, "late"),
        (180 * MINUTE, "late"),
        (181 * MINUTE, "silent"),
    ],
)
def test_what_is_not_pulled_is_late_and_then_silent(succeeded_for: timedelta, state: str) -> None:
    found = health(succeeded_at=NOW - succeeded_for)

    assert told(found) == (state, [] if state == "alive" else ["not_pulled"])


def test_a_long_pull_is_no_silence() -> None:
    for succeeded_at in (NOW - HOUR, NOW - 9 * HOUR, None):
        assert told(health(newest=RUNNING, succeeded_at=succeeded_at)) == ("alive", [])


def test_a_failed_pull_tells_why() -> None:
    found = health(newest=FAILED, last_ended=FAILED)

    assert told(found) == ("failing", ["pull_failed"])
    assert str(found.reasons[0].sentence).endswith(" failed. No connection comes.")


def test_a_failure_is_kept_with_its_values() -> None:
    sentence = Sentence("There is no %(what)s.", {"what": "50 % off"})
    failed = replace(
        FAILED, failure="There is no 50 % off.", failure_sentence=encode_sentence(sentence)
    )

    assert failed.why == sentence


def test_a_failure_that_a_former_release_noted_meanwhile_is_the_one_told() -> None:
    before = encode_sentence(Sentence("There is no server."))

    assert replace(FAILED, failure_sentence=before).why == Sentence("No connection comes.")


def test_what_is_tried_again_tells_when() -> None:
    retried = replace(RUNNING, state="waiting", due_at=NOW + 4 * MINUTE, **FAILURE)

    found = health(newest=retried)

    assert told(found) == ("failing", ["pull_retried"])
    assert "2026-01-31 14:04 UTC" in str(found.reasons[0].sentence)


def test_a_refused_key_stops_the_schedule_and_says_how_to_go_on() -> None:
    found = health(is_paused=True, next_at=None, newest=FAILED, last_ended=FAILED)

    assert told(found) == ("refused", ["key_refused"])
    assert str(found.reasons[0].sentence).endswith("Then run `monitr pull acme`.")


def test_a_stuck_pull_is_seen() -> None:
    stuck = replace(RUNNING, lease_until=NOW - MINUTE)

    assert told(health(newest=stuck)) == ("alive", ["pull_stuck"])


def test_a_receiver_without_a_worker_says_so() -> None:
    assert told(health(is_worker_seen=False)) == ("alive", ["no_worker"])
    assert told(health(is_worker_seen=False, next_at=None, access=BY_HAND)) == ("by_hand", [])


def test_a_new_connection_waits_for_its_first_pull() -> None:
    assert told(health(**NEVER, access=read_with(checked_at=NOW - MINUTE))) == ("waiting", [])
    assert told(health(**NEVER, access=read_with(checked_at=NOW - 2 * HOUR))) == (
        "late",
        ["not_pulled"],
    )


def test_what_nobody_pulls_says_so() -> None:
    assert told(health(**NEVER, access=BY_HAND, next_at=None)) == ("waiting", ["never_pulled"])
    assert told(health(access=BY_HAND, next_at=None)) == ("by_hand", [])
