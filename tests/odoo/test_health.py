"""Real Odoos are heard: in their rhythm, by hand, failing, refused, and with their cron off."""

from collections.abc import Iterator

import pytest

from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.server import OdooError
from tests.odoo.test_resume import wait_until
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The books, pushed once by hand. Each test leaves the pair able to push."""
    with paired(installation, postgres, tmp_path_factory.mktemp("health")) as pair:
        pair.push()
        yield pair


def health(pair: Paired) -> dict[str, object]:
    found = pair.receiver.get(f"/v1/connections/{NAME}/health")
    return {**found, "reasons": {each["code"]: each["sentence"] for each in found["reasons"]}}


def push_in_vain(pair: Paired) -> str:
    """Press Push now; the sentence that is shown."""
    with pytest.raises(OdooError) as refused:
        pair.push()
    return refused.value.message


def wait_for_scheduled_contact(pair: Paired) -> None:
    before = health(pair)["last_scheduled_contact_at"]
    pair.odoo.stop()
    pair.odoo.start(max_cron_threads=1)
    wait_until(lambda: health(pair)["last_scheduled_contact_at"] != before)
    wait_until(lambda: pair.last_run()["state"] == "succeeded")
    pair.odoo.stop()
    pair.odoo.start()


def make_due(pair: Paired, interval: str) -> None:
    """As if the last run and the last change of a setting lay so far in the past."""
    pair.odoo.stop()  # it keeps what it has read
    pair.odoo.sql("UPDATE monitr_run SET started_at = started_at - %s::interval", [interval])
    pair.odoo.sql("UPDATE monitr_connection SET write_date = write_date - %s::interval", [interval])
    pair.odoo.start()


def test_a_push_by_hand_is_a_contact_and_tells_the_rhythm(pair: Paired) -> None:
    found = health(pair)

    assert (found["state"], found["reasons"]) == ("alive", {})
    assert found["expected_every_minutes"] == 60
    assert found["last_contact_at"]
    assert found["last_scheduled_contact_at"] is None


def test_a_push_by_the_cron_is_a_scheduled_contact_and_tells_that_it_is_late(pair: Paired) -> None:
    make_due(pair, "3 hours")

    wait_for_scheduled_contact(pair)

    found = health(pair)
    assert found["state"] == "alive"
    assert found["last_scheduled_contact_at"]
    assert list(found["reasons"]) == ["starts_late"]


def test_a_hand_that_pushes_what_no_cron_pushed_tells_that(pair: Paired) -> None:
    make_due(pair, "3 hours")

    pair.push()

    assert "cron_not_running" in health(pair)["reasons"]


def test_a_cron_that_is_off_is_told(pair: Paired) -> None:
    pair.odoo.sql(CRON, [False])
    pair.push()
    without = health(pair)["reasons"]

    pair.odoo.sql(CRON, [True])
    pair.push()

    assert "cron_off" in without
    assert "cron_off" not in health(pair)["reasons"]


def test_a_receiver_out_of_reach_is_told_by_the_next_contact(pair: Paired) -> None:
    pair.receiver.kill()
    assert "cannot be reached" in push_in_vain(pair)
    pair.receiver.start()

    pair.test_connection()
    found = health(pair)
    pair.push()

    assert found["state"] == "failing"
    assert "cannot be reached from this Odoo server." in found["reasons"]["pushes_failed"]
    assert "pushes_failed" not in health(pair)["reasons"]


def test_a_user_who_may_no_longer_read_is_told(pair: Paired) -> None:
    user_id = pair.odoo.call("monitr.connection", "search_read", [], ["user_id"])[0]["user_id"][0]
    pair.odoo.call("res.users", "write", [user_id], {"active": False})
    push_in_vain(pair)
    push_in_vain(pair)
    found = health(pair)

    pair.odoo.call("res.users", "write", [user_id], {"active": True})
    pair.push()

    assert found["state"] == "failing"
    assert "Missing permissions" in found["reasons"]["pushes_failed"]
    assert "pushes_failed" not in health(pair)["reasons"]


def test_a_revoked_key_is_told_until_a_new_one_is_pasted(pair: Paired) -> None:
    pair.receiver.monitr("connection", "revoke", NAME)
    push_in_vain(pair)
    revoked = health(pair)

    pair.set_key(pair.receiver.rotate_connection(NAME))
    unused = health(pair)
    pair.test_connection()
    used = health(pair)
    pair.push()

    assert revoked["state"] == "revoked"
    assert list(revoked["reasons"])[:2] == ["key_revoked", "wrong_key"]
    assert unused["state"] == "refused"
    assert used["state"] == "failing"
    assert "connection key was changed or revoked" in used["reasons"]["pushes_failed"]
    assert "pushes_failed" not in health(pair)["reasons"]


CRON = (
    "UPDATE ir_cron SET active = %s WHERE id = (SELECT res_id FROM ir_model_data "
    "WHERE module = 'monitr_connector' AND name = 'cron_push')"
)
