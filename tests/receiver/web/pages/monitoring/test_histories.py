"""/health/NAME/HISTORY: each history in pages that links lead through, and whole as CSV."""

import csv
import json
import re
from datetime import UTC, datetime
from html import unescape
from itertools import chain

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.batch import encode_batch
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import writing
from receiver.db.pull.pull_runs import Cost, RunState
from receiver.db.tables import pull_runs
from receiver.web.pages.monitoring.histories import HISTORIES, PER_PAGE
from tests.receiver.batches import batch_of
from tests.receiver.connection_with_everything import send_one_of_everything
from tests.receiver.proofs import prove
from tests.receiver.pulled_connections import add_pulled_connection, ask, take_newest
from tests.receiver.records import journal_item
from tests.receiver.set_aside import stated
from tests.receiver.signed import post_batch, post_records
from tests.receiver.web.pages.conftest import Browser

PULLS = "/health/acme/pulls"
COUNT = 2 * PER_PAGE + 3
ASIDE = stated("partners", 99)


@pytest.fixture
def pulls(engine: Engine, config: Config) -> None:
    """Of acme, one more than two pages hold; run n made n calls."""
    connection_id, now = add_pulled_connection(engine, config), datetime.now(UTC)
    times = {"asked_at": now, "due_at": now, "started_at": now, "finished_at": now}
    rows = [
        {
            "connection_id": connection_id,
            "run_id": number,
            "asked_by": "schedule",
            "state": "succeeded",
            "call_count": number,
            **times,
        }
        for number in range(1, COUNT + 1)
    ]
    with writing(engine) as db:
        db.execute(sa.insert(pull_runs), rows)


def follow(browser: Browser, path: str, rel: str) -> list[str]:
    """The pages from this one on, by their links of this kind, but no more than there can be."""
    pages = [browser.get(path).text]
    while len(pages) < COUNT and (found := re.search(rf'href="([^"]+)" rel="{rel}"', pages[-1])):
        path = unescape(found[1])
        pages.append(browser.get(path).text)
    return pages


def calls_on(page: str) -> list[int]:
    """The runs of the table, by the calls that each made."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    return [int(re.findall(r'<td class="number">(\d*)</td>', row)[5]) for row in rows]


def test_links_lead_through_all_of_it_and_back(anna: Browser, pulls: None) -> None:
    older = follow(anna, PULLS, "next")
    newer = follow(anna, f"{PULLS}?page={len(older)}", "prev")

    shown = [calls_on(page) for page in older]
    assert [len(page) for page in shown] == [PER_PAGE, PER_PAGE, 3]
    assert [*chain.from_iterable(shown)] == [*range(COUNT, 0, -1)]
    assert [calls_on(page) for page in newer] == shown[::-1]


@pytest.mark.parametrize("page", ["0", "-1", "two", "9" * 30])
def test_a_page_that_is_none_breaks_nothing(anna: Browser, pulls: None, page: str) -> None:
    assert anna.get(f"{PULLS}?page={page}").status_code == 200


@pytest.mark.parametrize(("asked", "is_beyond"), [("", False), ("?page=9", True)])
def test_a_page_beyond_the_end_does_not_say_that_there_never_was_one(
    anna: Browser, acme: ConnectionKey, asked: str, is_beyond: bool
) -> None:
    page = anna.get(f"/health/acme/proofs{asked}").text

    assert ("There are no older ones." in page) is is_beyond
    assert ("The first proof comes at the end of the first import." in page) is not is_beyond


@pytest.mark.parametrize("name", HISTORIES)
def test_each_is_shown_and_taken_away_whole(
    anna: Browser, client: FlaskClient, acme: ConnectionKey, engine: Engine, name: str
) -> None:
    send_one_of_everything(client, acme)
    post_records(client, acme, "journal_items", [journal_item(9, debit="1")])
    prove(client, acme, {})
    post_batch(client, acme, encode_batch(batch_of("partners")._replace(set_aside=(ASIDE,))))

    page, file = anna.get(f"/health/acme/{name}"), anna.get(f"/health/acme/{name}.csv")

    assert page.status_code == 200
    header, *rows = csv.reader(file.text.splitlines())
    assert header == [*HISTORIES[name].columns]
    assert len(rows) == page.text.count('<th scope="row">')
    assert rows or name == "pulls"


def test_csv_has_every_pull_with_moments_that_programs_read(anna: Browser, pulls: None) -> None:
    answer = anna.get(f"{PULLS}.csv")

    rows = [*csv.DictReader(answer.text.splitlines())]
    assert [int(row["run_id"]) for row in rows] == [*range(COUNT, 0, -1)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", rows[0]["asked_at"])
    assert 'filename="acme-pulls.csv"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["/pulls", "/pulls.csv", "/nothing"])
def test_who_may_not_see_the_connection_finds_nothing(
    bob: Browser, globex: ConnectionKey, path: str
) -> None:
    assert bob.get(f"/health/globex{path}").status_code == 404


def test_health_plots_the_last_pulls_and_marks_those_that_failed(
    anna: Browser, engine: Engine, config: Config
) -> None:
    connection_id, cost = (
        add_pulled_connection(engine, config),
        Cost(call_count=1, milliseconds_in_odoo=1),
    )
    for end, count in ((RunState.SUCCEEDED, 70), (RunState.FAILED, 7), (RunState.CANCELLED, 1)):
        ask(engine, connection_id)
        take_newest(engine, end, cost, record_count=count)

    page = anna.get("/health/acme/").text

    charts = [json.loads(unescape(each)) for each in re.findall(r'data-chart="([^"]*)"', page)]
    assert [each["series"][0]["label"] for each in charts] == ["Seconds", "Records"]
    assert charts[1]["series"][0]["values"] == ["70", "7"]
    assert charts[1]["series"][1] == {
        "label": "Failed",
        "values": [None, "7"],
        "are_marks": True,
    }
