"""What people are told of an API key: when it ends, and what more it opens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from receiver.monitoring.api_key import describe_key, describe_privileges
from receiver.monitoring.health import State, health_of_pulls
from tests.receiver.monitoring.test_health import HEARD
from tests.receiver.monitoring.test_pulls import PULLED
from tests.receiver.stored_rows import ODOO_ACCESS

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("left", "key_count", "described"),
    [
        (30.5 * DAY, 1, "30 days"),
        (1.5 * DAY, 1, "1 day"),
        (0.5 * DAY, 1, "0 days"),
        (-0.5 * DAY, 1, "expired"),
        (None, 1, "no end"),
        (None, 0, "unknown"),
    ],
)
def test_it_is_described_by_what_is_left(
    left: timedelta | None, key_count: int, described: str
) -> None:
    ends = NOW + left if left else None
    access = replace(ODOO_ACCESS, key_expires_at=ends, key_count=key_count)

    assert describe_key(access, NOW) == described


@pytest.mark.parametrize(
    ("left", "key_count", "code", "words"),
    [
        (14.5 * DAY, 1, "api_key_expires", "The API key of accountant@acme.example ends on"),
        (0.1 * DAY, 3, "api_key_expires", "The first of 3 API keys of accountant"),
        (-0.1 * DAY, 1, "api_key_expired", "ended on 2026-01-31 11:36 UTC. Make a new one in Odoo"),
    ],
)
def test_health_says_two_weeks_before_that_it_ends_and_what_to_do(
    left: timedelta, key_count: int, code: str, words: str
) -> None:
    access = replace(ODOO_ACCESS, key_expires_at=NOW + left, key_count=key_count)

    health = health_of_pulls(HEARD, replace(PULLED, access=access), NOW)

    assert health.state is State.ALIVE
    assert [reason.code for reason in health.reasons] == [code]
    assert words in str(health.reasons[0].sentence)
    assert "monitr connection replace-key acme" in str(health.reasons[0].sentence)


@pytest.mark.parametrize("ends", [NOW + 15.5 * DAY, None])
def test_health_is_silent_of_a_key_that_is_good_for_longer(ends: datetime | None) -> None:
    access = replace(ODOO_ACCESS, key_expires_at=ends, key_count=1)

    assert health_of_pulls(HEARD, replace(PULLED, access=access), NOW).reasons == []


def test_an_accountant_is_calmly_told_of_and_an_administrator_is_not_wanted() -> None:
    accountant = str(describe_privileges("ann", "account.move"))
    administrator = str(describe_privileges("bob", "account.move,account.account,res.users"))

    assert "ann may also change journal entries, as accountants may" in accountant
    assert "bob may change journal entries, accounts and users in Odoo" in administrator
    assert "Give Monitr a user of its own" in administrator
    assert describe_privileges("cid", "") is None
