"""/v1/connections/{name}/structures: made, changed, read; only with a token that may manage."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey

from tests.receiver.records import record_of
from tests.receiver.signed import post_records

URL = "/v1/connections/acme/structures"
SALES = 20

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def made(client: FlaskClient, acme: ConnectionKey, acme_manager: FlaskClient) -> FlaskClient:
    sales = record_of("accounts", id=SALES, name="Sales", codes={"1": "70"}, type="income")
    post_records(client, acme, "accounts", [sales])
    body = {"template": "belgian", "language": "nl", "name": "Mijn schema"}
    assert acme_manager.post(URL, json=body).status_code == 201
    return acme_manager


def structure(manager: FlaskClient) -> dict[str, Any]:
    return dict(manager.get(f"{URL}/1").get_json())


def line_of_sales(found: dict[str, Any]) -> int | None:
    [account] = found["accounts"]["profit_and_loss"]
    return account["line_id"]  # type: ignore[no-any-return]


def id_of(found: dict[str, Any], name: str) -> int:
    return next(int(line["id"]) for line in found["lines"] if line["name"] == name)


def names(found: dict[str, Any]) -> list[str]:
    return [line["name"] for line in found["lines"]]


def test_it_lists_structures(made: FlaskClient) -> None:
    listed = made.get(URL).get_json()["structures"]

    assert [(each["structure_id"], each["name"]) for each in listed] == [(1, "Mijn schema")]
    assert "70 Omzet" in names(structure(made))
    assert line_of_sales(structure(made)) == id_of(structure(made), "70 Omzet")


def test_it_adds_changes_moves_duplicates_and_deletes_lines(made: FlaskClient) -> None:
    lines = f"{URL}/1/lines"
    new = {"statement": "profit_and_loss", "name": "Nieuw", "position": 0}

    added = made.post(lines, json=new).get_json()
    id = id_of(added, "Nieuw")
    changed = made.patch(
        f"{lines}/{id}",
        json={"name": "Anders", "is_credit_positive": False, "parent_id": id_of(added, "70 Omzet")},
    ).get_json()
    copied = made.post(f"{lines}/{id}/duplicate").get_json()
    deleted = made.delete(f"{lines}/{id_of(added, '70 Omzet')}").get_json()

    assert names(added)[0] == "Nieuw"
    line = next(line for line in changed["lines"] if line["id"] == id)
    assert (line["name"], line["is_credit_positive"]) == ("Anders", False)
    assert line["parent_id"] == id_of(added, "70 Omzet")
    assert names(copied).count("Anders") == 2
    assert "Anders" not in names(deleted)
    assert line_of_sales(deleted) is None


def test_it_maps_and_unmaps_accounts_and_undoes(made: FlaskClient) -> None:
    unmap = {"statement": "profit_and_loss", "account_ids": [SALES], "line_id": None}
    before = line_of_sales(structure(made))

    unmapped = made.put(f"{URL}/1/accounts", json=unmap).get_json()
    mapped = made.post(f"{URL}/1/map-unmapped").get_json()
    undone = made.post(f"{URL}/1/undo").get_json()
    chosen = made.put(f"{URL}/1/accounts", json={**unmap, "line_id": before}).get_json()

    found = [line_of_sales(each) for each in (unmapped, mapped, undone, chosen)]
    assert found == [None, before, None, before]


def test_it_renames_and_deletes_a_structure(made: FlaskClient) -> None:
    assert made.patch(f"{URL}/1", json={"name": "B"}).get_json()["name"] == "B"
    assert made.delete(f"{URL}/1").status_code == 204
    assert made.get(f"{URL}/1").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("post", "", {"template": "martian"}, (422, "invalid_body")),
        ("post", "", {"template": "dutch", "name": "Mijn schema"}, (409, "name_taken")),
        ("patch", "/1", {"name": "\u0007"}, (422, "invalid_structure")),
        ("patch", "/1/lines/999", {"name": "x"}, (404, "not_found")),
        ("patch", "/1/lines/x", {"name": "x"}, (404, "not_found")),
        ("patch", "/1/lines/1", {"parent_id": 1}, (422, "invalid_structure")),
        ("delete", "/9", None, (404, "not_found")),
        ("post", "/1/undo", None, (422, "invalid_structure")),
        (
            "put",
            "/1/accounts",
            {"statement": "profit_and_loss", "account_ids": [99], "line_id": 1},
            (422, "invalid_structure"),
        ),
    ],
)
def test_it_refuses_what_cannot_be(
    made: FlaskClient, method: str, path: str, body: object, expected: tuple[int, str]
) -> None:
    refused = getattr(made, method)(URL + path, **({"json": body} if body else {}))

    assert (refused.status_code, refused.get_json()["code"]) == expected, refused.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", ""),
        ("patch", "/1"),
        ("delete", "/1"),
        ("post", "/1/undo"),
        ("post", "/1/map-unmapped"),
        ("put", "/1/accounts"),
        ("post", "/1/lines"),
        ("patch", "/1/lines/1"),
        ("delete", "/1/lines/1"),
        ("post", "/1/lines/1/duplicate"),
    ],
)
def test_a_token_that_only_reads_changes_nothing(
    acme_reader: FlaskClient, method: str, path: str
) -> None:
    assert getattr(acme_reader, method)(URL + path, json={}).status_code == 403


def test_a_foreign_token_sees_nothing(made: FlaskClient, globex_reader: FlaskClient) -> None:
    assert globex_reader.get(f"{URL}/1").status_code == 404
