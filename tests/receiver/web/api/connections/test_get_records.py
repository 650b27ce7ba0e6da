"""GET /v1/connections/{name}/{stream}: every stream of the contract, in three formats."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.streams import ACCOUNTS, JOURNAL_ITEMS, PARTNERS, STREAMS

from receiver.web.api.connections.records import slug_of
from tests.receiver.records import full_record_of, journal_item, journal_items, record_of
from tests.receiver.signed import post_records

ACME = "/v1/connections/acme"
ITEMS = f"{ACME}/journal-items"
AWKWARD = [
    "=SUM(A1:A9)",
    "+1",
    "-1",
    "@cmd",
    "tab\tnewline\nreturn\r\nend",
    'quote " comma , backslash \\ \\n',
    "emoji 🧾 and é",
    "line\u2028separator",
    " spaces ",
    "\\N",
    "null",
]

FILTERED = {
    "id=3": [3],
    "company_id=2": [4],
    "account_id=7": [2, 3],
    "journal_id=5": [2],
    "partner_id=6": [3],
    "entry_id=8": [1, 2],
    "reconciled=true": [1, 3],
    "reconciled=false": [2, 4],
    "from=2025-01-02": [3, 4],
    "to=2025-01-02": [1, 2, 3],
    "from=2025-01-01&to=2025-01-01": [1, 2],
    "account_id=7&reconciled=true": [3],
    "account_id=7&partner_id=99": [],
}


def test_it_gives_every_field_of_every_stream(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    for stream in STREAMS:
        post_records(client, acme, stream.name, [full_record_of(stream.name)])

        page = _get(acme_reader, f"{ACME}/{slug_of(stream)}")

        assert page["next_cursor"] is None
        (record,) = page["records"]
        assert tuple(record) == stream.field_names
        assert None not in record.values()


def test_it_says_null_for_what_is_absent(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    for stream in STREAMS:
        post_records(client, acme, stream.name, [record_of(stream.name)])

        (record,) = _get(acme_reader, f"{ACME}/{slug_of(stream)}")["records"]

        absent = {name for name, value in record.items() if value is None}
        assert absent == {field.name for field in stream.fields if not field.required}


def test_it_writes_each_type_as_documented(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    shares = [((8, 16), Decimal(60)), ((8,), Decimal("33.333333"))]
    item = journal_item(1, credit="0.30", label="Ørsted", shares=shares, date=date(2026, 2, 28))
    post_records(client, acme, "journal_items", [item])
    account = record_of("accounts", codes={"1": 'a"b', "3": "é\\"}, company_ids=(1, 3))
    post_records(client, acme, "accounts", [account])

    (found,) = _get(acme_reader, ITEMS)["records"]
    (found_account,) = _get(acme_reader, f"{ACME}/accounts")["records"]

    assert (found["credit"], found["balance"], found["debit"]) == ("0.3", "-0.3", "0")
    assert (found["id"], found["date"], found["reconciled"]) == (1, "2026-02-28", True)
    assert found["shares"] == [
        {"analytic_account_ids": [8], "percentage": "33.333333"},
        {"analytic_account_ids": [8, 16], "percentage": "60"},
    ]
    assert found_account["codes"] == {"1": 'a"b', "3": "é\\"}
    assert found_account["company_ids"] == [1, 3]


def test_it_gives_amounts_back_digit_by_digit(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    amounts = [
        "0",
        "0.1",
        "-0.1",
        "100",
        "-20",
        "-1234567.891",
        "-0.000001",
        "9000000000000.999999",
    ]
    items = [journal_item(id, residual=Decimal(text)) for id, text in enumerate(amounts, 1)]
    post_records(client, acme, "journal_items", items)

    found = _get(acme_reader, ITEMS)["records"]

    assert [record["residual"] for record in found] == amounts


def test_it_writes_the_same_records_in_all_formats(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    items = [journal_item(id, label=label) for id, label in enumerate(AWKWARD, 1)]
    items.append(full_record_of("journal_items", id=50, shares=[((8, 16), Decimal("12.5"))]))
    post_records(client, acme, "journal_items", items)
    accounts = [record_of("accounts", id=id, name=name) for id, name in enumerate(AWKWARD, 1)]
    accounts.append(full_record_of("accounts", id=50, codes={"1": 'a"b', "3": "=1\\"}))
    post_records(client, acme, "accounts", accounts)

    for stream in (JOURNAL_ITEMS, ACCOUNTS):
        url = f"{ACME}/{slug_of(stream)}"
        records = _get(acme_reader, url)["records"]
        lines = acme_reader.get(f"{url}?format=ndjson").text.split("\n")
        rows = _csv(acme_reader.get(f"{url}?format=csv&raw_text=true").data)

        assert [json.loads(line) for line in lines[:-1]] == records
        assert {line[0] + line[-1:] for line in lines[:-1]} == {"{}"}
        assert rows == [_as_csv(record) for record in records]


def test_it_never_alters_text_in_csv_for_programs(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    partners = [record_of("partners", id=id, name=name) for id, name in enumerate(AWKWARD, 1)]
    post_records(client, acme, "partners", partners)

    answer = acme_reader.get(f"{ACME}/partners?format=csv&raw_text=true")

    assert answer.data.startswith(",".join(PARTNERS.field_names).encode() + b"\r\n1,")
    assert [row["name"] for row in _csv(answer.data)] == AWKWARD


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_text_of_csv_is_a_formula_for_a_spreadsheet(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient, begins: str
) -> None:
    text = f"{begins}1+1"
    items = [journal_item(1, credit="5", label=text), journal_item(2, label=f"1{text}")]
    post_records(client, acme, "journal_items", items)

    rows = _csv(acme_reader.get(f"{ITEMS}?format=csv").data)

    assert [row["label"] for row in rows] == [f"'{text}", f"1{text}"]
    assert [row["balance"] for row in rows] == ["-5", "0"]


def test_pages_hold_each_record_once_while_others_arrive(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    there_from_the_start = list(range(10, 400, 10))
    post_records(client, acme, "journal_items", [journal_item(id) for id in there_from_the_start])

    seen: list[int] = []
    for page in _pages(acme_reader, f"{ITEMS}?limit=7"):
        seen += [record["id"] for record in page]
        newcomers = [journal_item(seen[0] - 5), journal_item(seen[-1] + 5)]
        post_records(client, acme, "journal_items", newcomers)

    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert set(there_from_the_start) <= set(seen)


def test_the_last_full_page_has_no_cursor(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "journal_items", journal_items(4))

    pages = list(_pages(acme_reader, f"{ITEMS}?limit=2"))

    assert [[record["id"] for record in page] for page in pages] == [[1, 2], [3, 4]]


def test_a_page_has_a_hundred_records_and_an_export_all(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "journal_items", journal_items(4_500))

    assert len(_get(acme_reader, ITEMS)["records"]) == 100
    assert len(_get(acme_reader, f"{ITEMS}?limit=10000")["records"]) == 4_500
    assert acme_reader.get(f"{ITEMS}?format=ndjson").data.count(b"\n") == 4_500
    assert len(_csv(acme_reader.get(f"{ITEMS}?format=csv").data)) == 4_500


def test_an_export_is_of_one_moment(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "journal_items", journal_items(4_500))

    answer = acme_reader.get(f"{ITEMS}?format=ndjson", buffered=False)
    parts = answer.iter_encoded()
    start = next(parts)
    post_records(client, acme, "journal_items", journal_items(10, first_id=4_501))
    lines = (start + b"".join(parts)).splitlines()
    answer.close()

    assert json.loads(lines[-1])["id"] == 4_500


def test_an_export_begins_after_a_cursor_and_ends_at_a_limit(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    post_records(client, acme, "journal_items", journal_items(9))
    cursor = _get(acme_reader, f"{ITEMS}?limit=3")["next_cursor"]

    rows = _csv(acme_reader.get(f"{ITEMS}?format=csv&limit=2&cursor={cursor}").data)

    assert [row["id"] for row in rows] == ["4", "5"]


def test_it_filters_journal_items(
    client: FlaskClient, acme: ConnectionKey, acme_reader: FlaskClient
) -> None:
    first, second, third = (date(2025, 1, day) for day in (1, 2, 3))
    items = [
        journal_item(1, date=first, account_id=1, entry_id=8),
        journal_item(2, date=first, account_id=7, entry_id=8, journal_id=5, reconciled=False),
        journal_item(3, date=second, account_id=7, entry_id=9, partner_id=6),
        journal_item(4, date=third, account_id=1, entry_id=9, company_id=2, reconciled=False),
    ]
    post_records(client, acme, "journal_items", items)

    found = {query: _get(acme_reader, f"{ITEMS}?{query}")["records"] for query in FILTERED}

    ids = {query: [record["id"] for record in records] for query, records in found.items()}
    assert ids == FILTERED


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("colour=red", "colour"),
        ("cursor=", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=aWQ6MA==", "cursor"),
        ("cursor=aWQ6LTE=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=ten", "limit"),
        ("id=1000000000000000000", "id"),
        ("id=%D9%A3", "id"),
        ("reconciled=1", "reconciled"),
        ("reconciled=", "reconciled"),
        ("from=01-02-2025", "from"),
        ("from=20250102", "from"),
        ("from=2025-01-02&to=2025-01-01", "to"),
        ("format=xlsx", "format"),
        ("id=1&id=2", "id"),
    ],
)
def test_it_names_the_wrong_parameter(
    acme_reader: FlaskClient, acme: ConnectionKey, query: str, path: str
) -> None:
    refused = acme_reader.get(f"{ITEMS}?{query}")

    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_query")
    assert refused.get_json()["path"] == path


def test_an_unknown_parameter_is_told_which_there_are(
    acme_reader: FlaskClient, acme: ConnectionKey
) -> None:
    refused = acme_reader.get(f"{ACME}/partners?company=1")

    assert refused.get_json()["detail"] == (
        "There is no such parameter. There are: id, company_id, limit, cursor, format, raw_text."
    )


def test_a_stream_knows_only_filters_on_its_own_fields(
    acme_reader: FlaskClient, acme: ConnectionKey
) -> None:
    refused = acme_reader.get(f"{ACME}/partners?from=2025-01-01")

    assert (refused.status_code, refused.get_json()["path"]) == (422, "from")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/json"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("text/html", "application/json"),
    ],
)
def test_it_answers_in_the_format_that_is_accepted(
    acme_reader: FlaskClient, acme: ConnectionKey, accept: str, mimetype: str
) -> None:
    assert acme_reader.get(ITEMS, headers={"Accept": accept}).mimetype == mimetype


def test_the_format_parameter_beats_the_accept_header(
    acme_reader: FlaskClient, acme: ConnectionKey
) -> None:
    answer = acme_reader.get(f"{ITEMS}?format=csv", headers={"Accept": "application/json"})

    assert answer.mimetype == "text/csv"


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
def test_an_empty_stream_is_an_answer_too(
    acme_reader: FlaskClient, acme: ConnectionKey, format: str
) -> None:
    answer = acme_reader.get(f"{ITEMS}?format={format}")

    assert answer.status_code == 200
    header = ",".join(JOURNAL_ITEMS.field_names) + "\r\n"
    nothing = {"json": '{"records":[],"next_cursor":null}\n', "ndjson": "", "csv": header}
    assert answer.text == nothing[format]


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
def test_it_hides_from_a_foreign_token(
    client: FlaskClient, acme: ConnectionKey, globex_reader: FlaskClient, format: str
) -> None:
    post_records(client, acme, "journal_items", journal_items(3))

    foreign = globex_reader.get(f"{ITEMS}?format={format}")

    assert (foreign.status_code, foreign.mimetype) == (404, "application/problem+json")
    assert _get(globex_reader, "/v1/connections/globex/journal-items")["records"] == []


def test_there_is_no_stream_outside_the_contract(acme_reader: FlaskClient) -> None:
    assert acme_reader.get(f"{ACME}/api-tokens").status_code == 404


def _get(reader: FlaskClient, url: str) -> dict[str, Any]:
    answer = reader.get(url)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def _pages(reader: FlaskClient, url: str) -> Iterator[list[dict[str, Any]]]:
    page = _get(reader, url)
    yield page["records"]
    while page["next_cursor"]:
        page = _get(reader, f"{url}&cursor={page['next_cursor']}")
        yield page["records"]


def _csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


def _as_csv(record: dict[str, Any]) -> dict[str, str]:
    """What the contract's text of each JSON value is, and nothing for null."""
    return {name: _text(value) for name, value in record.items()}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case [{"percentage": _}, *_]:
            return ";".join(f"{_ids(s['analytic_account_ids'])}:{s['percentage']}" for s in value)
        case list():
            return _ids(value)
    return str(value)


def _ids(ids: list[int]) -> str:
    return ",".join(str(id) for id in ids)
