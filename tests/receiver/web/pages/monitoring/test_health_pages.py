"""/health/: one table of all that the viewer sees; of one, its runs, proofs, repairs, changes."""

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading
from receiver.db.proof.proofs import list_proofs
from receiver.db.pull.pull_runs import Cost, RunState
from receiver.errors import DoesNotTieOut
from receiver.messages import encode_sentence
from tests.receiver.connection_with_everything import send_one_of_everything
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest
from tests.receiver.signed import HELLO, post_hello
from tests.receiver.web.pages.conftest import Browser


def newest_proof(engine: Engine, name: str = "acme") -> str:
    with reading(engine) as db:
        return list_proofs(db, get_connection(db, name).id, limit=1)[0].proof_id


def test_the_table_shows_what_the_viewer_may_see(
    bob: Browser, anna: Browser, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    assert "globex" not in bob.get("/health/").text
    assert bob.get("/health/globex/").status_code == 404
    page = anna.get("/health/").text
    assert "/health/acme/" in page
    assert "/health/globex/" in page


def test_of_one_it_shows_pushes_proofs_repairs_and_changes(
    bob: Browser, client: FlaskClient, acme: ConnectionKey, engine: Engine
) -> None:
    send_one_of_everything(client, acme)

    page = bob.get("/health/acme/").text

    assert "Pushes" in page
    assert "Tied out" in page
    assert "differ" in page
    assert "Nothing had to be repaired." not in page
    assert "Journal item" in page
    assert f"/health/acme/proofs/{newest_proof(engine)}" in page


def test_a_pull_is_shown_with_its_cost_and_its_failure(
    anna: Browser, engine: Engine, config: Config
) -> None:
    ask(engine, add_pulled_connection(engine, config))
    cost = Cost(call_count=4321, milliseconds_in_odoo=7_000)
    take_newest(engine, RunState.FAILED, cost, failure="<b>Odoo</b> said no.", failure_code="x")

    page = anna.get("/health/acme/").text

    assert "4,321" in page
    assert "&lt;b&gt;Odoo&lt;/b&gt; said no." in page
    assert "<b>Odoo</b>" not in page


def test_why_a_pull_failed_is_said_in_the_language_of_the_page(
    anna: Browser, engine: Engine, config: Config
) -> None:
    error = DoesNotTieOut(
        "Everything is pulled, but %(differing)s of %(all)s slices of the books differ even after"
        " their repair. If many people work in Odoo right now, pull again when they do not; else"
        " please report it.",
        differing=1204,
        all=5000,
    )
    ask(engine, add_pulled_connection(engine, config))
    failure = {"failure": str(error), "failure_sentence": encode_sentence(error.sentence)}
    take_newest(engine, RunState.FAILED, **failure, failure_code=error.code)
    anna.post("/account/language", {"language": "nl"})

    page = anna.get("/health/acme/").text

    # In the reason above, and in the list of pulls.
    assert page.count("Alles is opgehaald, maar 1.204 van de 5.000 delen van de boeken") == 2


def test_why_a_push_failed_is_said_in_the_language_of_the_page(
    anna: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    parts = {"text": "%(address)s did not answer in time.", "values": {"address": "https://m.test"}}
    failure = "https://m.test did not answer in time."
    since = "2026-01-31T14:02:05Z"
    hello = HELLO._replace(failing_since=since, failure=failure, failure_parts=parts)
    post_hello(client, acme, hello)
    anna.post("/account/language", {"language": "nl"})

    page = anna.get("/health/acme/").text

    assert "https://m.test antwoordde niet op tijd." in page
    assert failure not in page


def test_a_statement_is_for_who_may_see_the_connection(
    bob: Browser, anna: Browser, client: FlaskClient, globex: ConnectionKey, engine: Engine
) -> None:
    send_one_of_everything(client, globex)
    path = f"/health/globex/proofs/{newest_proof(engine, 'globex')}"

    statement = anna.get(path)

    assert statement.status_code == 200
    assert "sha256-" in statement.headers["Content-Security-Policy"]
    assert statement.headers["Cache-Control"] == "no-store"
    assert bob.get(path).status_code == 404
    assert anna.get("/health/globex/proofs/none").status_code == 404


def test_nothing_yet_is_said_in_words(bob: Browser) -> None:
    page = bob.get("/health/acme/").text

    assert "Nothing came yet." in page
    assert "Nothing had to be repaired." in page
    assert "None was noticed." in page


def test_the_days_left_on_a_key_are_shown(
    anna: Browser, engine: Engine, config: Config, client: FlaskClient, globex: ConnectionKey
) -> None:
    add_pulled_connection(engine, config)
    post_hello(client, globex)

    page = anna.get("/health/").text

    assert "End not known" in page
    assert "Not needed" in page
