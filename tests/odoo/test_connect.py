"""Connecting to a real Odoo with an API key: what is found, and each way in which it fails."""

import json
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from monitr_wire.connection_key import decode_connection_key

from receiver import errors
from receiver.app import create_app
from receiver.cli import monitr
from receiver.config import read_config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import OdooAccess, find_odoo_access
from receiver.db.engine import make_engine, reading
from receiver.pull.setup.connect import FoundOdoo, connect_odoo, open_odoo
from receiver.pull.transport.client import OdooClient
from receiver.pull.transport.http import Server
from receiver.pull.transport.jsonrpc import JsonRpc
from receiver.pull.transport.login import Access
from receiver.pull.transport.xmlrpc import RpcClient, XmlRpc
from receiver.web.current import ENGINE
from tests.odoo import books_script as script
from tests.odoo.api_keys import (
    ADMINISTRATOR,
    ARCHIVED,
    AUDITOR,
    CLERK,
    EXPIRED,
    OTHER_SCOPE,
    SECOND,
    SELLER,
    Keyed,
    start_with_keys,
)
from tests.odoo.books import copy_of_books
from tests.odoo.installations import Installation
from tests.odoo.partly import letting_through
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer
from tests.receiver.records import record_of
from tests.receiver.signed import post_records

WITH_JSON_2 = "19.0"
WITH_EXPIRY = "18.0"
WRONG_KEY = "0" * 40
RUN_MONITR = "from receiver.cli import monitr; monitr()"
TRIES_UNTIL_LOCKED = 10


@pytest.fixture(scope="module")
def keyed(
    installation: Installation,
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Keyed]:
    with copy_of_books(installation, postgres, tmp_path_factory.mktemp("odoo")) as odoo:
        yield start_with_keys(odoo)


def access_of(keyed: Keyed, login: str, **changed: str) -> Access:
    odoo = keyed.odoo
    access = Access(odoo.url, odoo.database, login, keyed.keys.get(login, WRONG_KEY))
    return replace(access, **changed)


def connect(access: Access) -> FoundOdoo:
    return connect_odoo(access, allow_private=True)


def test_it_finds_the_languages_and_the_companies_that_the_user_may_read(keyed: Keyed) -> None:
    both = connect(access_of(keyed, script.ACCOUNTANT_AB))
    one = connect(access_of(keyed, script.ACCOUNTANT_A))

    assert both.client.series == keyed.odoo.series
    assert {each.code for each in both.languages} == {"en_US", script.LANGUAGE}
    names = {script.COMPANY_A, script.COMPANY_B}
    assert {(each.id, each.name) for each in both.companies} == {
        row for row in keyed.odoo.sql("SELECT id, name FROM res_company") if row[1] in names
    }
    assert [each.name for each in one.companies] == [script.COMPANY_A]


def test_it_speaks_json_2_where_that_is_offered(keyed: Keyed) -> None:
    client = connect(access_of(keyed, script.ACCOUNTANT_A)).client

    expected = "Json2Client" if keyed.odoo.series >= WITH_JSON_2 else "RpcClient"
    assert type(client).__name__ == expected


def test_every_transport_gives_the_same_answers(keyed: Keyed) -> None:
    access = access_of(keyed, script.ACCOUNTANT_AB)
    opened = open_odoo(access, allow_private=True)
    server = Server(access.url, allow_private=True)
    values = {"database": access.database, "uid": opened.uid, "api_key": access.api_key}
    by_xml, by_json = (
        RpcClient(services(server), "", **values)  # type: ignore[arg-type]
        for services in (XmlRpc, JsonRpc)
    )

    assert [answers_of(by_xml), answers_of(by_json)] == [answers_of(opened.client)] * 2


def test_xml_rpc_works_alone(keyed: Keyed) -> None:
    with letting_through(keyed.odoo.url, "/xmlrpc/2/") as proxy:
        behind = {"url": proxy.url}
        through = connect(access_of(keyed, script.ACCOUNTANT_AB, **behind))
        straight = connect(access_of(keyed, script.ACCOUNTANT_AB))

        assert (through.languages, through.companies) == (straight.languages, straight.companies)
        assert through.client.series == keyed.odoo.series
        with pytest.raises(errors.WrongOdooKey):
            connect(access_of(keyed, script.ACCOUNTANT_A, api_key=WRONG_KEY, **behind))
        with pytest.raises(errors.WrongOdooDatabase):
            connect(access_of(keyed, script.ACCOUNTANT_A, database="no_such_database", **behind))
        with pytest.raises(errors.MissingPermissions, match="cannot read Journals"):
            connect(access_of(keyed, script.PLAIN_USER, **behind))
        with pytest.raises(errors.OdooServerError) as failure:
            through.client.call("res.users", "search_read", fields=["no_such_field"])
        assert failure.value.more == {"odoo_exception": "ValueError"}


