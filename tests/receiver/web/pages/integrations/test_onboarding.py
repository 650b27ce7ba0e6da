"""/connections/NAME/onboarding: from waiting to proven, by push and by pull."""

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.pull.pull_runs import RunState
from tests.receiver.connection_with_everything import send_one_of_everything
from tests.receiver.proofs import prove
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest
from tests.receiver.records import record_of
from tests.receiver.signed import post_hello, post_records
from tests.receiver.web.pages.conftest import SECURE, Browser

PATH = "/connections/acme/onboarding"
WATCHED = 'hx-trigger="every 3s, seen"'


def test_before_the_first_contact_it_says_what_to_do(bob: Browser) -> None:
    page = bob.get(PATH).text

    assert "Odoo was not heard yet" in page
    assert WATCHED in page


def test_htmx_gets_the_steps_alone(bob: Browser) -> None:
    headers = {"HX-Request": "true"}

    page = bob.client.get(PATH, base_url=SECURE, headers=headers).text

    assert page.lstrip().startswith("<ol")
    assert "<html" not in page


def test_a_push_shows_each_stream_as_it_comes(
    bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    post_hello(client, acme)
    post_records(client, acme, "companies", [record_of("companies", id=1)])
    partners = [record_of("partners", id=id) for id in range(1, 31)]
    post_records(client, acme, "partners", partners)

    page = bob.get(PATH).text

    assert "31 records" in page
    assert 'aria-label="Partners"' in page
    assert "Under way" in page
    assert WATCHED in page


def test_a_proof_that_ties_out_ends_the_watching(
    bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    post_hello(client, acme)
    company = record_of("companies", id=1)
    post_records(client, acme, "companies", [company])
    prove(client, acme, {"companies": [company]})

    page = bob.get(PATH).text

    assert "Tied out" in page
    assert "Proven figures" in page
    assert WATCHED not in page


def test_what_does_not_tie_out_is_watched_on(
    bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    post_hello(client, acme)
    post_records(client, acme, "companies", [record_of("companies", id=1)])
    prove(client, acme, {})

    page = bob.get(PATH).text

    assert "1 slice differs" in page
    assert WATCHED in page


def test_a_pull_shows_how_much_is_left(anna: Browser, engine: Engine, config: Config) -> None:
    ask(engine, add_pulled_connection(engine, config))
    take_newest(
        engine, what="everything", stream="journal_items", done_count=250, expected_count=1000
    )

    page = anna.get(PATH).text

    assert "250 of 1,000" in page
    assert 'value="250" max="1000"' in page


def test_a_pull_that_failed_says_why(anna: Browser, engine: Engine, config: Config) -> None:
    ask(engine, add_pulled_connection(engine, config))
    take_newest(engine, RunState.FAILED, failure="The key has ended.", failure_code="x")

    page = anna.get(PATH).text

    assert "The key has ended." in page
    assert "Failed" in page


def test_another_connection_s_progress_is_not_shown(bob: Browser, globex: ConnectionKey) -> None:
    assert bob.get("/connections/globex/onboarding").status_code == 404


def test_a_full_connection_counts_what_is_unmapped(
    bob: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    send_one_of_everything(client, acme)

    assert "Choose a reporting structure" in bob.get(PATH).text
