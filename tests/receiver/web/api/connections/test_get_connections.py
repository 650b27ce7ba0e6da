"""GET /v1/connections and /v1/connections/{name}: what is connected, and how much has arrived."""

from datetime import UTC, datetime

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import STREAMS
from sqlalchemy import Engine

from receiver.config import Config
from tests.receiver.pulled_connections import add_pulled_connection
from tests.receiver.records import journal_items, record_of
from tests.receiver.signed import post_hello, post_records
from tests.receiver.statements import counting_statements


def test_it_tells_what_the_last_hello_said(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    before = datetime.now(UTC)
    post_hello(client, acme)

    found = acme_reader.get("/v1/connections/acme").get_json()

    assert (found["name"], found["series"], found["language"]) == ("acme", "19.0", "en_US")
    assert found["start_date"] == "2024-01-01"
    assert before <= datetime.fromisoformat(found["last_contact_at"]) <= datetime.now(UTC)


def test_it_names_the_companies_and_counts_the_records(
    client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, globex, "journal_items", journal_items(5))
    post_records(client, acme, "currencies", [record_of("currencies", id=7, code="EUR")])
    post_records(client, acme, "companies", [record_of("companies", id=3, name="A", currency_id=7)])
    post_records(client, acme, "journal_items", journal_items(12))

    found = acme_reader.get("/v1/connections/acme").get_json()

    assert found["companies"] == [{"id": 3, "name": "A", "currency": "EUR"}]
    nothing = {stream.name: 0 for stream in STREAMS}
    counts = {"currencies": 1, "companies": 1, "journal_items": 12}
    assert found["record_counts"] == nothing | counts


def test_it_shows_a_connection_that_never_spoke(acme_reader: FlaskClient) -> None:
    found = acme_reader.get("/v1/connections/acme").get_json()

    assert found["last_contact_at"] is None
    assert found["companies"] == []
    assert set(found["record_counts"].values()) == {0}


def test_it_lists_only_what_the_token_may_see(
    acme_reader: FlaskClient, globex_reader: FlaskClient, reader_of_all: FlaskClient
) -> None:
    assert _names(acme_reader) == ["acme"]
    assert _names(globex_reader) == ["globex"]
    assert _names(reader_of_all) == ["acme", "globex"]


def test_twenty_take_as_many_queries_as_two(
    reader_of_all: FlaskClient, engine: Engine, config: Config
) -> None:
    counts = []
    for numbers in (range(2), range(2, 20)):
        for number in numbers:
            add_pulled_connection(engine, config, f"client-{number}")
        with counting_statements(engine) as asked:
            assert len(_names(reader_of_all)) == numbers.stop
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_it_answers_alike_for_a_foreign_connection_and_one_that_is_not_there(
    acme_reader: FlaskClient, globex: ConnectionKey
) -> None:
    foreign = acme_reader.get("/v1/connections/globex")
    unknown = acme_reader.get("/v1/connections/initech")

    assert (foreign.status_code, foreign.get_json()["code"]) == (404, "not_found")
    assert foreign.get_json()["detail"] == unknown.get_json()["detail"].replace("initech", "globex")
    assert foreign.status_code == unknown.status_code


def test_it_finds_nothing_under_a_name_that_no_database_can_hold(
    reader_of_all: FlaskClient,
) -> None:
    assert reader_of_all.get("/v1/connections/a%00b").status_code == 404


def test_it_knows_no_parameters(acme_reader: FlaskClient) -> None:
    refused = acme_reader.get("/v1/connections/acme?verbose=1")

    assert (refused.status_code, refused.get_json()["path"]) == (422, "verbose")


def _names(reader: FlaskClient) -> list[str]:
    found = reader.get("/v1/connections").get_json()["connections"]
    return [connection["name"] for connection in found]