def test_json_2_works_alone(keyed: Keyed) -> None:
    with letting_through(keyed.odoo.url, "/json/2/", "/web/version") as proxy:
        access = access_of(keyed, script.ACCOUNTANT_A, url=proxy.url)

        if keyed.odoo.series < WITH_JSON_2:
            with pytest.raises(errors.NotAnOdoo):
                connect(access)
            return
        assert connect(access).companies
        with pytest.raises(errors.WrongOdooDatabase):
            connect(replace(access, database="no_such_database"))


def test_it_calls_nothing_that_writes(keyed: Keyed) -> None:
    """`authenticate` notes the log-in in Odoo, as any log-in does."""
    with letting_through(keyed.odoo.url, "/jsonrpc") as proxy:
        connect(access_of(keyed, script.ACCOUNTANT_A, url=proxy.url))

    calls = [json.loads(body)["params"] for body in proxy.bodies]
    methods = {
        call["args"][4] if call["method"] == "execute_kw" else call["method"] for call in calls
    }
    assert methods - {"get_metadata", "read_group"} == {
        "version",
        "authenticate",
        "read",
        "search_read",
        "formatted_read_group",
        "fields_get",
        "has_group",
        "check_access_rights",
        "get_installed",
    }


def answers_of(client: OdooClient) -> list[Any]:
    fields = ["name", "move_id", "date", "debit", "tax_ids", "partner_id"]
    domain = [["move_id.ref", "=", script.ANALYTIC_BILL]]
    rows = client.call("account.move.line", "search_read", domain=domain, fields=fields, order="id")
    assert rows
    ids = [row["id"] for row in rows]
    context = {"lang": script.LANGUAGE}
    return [rows, client.call("account.move.line", "read", ids, fields=["name"], context=context)]


def test_the_database_may_be_left_out_where_the_server_reveals_it(keyed: Keyed) -> None:
    """These servers have one database and do not tell its name; JSON-2 does not need it."""
    access = access_of(keyed, script.ACCOUNTANT_A, database="")

    if keyed.odoo.series >= WITH_JSON_2:
        assert connect(access).access.database == ""
    else:
        with pytest.raises(errors.WrongOdooDatabase, match="enter the database's name"):
            connect(access)


def test_another_database_than_there_is(keyed: Keyed) -> None:
    with pytest.raises(errors.WrongOdooDatabase, match="has no such database"):
        connect(access_of(keyed, script.ACCOUNTANT_A, database="no_such_database"))


@pytest.mark.parametrize(
    ("login", "key"),
    [
        (script.ACCOUNTANT_A, WRONG_KEY),
        ("nobody", WRONG_KEY),
        (script.ACCOUNTANT_A, ""),
        (script.ACCOUNTANT_A, "ключ"),
        (script.ACCOUNTANT_A, "two\nlines"),
        ("", WRONG_KEY),
    ],
)
def test_a_wrong_user_or_key(keyed: Keyed, login: str, key: str) -> None:
    with pytest.raises(errors.WrongOdooKey) as refusal:
        connect(access_of(keyed, login, api_key=key))

    assert not key or key not in str(refusal.value)


def test_the_key_of_somebody_else(keyed: Keyed) -> None:
    other = keyed.keys[script.ACCOUNTANT_AB]

    with pytest.raises(errors.WrongOdooKey):
        connect(access_of(keyed, script.ACCOUNTANT_A, api_key=other))


def test_a_key_of_a_scope_that_is_not_for_programs(keyed: Keyed) -> None:
    with pytest.raises(errors.WrongOdooKey):
        connect(access_of(keyed, script.ACCOUNTANT_A, api_key=keyed.keys[OTHER_SCOPE]))


def test_an_expired_key(keyed: Keyed) -> None:
    """From 18.0; before, keys do not expire."""
    access = access_of(keyed, script.ACCOUNTANT_A, api_key=keyed.keys[EXPIRED])

    if keyed.odoo.series < WITH_EXPIRY:
        assert connect(access).companies
    else:
        with pytest.raises(errors.WrongOdooKey, match="expired"):
            connect(access)


