"""Connections made and changed by the API. Of Odoos that let the user in: tests/odoo."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import OdooAccess, find_odoo_access, save_odoo_access
from receiver.db.engine import reading, writing
from tests.receiver.signed import post_hello
from tests.receiver.stored_rows import ODOO_ACCESS, row_counts

KEY = "7b2c0d1e"
VALUES = {"url": "10.0.0.1", "database": "acme", "username": "accountant", "api_key": KEY}
ODOO = "/v1/connections/acme/odoo"


def give_access(engine: Engine, access: OdooAccess = ODOO_ACCESS) -> None:
    with writing(engine) as db:
        save_odoo_access(db, get_connection(db, "acme").id, access)


def access_of_acme(engine: Engine) -> OdooAccess | None:
    with reading(engine) as db:
        return find_odoo_access(db, get_connection(db, "acme").id)


class TestPostConnections:
    def test_it_makes_a_connection_and_shows_its_key_this_once(
        self, client: FlaskClient, manager_of_all: FlaskClient
    ) -> None:
        made = manager_of_all.post("/v1/connections", json={"name": "acme"})

        answer = made.get_json()
        assert made.status_code == 201
        key = decode_connection_key(answer["connection_key"])
        assert post_hello(client, key).get_json()["connection"] == "acme"
        assert answer["odoo"] is None
        assert key.secret not in manager_of_all.get("/v1/connections/acme").text

    @pytest.mark.parametrize(
        ("body", "refusal"),
        [
            ({}, ("invalid_body", "/name")),
            ({"name": "a/b"}, ("invalid_body", "/name")),
            ({"name": "globex"}, ("name_taken", "/name")),
            ({"name": "acme", **VALUES}, ("forbidden_address", "/url")),
            ({"name": "acme", **VALUES, "url": "a b"}, ("invalid_odoo_url", "/url")),
            ({"name": "acme", "url": "acme.example"}, ("wrong_odoo_key", "/username")),
            ({"name": "acme", **VALUES, "api_key": ""}, ("wrong_odoo_key", "/api_key")),
            ({"name": "acme", **VALUES, "company_ids": ["x"]}, ("invalid_body", "/company_ids/0")),
        ],
    )
    def test_it_says_which_value_is_wrong_and_stores_nothing(
        self,
        engine: Engine,
        globex: ConnectionKey,
        manager_of_all: FlaskClient,
        body: dict[str, Any],
        refusal: tuple[str, str],
    ) -> None:
        before = row_counts(engine)

        refused = manager_of_all.post("/v1/connections", json=body)

        problem = refused.get_json()
        assert refused.status_code in (409, 422)
        assert (problem["code"], problem["path"]) == refusal
        assert KEY not in refused.text
        assert row_counts(engine) == before

    def test_a_token_that_is_bound_to_a_connection_makes_no_other(
        self, acme_manager: FlaskClient
    ) -> None:
        refused = acme_manager.post("/v1/connections", json={"name": "initech"})

        assert (refused.status_code, refused.get_json()["code"]) == (403, "may_not_manage")


class TestPostOdoo:
    def test_it_goes_into_no_private_network(
        self, manager_of_all: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        refused = manager_of_all.post("/v1/odoo", json=VALUES)

        assert (refused.status_code, refused.get_json()["path"]) == (422, "/url")
        assert "MONITR_ALLOW_PRIVATE_ADDRESSES" in refused.get_json()["detail"]
        assert KEY not in refused.text + caplog.text


class TestOdooOfAConnection:
    def test_it_shows_how_odoo_is_read_but_never_the_key(
        self, engine: Engine, acme_reader: FlaskClient
    ) -> None:
        assert acme_reader.get(ODOO).status_code == 404
        ends = datetime.now(UTC) + timedelta(days=3, hours=1)
        known = {"key_expires_at": ends, "key_count": 1, "writable": "account.move"}
        give_access(engine, replace(ODOO_ACCESS, **known, lacks_analytic=True))

        shown = acme_reader.get(ODOO).get_json()

        assert (shown["url"], shown["company_ids"]) == ("https://acme.odoo.com", [1, 2])
        assert (shown["key_days_left"], shown["key_count"]) == (3, 1)
        assert shown["key_expires_at"] == ends.isoformat()
        assert "may also change journal entries" in shown["notes"][0]
        assert "Analytic plans, accounts and items are left out" in shown["notes"][1]
        assert "encrypted" not in str(shown)

    def test_what_fails_changes_nothing(self, engine: Engine, acme_manager: FlaskClient) -> None:
        give_access(engine)

        refused = acme_manager.put(ODOO, json={**VALUES, "language": "en_US"})

        assert refused.get_json()["code"] == "forbidden_address"
        assert access_of_acme(engine) == ODOO_ACCESS

    def test_a_key_that_fails_leaves_the_old_one(
        self, engine: Engine, acme_manager: FlaskClient
    ) -> None:
        nearby = replace(ODOO_ACCESS, url="https://127.0.0.1")
        give_access(engine, nearby)

        refused = acme_manager.patch(ODOO, json={"api_key": KEY})

        assert (refused.status_code, refused.get_json()["path"]) == (422, "/url")
        assert KEY not in refused.text
        assert access_of_acme(engine) == nearby

    def test_the_access_is_taken_away_and_the_connection_stays(
        self, engine: Engine, client: FlaskClient, acme: ConnectionKey, acme_manager: FlaskClient
    ) -> None:
        give_access(engine)

        assert acme_manager.delete(ODOO).status_code == 204

        assert access_of_acme(engine) is None
        assert post_hello(client, acme).get_json()["connection"] == "acme"
        assert acme_manager.delete(ODOO).status_code == 404
        assert acme_manager.patch(ODOO, json={"api_key": KEY}).status_code == 404

    def test_it_does_not_tell_of_a_connection_that_the_token_may_not_see(
        self, globex: ConnectionKey, acme_manager: FlaskClient
    ) -> None:
        elsewhere = ODOO.replace("acme", "globex")

        for refused in (
            acme_manager.get(elsewhere),
            acme_manager.put(elsewhere, json=VALUES),
            acme_manager.patch(elsewhere, json={}),
            acme_manager.delete(elsewhere),
        ):
            assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")
            assert "no connection named globex" in refused.get_json()["detail"]

    def test_a_token_that_only_reads_changes_nothing(
        self, engine: Engine, acme_reader: FlaskClient
    ) -> None:
        give_access(engine)

        for refused in (
            acme_reader.post("/v1/odoo", json=VALUES),
            acme_reader.put(ODOO, json=VALUES),
            acme_reader.patch(ODOO, json={}),
            acme_reader.delete(ODOO),
        ):
            assert refused.get_json()["code"] == "may_not_manage"
        assert access_of_acme(engine) == ODOO_ACCESS
