"""The pages of who has very many connections: an accounting firm."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import RunState
from receiver.db.pull.workers import note_worker
from receiver.db.store.store import store
from receiver.web.pages.shared.connection_filter import FEW, PER_PAGE
from tests.receiver.batches import incoming_of
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest
from tests.receiver.records import record_of
from tests.receiver.statements import counting_statements
from tests.receiver.web.pages.conftest import Browser

OVERVIEWS = ("/", "/health/", "/integrations")


def add_clients(engine: Engine, config: Config, numbers: range) -> None:
    """client-NUMBER, each pulled once: it succeeded. A worker runs."""
    with writing(engine) as db:
        note_worker(db, "w", datetime.now(UTC))
    for number in numbers:
        name = f"client-{number:03}"
        ask(engine, add_pulled_connection(engine, config, name))
        take_newest(engine, RunState.SUCCEEDED, name=name)


@pytest.mark.parametrize("path", OVERVIEWS)
def test_thirty_take_as_many_queries_as_three(
    anna: Browser, engine: Engine, config: Config, path: str
) -> None:
    counts = []
    for numbers in (range(3), range(3, 30)):
        add_clients(engine, config, numbers)
        with counting_statements(engine) as asked:
            assert anna.get(path).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1] < 25


def names_on(page: str) -> list[str]:
    """The connections that the page lists, in its order."""
    listed = page.split("<main")[1].split("</form>")[-1]
    return [*dict.fromkeys(re.findall(r"client-\d{3}", listed))]


def link_of(page: str, words: str) -> str:
    [address] = re.findall(rf'<a href="([^"]*)"[^>]*>{words}', page)
    return unescape(address)


@pytest.mark.parametrize("path", OVERVIEWS)
def test_what_fails_comes_first_and_is_counted(
    anna: Browser, engine: Engine, config: Config, path: str
) -> None:
    add_clients(engine, config, range(FEW + 1))
    ask(engine, get_id(engine, "client-004"))
    take_newest(engine, RunState.FAILED, name="client-004", failure="No.", failure_code="x")

    page = anna.get(path).text

    assert names_on(page)[0] == "client-004"
    assert "Failing <b>1</b>" in page
    assert f"Well <b>{FEW}</b>" in page
    assert names_on(anna.get(link_of(page, "Failing")).text) == ["client-004"]


@pytest.mark.parametrize("path", OVERVIEWS)
@pytest.mark.parametrize("wanted", ["client-003", "NT-003", "smith &amp; sons"])
def test_one_is_found_by_a_part_of_its_name_or_its_company_s(
    anna: Browser, engine: Engine, config: Config, path: str, wanted: str
) -> None:
    add_clients(engine, config, range(FEW + 1))
    company = record_of("companies", id=1, name="Smith & Sons Ltd")
    with writing(engine) as db:
        id = get_connection(db, "client-003").id
        store(db, id, incoming_of("companies", [company]))

    page = anna.get(path, query_string={"find": unescape(wanted)}).text

    assert names_on(page) == ["client-003"]
    assert f'value="{wanted}"' in page


def test_the_tallies_stay_on_the_page_whatever_its_query_names(
    anna: Browser, engine: Engine, config: Config
) -> None:
    add_clients(engine, config, range(FEW + 1))

    page = anna.get("/health/?connection=client-001").text

    assert len(names_on(anna.get(link_of(page, "Well")).text)) == FEW + 1


def test_nobody_is_called_so(anna: Browser, engine: Engine, config: Config) -> None:
    add_clients(engine, config, range(FEW + 1))

    for path in OVERVIEWS:
        assert "None is found." in anna.get(f"{path}?find=nobody").text


def test_very_many_come_page_by_page(anna: Browser, engine: Engine, config: Config) -> None:
    add_clients(engine, config, range(PER_PAGE + 3))

    first = anna.get("/health/").text
    second = anna.get(link_of(first, "Further connections")).text

    assert len(names_on(first)) == PER_PAGE
    assert len(names_on(second)) == 3
    assert names_on(anna.get(link_of(second, "Back")).text) == names_on(first)


@pytest.mark.parametrize("path", OVERVIEWS)
def test_a_few_are_not_looked_for(anna: Browser, engine: Engine, config: Config, path: str) -> None:
    add_clients(engine, config, range(FEW))

    assert 'name="find"' not in anna.get(path).text


def get_id(engine: Engine, name: str) -> int:
    with reading(engine) as db:
        return get_connection(db, name).id