def test_the_key_of_an_archived_user(keyed: Keyed) -> None:
    with pytest.raises(errors.WrongOdooKey, match="archived"):
        connect(access_of(keyed, ARCHIVED))


@pytest.mark.parametrize("login", [SELLER, script.PLAIN_USER])
def test_a_user_below_accountant(keyed: Keyed, login: str) -> None:
    with pytest.raises(errors.MissingPermissions) as refusal:
        connect(access_of(keyed, login))

    sentence = str(refusal.value)
    assert sentence.startswith(f"Missing permissions: the user {login} has less than Accountant")
    assert "Ask your Odoo administrator to give this user Accountant access" in sentence
    assert ("Journal items" in sentence) is (login == script.PLAIN_USER)


def test_who_may_read_entries_may_still_see_some_of_them_alone(keyed: Keyed) -> None:
    """As salesmen do: that is why the seller is refused."""
    client = open_odoo(access_of(keyed, SELLER), allow_private=True).client
    entries = client.call("account.move", "search_read", domain=[], fields=["move_type"])

    assert {entry["move_type"] for entry in entries} == {"out_invoice"}
    assert client.call("account.partial.reconcile", "search_read", domain=[], fields=["id"])


@pytest.mark.parametrize("login", [script.BILLING_ONLY, CLERK])
def test_a_user_of_any_group_who_can_read_the_ledger_is_enough(keyed: Keyed, login: str) -> None:
    assert connect(access_of(keyed, login)).companies


def test_an_accountant_who_cannot_read_what_is_analytic(keyed: Keyed) -> None:
    """In 14.0 and 15.0 these are rights of their own; without them the ledger is read."""
    found = connect(access_of(keyed, script.ACCOUNTANT_NO_ANALYTIC))

    assert found.companies
    assert found.is_analytic_readable is (keyed.odoo.series >= "16.0")


@pytest.mark.parametrize(
    ("login", "writable"),
    [
        (AUDITOR, set()),
        (script.ACCOUNTANT_AB, {"account.move"}),
        (ADMINISTRATOR, {"account.move", "res.users", "ir.module.module"}),
    ],
)
def test_it_says_what_the_user_may_write_too(keyed: Keyed, login: str, writable: set[str]) -> None:
    """An auditor who may read all and write nothing is enough."""
    found = connect(access_of(keyed, login))

    administrators_too = {"account.account", "res.partner"} if login == ADMINISTRATOR else set()
    assert writable <= {*found.writable} <= writable | administrators_too
    assert len(found.companies) == 2


def test_it_says_when_the_key_ends(keyed: Keyed) -> None:
    """From 18.0; it is the first to end of the keys that it may be."""
    one_of_two = connect(access_of(keyed, script.ACCOUNTANT_AB)).key
    one = connect(access_of(keyed, AUDITOR)).key

    assert (one_of_two.key_count, one.key_count) == (2, 1)
    if keyed.odoo.series < WITH_EXPIRY:
        assert (one_of_two.expires_at, one.expires_at) == (None, None)
        return
    assert one_of_two.expires_at
    assert one.expires_at
    assert (one_of_two.expires_at - datetime.now(UTC)).days in (9, 10)
    assert (one.expires_at - datetime.now(UTC)).days in (29, 30)


def test_a_key_that_has_ended_and_one_of_another_scope_are_not_meant(keyed: Keyed) -> None:
    key = connect(access_of(keyed, script.ACCOUNTANT_A)).key

    assert key.key_count == (1 if keyed.odoo.series >= WITH_EXPIRY else 2)
    assert (key.expires_at is not None) is (keyed.odoo.series >= WITH_EXPIRY)


