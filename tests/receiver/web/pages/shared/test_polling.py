"""How often the pages that wait for something look again."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import writing
from receiver.db.tables import connection_secrets, connections, odoo_accesses, pull_runs
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest
from tests.receiver.web.pages.conftest import Browser

CONTACT = "/connections/acme/contact"
ONBOARDING = "/connections/acme/onboarding"


def seconds_of(browser: Browser, path: str) -> int:
    [seconds] = re.findall(r'hx-trigger="every (\d+)s, seen"', browser.get(path).text)
    return int(seconds)


def let_pass(engine: Engine, span: timedelta) -> None:
    """As if all that was made now had been made so long ago."""
    ago = datetime.now(UTC) - span
    with writing(engine) as db:
        db.execute(sa.update(connections).values(created_at=ago))
        db.execute(sa.update(connection_secrets).values(created_at=ago))
        db.execute(sa.update(odoo_accesses).values(checked_at=ago))
        db.execute(sa.update(pull_runs).values(asked_at=ago))


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 3), (20, 15), (600, 60)])
def test_they_look_less_and_less_often_while_nothing_comes(
    carol: Browser, engine: Engine, minutes: int, seconds: int
) -> None:
    let_pass(engine, timedelta(minutes=minutes))

    assert (seconds_of(carol, CONTACT), seconds_of(carol, ONBOARDING)) == (seconds, seconds)


def test_a_refused_request_is_a_sign_that_someone_tries(carol: Browser, engine: Engine) -> None:
    let_pass(engine, timedelta(days=1))
    with writing(engine) as db:
        refused = {"last_refused_at": datetime.now(UTC), "last_refused_code": "wrong_signature"}
        db.execute(sa.update(connections).values(refused))

    assert (seconds_of(carol, CONTACT), seconds_of(carol, ONBOARDING)) == (3, 3)


def test_a_pull_that_runs_is_watched_closely_however_long_it_takes(
    anna: Browser, engine: Engine, config: Config
) -> None:
    ask(engine, add_pulled_connection(engine, config))
    take_newest(engine, what="everything")
    let_pass(engine, timedelta(days=1))

    assert seconds_of(anna, ONBOARDING) == 3
