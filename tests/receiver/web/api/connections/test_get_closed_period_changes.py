"""GET /v1/connections/{name}/closed-period-changes: what changed in closed books, newest first."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import JOURNAL_ITEMS
from sqlalchemy import Engine

from tests.receiver.changing_ledger import IN_2025, IN_2026, Ledger, item, pushed_and_locked
from tests.receiver.records import full_record_of, record_of

CHANGES = "/v1/connections/acme/closed-period-changes"
AWKWARD = 'tab\tnewline\n "quote" \\ \\N é 🧾'


@pytest.fixture
def ledger(client: FlaskClient, engine: Engine, acme: ConnectionKey) -> Ledger:
    return pushed_and_locked(client, engine, acme)


@pytest.fixture
def changed(ledger: Ledger) -> Ledger:
    """1: item 1 is renamed. 2: entry 7 appears. 3: item 2 of company 1 vanishes. 4: item 3 of 2026
    is dated back. 5: an item of company 2 appears, in 2024."""
    unpaid = {"residual": Decimal("0.5"), "reconciled": False}
    ledger.push("journal_items", item(1, label=AWKWARD, **unpaid))
    ledger.push("journal_entries", record_of("journal_entries", id=7, date=IN_2025))
    ledger.push("journal_items", deletions=(2,))
    ledger.push("journal_items", item(3, IN_2025))
    ledger.close(IN_2025)
    ledger.push("journal_items", item(9, date(2024, 1, 1), company_id=2))
    return ledger


FILTERED = {
    "": [5, 4, 3, 2, 1],
    "company_id=2": [5],
    "company_id=1": [4, 3, 2, 1],
    "stream=journal_entries": [2],
    "stream=journal_items": [5, 4, 3, 1],
    "from=2026-01-01": [4],
    "to=2024-12-31": [5],
    "from=2025-06-30&to=2025-06-30": [4, 3, 2, 1],
    "from=2025-07-01&to=2025-12-31": [],
    "since=2020-01-01T00:00:00Z": [5, 4, 3, 2, 1],
    "since=2999-12-31T23:59:59.5%2B02:00": [],
    "limit=2": [5, 4],
}


def get(reader: FlaskClient, query: str = "") -> dict[str, Any]:
    response = reader.get(f"{CHANGES}?{query}")
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def ids(page: dict[str, Any]) -> list[int]:
    return [change["change_id"] for change in page["changes"]]


def test_a_changed_record_is_shown_before_and_after_with_what_is_different(
    changed: Ledger, acme_reader: FlaskClient
) -> None:
    change = get(acme_reader)["changes"][-1]

    assert (change["kind"], change["stream"], change["record_id"]) == (
        "changed",
        "journal_items",
        1,
    )
    assert (change["company_id"], change["closed_until"]) == (1, "2025-12-31")
    assert (change["date_before"], change["date_after"]) == ("2025-06-30", "2025-06-30")
    assert change["fields"] == [{"field": "label", "before": None, "after": AWKWARD}]
    names = ("label", "residual", "reconciled")
    assert [change["before"][name] for name in names] == [None, "0", True]
    assert [change["after"][name] for name in names] == [AWKWARD, "0.5", False]
    assert change["run_id"] == "run-1"


def test_a_record_looks_as_the_api_shows_it(ledger: Ledger, acme_reader: FlaskClient) -> None:
    ledger.push("journal_items", full_record_of("journal_items", id=9, date=IN_2025))
    (shown,) = acme_reader.get("/v1/connections/acme/journal-items?id=9").get_json()["records"]

    ledger.push("journal_items", deletions=(9,))

    vanished, appeared = get(acme_reader)["changes"]
    assert appeared["after"] == vanished["before"] == shown
    assert tuple(shown) == JOURNAL_ITEMS.field_names
    assert (appeared["kind"], appeared["before"], appeared["fields"]) == ("appeared", None, [])
    assert (vanished["kind"], vanished["after"], vanished["fields"]) == ("vanished", None, [])
    assert (appeared["date_before"], vanished["date_after"]) == (None, None)


@pytest.mark.parametrize(("query", "expected"), FILTERED.items())
def test_it_filters(
    changed: Ledger, acme_reader: FlaskClient, query: str, expected: list[int]
) -> None:
    assert ids(get(acme_reader, query)) == expected


def test_since_is_a_moment_in_any_time_zone(changed: Ledger, acme_reader: FlaskClient) -> None:
    noticed_at = datetime.fromisoformat(get(acme_reader)["changes"][2]["noticed_at"])
    later = noticed_at + timedelta(microseconds=1)

    assert noticed_at.utcoffset() == timedelta(0)
    assert noticed_at <= datetime.now(UTC)
    assert ids(get(acme_reader, f"since={noticed_at:%Y-%m-%dT%H:%M:%S.%fZ}")) == [5, 4, 3]
    in_india = later + timedelta(hours=5, minutes=30)
    assert ids(get(acme_reader, f"since={in_india:%Y-%m-%dT%H:%M:%S.%f}%2B05:30")) == [5, 4]


def test_its_pages_are_whole_without_repeating(changed: Ledger, acme_reader: FlaskClient) -> None:
    first = get(acme_reader, "limit=2")
    changed.push("journal_items", item(20))
    second = get(acme_reader, f"limit=2&cursor={first['next_cursor']}")
    third = get(acme_reader, f"limit=2&cursor={second['next_cursor']}")

    assert [ids(page) for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert third["next_cursor"] is None


def test_csv_holds_every_change_with_the_records_as_json(
    changed: Ledger, acme_reader: FlaskClient
) -> None:
    changes = get(acme_reader)["changes"]

    response = acme_reader.get(CHANGES, headers={"Accept": "text/csv"})

    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))
    assert [int(row["change_id"]) for row in rows] == [5, 4, 3, 2, 1]
    for row, change in zip(rows, changes, strict=True):
        assert json.loads(row["before"] or "null") == change["before"]
        assert json.loads(row["after"] or "null") == change["after"]
        assert row["fields"] == ",".join(each["field"] for each in change["fields"])
        assert row["noticed_at"] == change["noticed_at"]
        assert row["date_before"] == (change["date_before"] or "")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("stream=partners", "stream"),
        ("since=2026-01-01", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("since=2026-02-30T00:00:00Z", "since"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("from=2026-02-01&to=2026-01-01", "to"),
        ("cursor=abc", "cursor"),
        ("company_id=0", "company_id"),
        ("limit=0", "limit"),
        ("format=ndjson", "format"),
        ("kind=changed", "kind"),
    ],
)
def test_it_names_the_wrong_parameter(acme_reader: FlaskClient, query: str, path: str) -> None:
    refused = acme_reader.get(f"{CHANGES}?{query}")

    assert (refused.status_code, refused.get_json()["path"]) == (422, path)


def test_it_shows_what_a_moment_is_like(acme_reader: FlaskClient) -> None:
    refused = acme_reader.get(f"{CHANGES}?since=2026-01-01")

    assert refused.get_json()["detail"] == "Expected a moment such as 2025-12-31T14:02:00Z."


def test_it_shows_nothing_of_another_connection(
    changed: Ledger, acme_reader: FlaskClient, globex_reader: FlaskClient
) -> None:
    assert globex_reader.get(CHANGES).status_code == 404
    assert acme_reader.get(CHANGES.replace("acme", "globex")).status_code == 404
    own = globex_reader.get(CHANGES.replace("acme", "globex")).get_json()
    assert own == {"changes": [], "next_cursor": None}


def test_the_connection_shows_its_last_actuals_date(
    ledger: Ledger, acme_reader: FlaskClient
) -> None:
    assert acme_reader.get("/v1/connections/acme").get_json()["last_actuals_on"] is None

    ledger.close(IN_2026)

    shown = acme_reader.get("/v1/connections/acme").get_json()
    assert shown["last_actuals_on"] == "2026-01-31"