@pytest.mark.parametrize(
    ("model", "method", "arguments", "error"),
    [
        ("no.such.model", "search_read", {"domain": []}, errors.OdooCallRefused),
        ("res.users", "_login", {}, errors.MissingPermissions),
        ("res.users", "search_read", {"fields": ["no_such_field"]}, errors.OdooServerError),
        ("ir.config_parameter", "search_read", {"domain": []}, errors.MissingPermissions),
    ],
)
def test_what_odoo_says_of_a_call_has_a_name(
    keyed: Keyed, model: str, method: str, arguments: dict[str, Any], error: type[Exception]
) -> None:
    client = open_odoo(access_of(keyed, script.ACCOUNTANT_A), allow_private=True).client

    with pytest.raises(error) as refusal:
        client.call(model, method, **arguments)

    assert "Traceback" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_odoo_that_dies_in_the_middle(installation, postgres, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with copy_of_books(installation, postgres, tmp_path) as odoo:
        keyed = start_with_keys(odoo)
        client = connect(access_of(keyed, script.ACCOUNTANT_A)).client
        odoo.kill()

        with pytest.raises(errors.OdooUnreachable):
            client.call("res.company", "search_read", domain=[])
        with pytest.raises(errors.OdooUnreachable):
            connect(access_of(keyed, script.ACCOUNTANT_A))


def test_too_many_wrong_tries(installation, postgres, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Odoo 14.0 and 15.0 then refuse everybody from that address, for a minute."""
    with copy_of_books(installation, postgres, tmp_path) as odoo:
        keyed = start_with_keys(odoo)
        for _ in range(TRIES_UNTIL_LOCKED):
            with pytest.raises(errors.WrongOdooKey):
                connect(access_of(keyed, "nobody"))

        if odoo.series >= "16.0":
            assert connect(access_of(keyed, script.ACCOUNTANT_A)).companies
            return
        with pytest.raises(errors.OdooRateLimited):
            client_not_seen_before(keyed).call("res.company", "search_read", domain=[])
        with pytest.raises(errors.WrongOdooKey, match="for a minute"):
            connect(access_of(keyed, script.ACCOUNTANT_A))


def client_not_seen_before(keyed: Keyed) -> OdooClient:
    """Odoo does not check a key again that it has accepted."""
    access = access_of(keyed, script.ACCOUNTANT_AB)
    ((uid,),) = keyed.odoo.sql("SELECT id FROM res_users WHERE login = %s", [access.username])
    services = JsonRpc(Server(access.url, allow_private=True))
    return RpcClient(services, "", database=access.database, uid=uid, api_key=access.api_key)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a receiver of its own that goes to private addresses."""
    monkeypatch.setenv("MONITR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MONITR_SECRET_KEY", Fernet.generate_key().decode())
    monkeypatch.setenv("MONITR_ALLOW_PRIVATE_ADDRESSES", "true")


class TestCommand:
    def add(self, keyed: Keyed, login: str, *more: str) -> Result:
        odoo: Odoo = keyed.odoo
        where = ("--url", f"{odoo.url}/web", "--database", odoo.database, "--username", login)
        arguments = ("connection", "add-odoo", "acme", *where, *more)
        return CliRunner().invoke(monitr, arguments, input=keyed.keys[login] + "\n")

    def test_it_stores_what_was_checked_with_the_key_encrypted(
        self, keyed: Keyed, settings: None
    ) -> None:
        result = self.add(keyed, script.ACCOUNTANT_AB, "--language", script.LANGUAGE)

        key = keyed.keys[script.ACCOUNTANT_AB]
        assert result.exit_code == 0, result.output
        assert f"Odoo {keyed.odoo.series} at {keyed.odoo.url}" in result.output
        assert script.COMPANY_A in result.output
        assert script.COMPANY_B in result.output
        assert key not in result.output
        stored = self.access_of_acme()
        assert self.stored_key() == key
        assert (stored.url, stored.database_name) == (keyed.odoo.url, keyed.odoo.database)
        assert (stored.username, stored.language) == (script.ACCOUNTANT_AB, script.LANGUAGE)
        assert len(stored.company_ids.split(",")) == 2

    def test_it_tells_of_the_key_and_of_what_more_it_opens(
        self, keyed: Keyed, settings: None
    ) -> None:
        told = self.add(keyed, AUDITOR, "--language", "en_US").output

        ends = keyed.odoo.series >= WITH_EXPIRY
        assert ("The API key ends in 29 days." if ends else "The API key has no end.") in told
        assert "may also change" not in told
        listed = CliRunner().invoke(monitr, ("connection", "list")).output
        assert ("29 days" if ends else "no end") in listed

    def test_a_key_is_replaced_by_another_good_one_of_the_same_user(
        self, keyed: Keyed, settings: None
    ) -> None:
        added = self.add(keyed, script.ACCOUNTANT_AB, "--language", script.LANGUAGE)
        assert "may also change journal entries, as accountants may" in added.output
        refused = [
            self.run("replace-key", "acme", input=key + "\n")
            for key in (WRONG_KEY, keyed.keys[script.ACCOUNTANT_A], "")
        ]
        assert [(each.exit_code, each.output.count("\n")) for each in refused] == [(1, 1)] * 3
        assert self.stored_key() == keyed.keys[script.ACCOUNTANT_AB]

        replaced = self.run("replace-key", "acme", input=keyed.keys[SECOND] + "\n")

        assert replaced.exit_code == 0, replaced.output
        assert self.stored_key() == keyed.keys[SECOND]
        assert keyed.keys[SECOND] not in replaced.output

    def test_an_odoo_is_set_for_a_connection_that_is_pushed_and_taken_away_again(
        self, keyed: Keyed, settings: None
    ) -> None:
        self.run("add", "acme")
        odoo = keyed.odoo
        where = ("--url", odoo.url, "--database", odoo.database, "--username", AUDITOR)

        is_set = self.run(
            *("set-odoo", "acme", *where, "--language", "en_US"), input=keyed.keys[AUDITOR] + "\n"
        )

        assert is_set.exit_code == 0, is_set.output
        assert self.run("schedule", "acme", "--every", "30").exit_code == 0
        assert self.run("remove-odoo", "acme").exit_code == 0
        assert self.run("schedule", "acme", "--every", "30").exit_code == 1
        assert self.run("remove-odoo", "acme").exit_code == 1

    def test_at_a_terminal_it_lets_choose_language_and_companies(
        self, keyed: Keyed, settings: None
    ) -> None:
        odoo, key = keyed.odoo, keyed.keys[AUDITOR]
        where = ("--url", odoo.url, "--database", odoo.database, "--username", AUDITOR)
        answers = {"Odoo API key:": key, "Number of the language:": "1", "such as 1,3 [all]:": "2"}

        told = at_terminal(("connection", "add-odoo", "acme", *where), answers)

        assert f"Odoo {odoo.series} at {odoo.url}" in told
        assert key not in told
        with_names = self.access_of_acme()
        assert len(with_names.company_ids.split(",")) == 1

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(monitr, ("connection", *arguments), input=input)

    def stored_key(self) -> str:
        return read_config().cipher.decrypt(self.access_of_acme().encrypted_api_key).decode()

    def access_of_acme(self) -> OdooAccess:
        engine = make_engine(read_config().database_url)
        with reading(engine) as db:
            found = find_odoo_access(db, get_connection(db, "acme").id)
        engine.dispose()
        assert found
        return found

    def test_it_takes_one_company_by_its_name(self, keyed: Keyed, settings: None) -> None:
        more = ("--language", "en_US", "--company", script.COMPANY_B)

        result = self.add(keyed, script.ACCOUNTANT_AB, *more)

        assert result.exit_code == 0, result.output
        assert f"Companies: {script.COMPANY_B}." in result.output

    @pytest.mark.parametrize(
        ("login", "more", "words"),
        [
            (script.PLAIN_USER, (), "Missing permissions"),
            (script.ACCOUNTANT_A, (), "Choose one of the languages"),
            (script.ACCOUNTANT_A, ("--language", "de_DE"), "these are: en_US, fr_FR"),
            (
                script.ACCOUNTANT_A,
                ("--language", "en_US", "--company", script.COMPANY_B),
                "sees no company",
            ),
        ],
    )
    def test_what_is_wrong_is_one_sentence_and_nothing_is_stored(
        self, keyed: Keyed, settings: None, login: str, more: tuple[str, ...], words: str
    ) -> None:
        result = self.add(keyed, login, *more)

        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert words in result.output
        assert "acme" not in CliRunner().invoke(monitr, ("connection", "list")).output


class TestApi:
    @pytest.fixture
    def manager(self, settings: None) -> Iterator[FlaskClient]:
        """A client with a token that manages everything."""
        token = CliRunner().invoke(monitr, ("token", "add", "me", "--manage")).output.split()[0]
        app = create_app(read_config())
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        yield client
        app.extensions[ENGINE].dispose()

    def values(self, keyed: Keyed, login: str = script.ACCOUNTANT_AB) -> dict[str, object]:
        return {
            "url": keyed.odoo.url,
            "database": keyed.odoo.database,
            "username": login,
            "api_key": keyed.keys[login],
        }

    def test_it_finds_an_odoo_to_choose_from_and_makes_a_connection(
        self, keyed: Keyed, manager: FlaskClient
    ) -> None:
        found = manager.post("/v1/odoo", json=self.values(keyed)).get_json()

        assert found["series"] == keyed.odoo.series
        assert {each["code"] for each in found["languages"]} == {"en_US", script.LANGUAGE}
        (globex,) = (each for each in found["companies"] if each["name"] == script.COMPANY_B)
        assert "may also change journal entries" in found["notes"][0]

        choice = {"language": script.LANGUAGE, "company_ids": [globex["id"]]}
        made = manager.post(
            "/v1/connections", json={"name": "acme", **self.values(keyed), **choice}
        )

        assert made.status_code == 201
        assert made.get_json()["connection_key"] is None
        shown = manager.get("/v1/connections/acme/odoo").get_json()
        assert made.get_json()["odoo"] | {"key_days_left": 0} == shown | {"key_days_left": 0}
        assert (shown["language"], shown["company_ids"]) == (script.LANGUAGE, [globex["id"]])
        assert keyed.keys[script.ACCOUNTANT_AB] not in made.text + str(shown)

    @pytest.mark.parametrize(
        ("changed", "code", "path"),
        [
            ({"api_key": WRONG_KEY}, "wrong_odoo_key", "/api_key"),
            ({"database": "no_such_database"}, "wrong_odoo_database", "/database"),
            ({"language": "de_DE"}, "unknown_language", "/language"),
            ({"company_ids": [99]}, "unknown_company", "/company_ids"),
        ],
    )
    def test_it_says_which_value_is_wrong_and_makes_nothing(
        self, keyed: Keyed, manager: FlaskClient, changed: dict[str, object], code: str, path: str
    ) -> None:
        body = {"name": "acme", "language": "en_US", **self.values(keyed), **changed}

        refused = manager.post("/v1/connections", json=body).get_json()

        assert (refused["code"], refused["path"]) == (code, path)
        assert manager.get("/v1/connections/acme").status_code == 404

    def test_key_and_choice_are_changed_and_what_fails_changes_nothing(
        self, keyed: Keyed, manager: FlaskClient
    ) -> None:
        path = "/v1/connections/acme/odoo"
        values = {"name": "acme", "language": "en_US", **self.values(keyed)}
        first = manager.post("/v1/connections", json=values).get_json()["odoo"]
        for refused in (
            manager.patch(path, json={"api_key": keyed.keys[script.ACCOUNTANT_A]}),
            manager.put(path, json=self.values(keyed, script.PLAIN_USER)),
        ):
            assert refused.status_code == 422
        unchanged = manager.get(path).get_json()
        assert unchanged["checked_at"] == first["checked_at"]

        change = {"api_key": keyed.keys[SECOND], "company_ids": first["company_ids"][:1]}
        changed = manager.patch(path, json=change).get_json()

        assert changed["company_ids"] == first["company_ids"][:1]
        assert changed["language"] == "en_US"
        assert changed["checked_at"] > first["checked_at"]

    def test_only_the_odoo_whose_books_a_connection_has_is_set_for_it(
        self, keyed: Keyed, manager: FlaskClient
    ) -> None:
        body = {"language": "en_US", **self.values(keyed)}
        entries = keyed.odoo.sql(
            "SELECT id, company_id, date FROM account_move WHERE state = 'posted' ORDER BY id"
        )
        for name, shift in (("same", timedelta(0)), ("other", timedelta(days=1))):
            made = manager.post("/v1/connections", json={"name": name}).get_json()
            records = [
                record_of("journal_entries", id=id, company_id=company_id, date=date + shift)
                for id, company_id, date in entries
            ]
            key = decode_connection_key(made["connection_key"])
            post_records(manager, key, "journal_entries", records)

        refused = manager.put("/v1/connections/other/odoo", json=body)
        accepted = manager.put("/v1/connections/same/odoo", json=body)

        assert (refused.status_code, refused.get_json()["code"]) == (409, "other_books")
        assert manager.get("/v1/connections/other/odoo").status_code == 404
        assert accepted.status_code == 200
        counts = manager.get("/v1/connections/same").get_json()["record_counts"]
        assert counts["journal_entries"] == len(entries)


def at_terminal(arguments: tuple[str, ...], answers: dict[str, str]) -> str:
    """What `monitr` says at a real terminal, where each question is answered when it is asked."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", RUN_MONITR, *arguments])
    told = ""
    waiting = dict(answers)
    with suppress(OSError):  # at the end of the program the terminal is gone
        while said := os.read(terminal, 4096).decode():
            told += said
            for question in [each for each in waiting if each in told]:
                os.write(terminal, waiting.pop(question).encode() + b"\n")
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert (status, waiting) == (0, {}), told
    return told
