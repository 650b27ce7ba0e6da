"""``monitr``: set-up, connections and tokens by command line."""

import json
import re
import socket
from collections.abc import Callable
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from sqlalchemy import Engine

from receiver.cli import monitr
from receiver.config import Config
from receiver.db.connections.connections import get_connection, list_connections
from receiver.db.engine import reading, writing
from receiver.db.tables import metadata
from receiver.db.users.tokens import find_token
from tests.receiver.batches import body_of
from tests.receiver.connection_with_everything import (
    fill_every_table,
    rows_of_connections,
    send_one_of_everything,
)
from tests.receiver.proofs import prove
from tests.receiver.pulled_connections import add_pulled_connection
from tests.receiver.records import journal_items
from tests.receiver.signed import post_batch, post_hello, post_records
from tests.receiver.statements import counting_statements
from tests.receiver.stored_rows import row_counts

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``monitr`` with these arguments on the test's own database."""
    for name in ("data_dir", "database_url", "secret_key", "public_url"):
        monkeypatch.setenv(f"MONITR_{name.upper()}", str(getattr(config, name)))

    def run(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(monitr, arguments, input=input)

    return run


def key_in(result: Result) -> ConnectionKey:
    return decode_connection_key(result.output.splitlines()[0])


def is_one_sentence(result: Result, words: str) -> bool:
    assert result.exit_code == 1
    assert re.fullmatch(rf"Error: [^\n]*{words}[^\n]*\.\n", result.output), result.output
    return True


class TestHelp:
    def test_it_lists_each_command_with_its_whole_first_sentence(self, run: Run) -> None:
        for group in ((), ("connection",), ("user",)):
            output = run(*group, "-h").output

            assert "..." not in output.partition("Commands:")[2]

    def test_it_knows_its_version(self, run: Run) -> None:
        assert run("--version").output == f"monitr, version {version('monitr')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("connection", "add", "b"),
        ("connection", "rotate", "acme"),
        ("token", "add", "t"),
        ("user", "add", "u"),
    ],
)
def test_a_secret_is_alone_on_stdout(
    run: Run, acme: ConnectionKey, arguments: tuple[str, ...]
) -> None:
    result = run(*arguments)

    assert re.fullmatch(r"(monitr_|https://)\S+\n", result.stdout)
    assert "not shown again" in result.stderr


class TestSetup:
    def test_it_may_be_run_again(self, run: Run, engine: Engine, acme: ConnectionKey) -> None:
        assert run("setup").exit_code == 0
        before = row_counts(engine)

        assert run("setup").exit_code == 0
        assert run("db", "upgrade").exit_code == 0
        assert row_counts(engine) == before

    def test_a_wrong_setting_is_one_sentence(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MONITR_COLOUR", "red")

        assert is_one_sentence(run("setup"), "MONITR_COLOUR")

    def test_a_database_out_of_reach_is_one_sentence(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = "postgresql://monitr:secret@127.0.0.1:1/monitr?options=secret"
        monkeypatch.setenv("MONITR_DATABASE_URL", url)

        result = run("setup")

        assert is_one_sentence(result, "database does not answer: [^\\n]*Connection refused")
        assert "postgresql://monitr:***@127.0.0.1:1/monitr." in result.output
        assert "secret" not in result.output

    def test_an_address_that_is_in_use_is_one_sentence(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            bind = f"127.0.0.1:{other.getsockname()[1]}"
            monkeypatch.setenv("MONITR_BIND", bind)

            assert is_one_sentence(run("serve"), f"served on {bind}: Address already in use")


class TestConnectionAdd:
    def test_it_prints_a_connection_key_that_works(self, run: Run, client: FlaskClient) -> None:
        result = run("connection", "add", "acme")

        assert result.exit_code == 0
        assert "not shown again" in result.output
        key = key_in(result)
        assert key.address == "https://monitr.example.com"
        assert post_hello(client, key).get_json()["connection"] == "acme"

    def test_two_connections_get_different_ids_and_secrets(self, run: Run) -> None:
        first, second = (key_in(run("connection", "add", name)) for name in ("acme", "globex"))

        assert first.connection_id != second.connection_id
        assert first.secret != second.secret

    def test_it_refuses_a_name_twice(self, run: Run, acme: ConnectionKey) -> None:
        assert is_one_sentence(run("connection", "add", "acme"), "already a connection named acme")

    @pytest.mark.parametrize("name", ["", "a/b", "a b", ".hidden", "é", "a" * 64, "a\n"])
    def test_it_refuses_a_name_that_does_not_fit_into_an_address(self, run: Run, name: str) -> None:
        assert is_one_sentence(run("connection", "add", name), "letters, digits")


class TestConnectionAddOdoo:
    """Of an Odoo that lets the user in: tests/odoo/test_connect.py."""

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("https://127.0.0.1", "MONITR_ALLOW_PRIVATE_ADDRESSES"),
            ("http://acme.example", "must begin with https://"),
            ("my company", "is not the address of an Odoo"),
        ],
    )
    def test_what_is_wrong_is_one_sentence(self, run: Run, url: str, words: str) -> None:
        arguments = ("connection", "add-odoo", "acme", "--url", url, "--username", "me")

        result = run(*arguments, input="an API key\n")

        assert result.exit_code == 1
        assert words in result.output
        assert result.output.count("\n") == 1
        assert "an API key" not in result.output

    def test_a_name_that_is_taken_is_said_before_a_key_is_asked_for(
        self, run: Run, acme: ConnectionKey
    ) -> None:
        arguments = ("--url", "acme.example", "--username", "me")

        assert is_one_sentence(run("connection", "add-odoo", "acme", *arguments), "is already a")
        assert is_one_sentence(run("connection", "set-odoo", "new", *arguments), "There is no con")
        assert is_one_sentence(run("connection", "replace-key", "acme"), "has no API key")

    def test_it_says_where_it_looked_for_a_key(self, run: Run) -> None:
        arguments = ("connection", "add-odoo", "acme", "--url", "acme.example", "--username", "me")

        assert is_one_sentence(run(*arguments), "Standard input holds no API key")

    def test_it_takes_no_key_as_an_argument(self, run: Run) -> None:
        arguments = ("connection", "add-odoo", "acme", "--url", "acme.example", "--username", "me")

        assert "No such option" in run(*arguments, "--api-key", "an API key").output


class TestConnectionList:
    def test_an_odoo_that_is_read_has_no_key_and_misses_none(
        self, run: Run, engine: Engine, config: Config
    ) -> None:
        add_pulled_connection(engine, config)

        assert re.split(r"\s{2,}", run("connection", "list").output.splitlines()[1])[:2] == [
            "acme",
            "waiting",
        ]

    def test_it_shows_what_each_connection_is_and_holds(
        self,
        run: Run,
        client: FlaskClient,
        acme: ConnectionKey,
        globex: ConnectionKey,
        engine: Engine,
    ) -> None:
        post_hello(client, acme)
        post_records(client, acme, "journal_items", journal_items(3))

        lines = run("connection", "list").output.splitlines()

        with reading(engine) as db:
            contact = get_connection(db, "acme").last_contact_at
        assert contact
        assert [re.split(r"\s{2,}", line) for line in lines] == [
            [
                "NAME",
                "STATE",
                "SERIES",
                "DATABASE",
                "COMPANIES",
                "LAST CONTACT",
                "API KEY",
                "JOURNAL ITEMS",
            ],
            [
                "acme",
                "alive",
                "19.0",
                "acme-production",
                "1,2",
                f"{contact:%Y-%m-%d %H:%M} UTC",
                "-",
                "3",
            ],
            ["globex", "waiting", "-", "-", "-", "-", "-", "0"],
        ]

    def test_it_is_json_for_programs(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        post_hello(client, acme)
        post_records(client, acme, "journal_items", journal_items(3))

        (listed,) = json.loads(run("connection", "list", "--json").stdout)

        assert datetime.fromisoformat(listed.pop("last_contact")).tzinfo
        assert listed == {
            "name": "acme",
            "state": "alive",
            "series": "19.0",
            "database": "acme-production",
            "companies": "1,2",
            "api_key": None,
            "journal_items": 3,
        }

    def test_twenty_take_as_many_queries_as_two(
        self, run: Run, engine: Engine, config: Config
    ) -> None:
        counts = []
        for numbers in (range(2), range(2, 20)):
            for number in numbers:
                add_pulled_connection(engine, config, f"client-{number}")
            with counting_statements(Engine) as asked:
                assert len(run("connection", "list").output.splitlines()) == 1 + numbers.stop
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_it_shows_no_secrets(self, run: Run, acme: ConnectionKey) -> None:
        output = run("connection", "list").output

        assert acme.secret not in output
        assert acme.connection_id not in output


class TestConnectionRotate:
    def test_the_old_key_works_until_the_new_one_is_first_used(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        new = key_in(run("connection", "rotate", "acme"))

        assert new.connection_id == acme.connection_id
        assert post_hello(client, acme).status_code == 200
        assert post_hello(client, new).status_code == 200
        assert post_hello(client, acme).status_code == 401

    def test_it_brings_back_a_revoked_connection(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        run("connection", "revoke", "acme")

        new = key_in(run("connection", "rotate", "acme"))

        assert post_hello(client, new).status_code == 200


class TestConnectionRevoke:
    def test_it_refuses_all_keys_of_that_connection_alone(
        self, run: Run, client: FlaskClient, acme: ConnectionKey, globex: ConnectionKey
    ) -> None:
        newer = key_in(run("connection", "rotate", "acme"))

        result = run("connection", "revoke", "acme")

        assert result.exit_code == 0
        assert post_hello(client, acme).status_code == 401
        assert post_hello(client, newer).status_code == 401
        assert post_hello(client, globex).status_code == 200

    def test_what_was_sent_stays(
        self, run: Run, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        post_records(client, acme, "journal_items", journal_items(3))

        run("connection", "revoke", "acme")

        assert row_counts(engine)["journal_items"] == 3


class TestProve:
    def test_it_says_that_all_is_as_odoo_stated(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        items = journal_items(3)
        post_records(client, acme, "journal_items", items)
        prove(client, acme, {"journal_items": items})

        result = run("prove", "acme")

        assert result.exit_code == 0
        assert result.output.startswith("3 records read, 0 damaged. Odoo's last statement is of ")
        assert "tied out, 1 slices, 3 records, no difference." in result.output

    def test_it_finds_and_marks_what_was_changed_in_the_database(
        self, run: Run, client: FlaskClient, acme: ConnectionKey, engine: Engine
    ) -> None:
        items = journal_items(3)
        post_records(client, acme, "journal_items", items)
        prove(client, acme, {"journal_items": items})
        table = metadata.tables["journal_items"]
        with writing(engine) as db:
            db.execute(table.update().where(table.c.id == 2).values(label="changed"))

        result = run("prove", "acme")

        assert result.exit_code == 1
        assert "3 records read, 1 damaged." in result.output
        assert "1 slices differ.\n  journal_items 1/1/2026-01: 3 records" in result.output
        assert prove(client, acme, {"journal_items": items})["ties_out"] is False

    def test_it_says_that_there_is_no_proof_yet(self, run: Run, acme: ConnectionKey) -> None:
        result = run("prove", "acme")

        assert result.exit_code == 3
        assert "Odoo has stated nothing yet" in result.output

    def test_it_compares_nothing_while_a_push_is_under_way(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        prove(client, acme, {})
        post_records(client, acme, "journal_items", journal_items(3))

        result = run("prove", "acme")

        assert result.exit_code == 3
        assert "a push or pull has begun since" in result.output

    def test_it_writes_the_statement(
        self, run: Run, client: FlaskClient, acme: ConnectionKey, tmp_path: Path
    ) -> None:
        prove(client, acme, {})

        run("prove", "acme", "--statement", str(tmp_path / "proof.html"))

        assert "<h1>Proof of acme</h1>" in (tmp_path / "proof.html").read_text()

    def test_a_statement_that_cannot_be_written_is_one_sentence(
        self, run: Run, client: FlaskClient, acme: ConnectionKey, tmp_path: Path
    ) -> None:
        prove(client, acme, {})

        result = run("prove", "acme", "--statement", str(tmp_path / "nowhere" / "proof.html"))

        assert result.exit_code == 1
        assert re.fullmatch(r"Error: .*nowhere/proof.html cannot be written: .*\n", result.stderr)

    def test_it_knows_no_other_name(self, run: Run) -> None:
        assert is_one_sentence(run("prove", "nobody"), "no connection named nobody")


class TestConnectionDelete:
    @pytest.fixture
    def full(self, run: Run, client: FlaskClient, acme: ConnectionKey, engine: Engine) -> None:
        """acme has a row in every table."""
        fill_every_table(client, engine, acme)
        run("token", "add", "acme-reader", "--connection", "acme")
        run("user", "add", "bob", "--views", "acme")
        assert all(rows_of_connections(engine).values())

    def test_it_deletes_every_row_in_every_table(
        self, run: Run, full: None, engine: Engine
    ) -> None:
        result = run("connection", "delete", "acme", "--yes")

        assert result.exit_code == 0
        assert not any(rows_of_connections(engine).values())

    def test_it_touches_no_other_connection(
        self, run: Run, client: FlaskClient, globex: ConnectionKey, engine: Engine
    ) -> None:
        send_one_of_everything(client, globex)
        run("token", "add", "reader")
        before = row_counts(engine)
        send_one_of_everything(client, key_in(run("connection", "add", "acme")))

        run("connection", "delete", "acme", "--yes")

        assert row_counts(engine) == before

    def test_it_asks_for_the_name(self, run: Run, full: None, engine: Engine) -> None:
        result = run("connection", "delete", "acme", input="acme\n")

        assert result.exit_code == 0
        assert not any(rows_of_connections(engine).values())

    @pytest.mark.parametrize("answer", ["globex\n", "y\n", ""])
    def test_any_other_answer_deletes_nothing(
        self, run: Run, full: None, engine: Engine, answer: str
    ) -> None:
        before = row_counts(engine)

        result = run("connection", "delete", "acme", input=answer)

        assert result.exit_code == 1
        assert row_counts(engine) == before

    def test_its_key_is_unknown_from_then_on(
        self, run: Run, client: FlaskClient, acme: ConnectionKey
    ) -> None:
        run("connection", "delete", "acme", "--yes")

        response = post_batch(client, acme, body_of("journal_items"))

        assert response.get_json()["code"] == "unknown_connection"


class TestConnectionClose:
    def test_it_sets_the_last_actuals_date_and_takes_it_away(
        self, run: Run, acme: ConnectionKey, globex: ConnectionKey, engine: Engine
    ) -> None:
        closed = run("connection", "close", "acme", "2025-12-31")

        assert closed.exit_code == 0
        assert "closed until 2025-12-31" in closed.output
        assert last_actuals(engine) == {"acme": date(2025, 12, 31), "globex": None}

        assert run("connection", "close", "acme", "--none").exit_code == 0

        assert last_actuals(engine) == {"acme": None, "globex": None}

    @pytest.mark.parametrize("arguments", [(), ("2025-12-31", "--none")])
    def test_it_wants_either_a_date_or_none(
        self, run: Run, acme: ConnectionKey, arguments: tuple[str, ...]
    ) -> None:
        assert is_one_sentence(run("connection", "close", "acme", *arguments), "either a date")

    def test_it_refuses_what_is_no_date(self, run: Run, acme: ConnectionKey) -> None:
        assert is_one_sentence(run("connection", "close", "acme", "2025-02-30"), "not a date")


@pytest.mark.parametrize("arguments", [("rotate",), ("revoke",), ("delete",), ("close", "--none")])
def test_an_unknown_connection_is_one_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    assert is_one_sentence(run("connection", *arguments, "acme"), "no connection named acme")


class TestToken:
    def test_it_prints_a_token_that_is_stored_only_as_its_digest(
        self, run: Run, engine: Engine, acme: ConnectionKey
    ) -> None:
        token = run("token", "add", "me", "--connection", "acme").output.splitlines()[0]

        assert re.fullmatch(r"monitr_token_[\w-]{43}", token)
        with reading(engine) as db:
            stored = find_token(db, token)
        assert stored
        assert (stored.name, stored.connection_name) == ("me", "acme")
        assert not stored.may_manage
        assert token not in str(dump(engine))

    def test_it_reads_every_connection_unless_one_is_named(self, run: Run) -> None:
        run("token", "add", "me")

        header, line = run("token", "list").output.splitlines()

        assert re.split(r"\s{2,}", header) == ["NAME", "READS", "MANAGES", "MADE"]
        assert re.split(r"\s{2,}", line)[:3] == ["me", "(all)", "no"]

    def test_it_manages_where_that_is_asked_for(self, run: Run) -> None:
        run("token", "add", "me", "--manage")

        (listed,) = json.loads(run("token", "list", "--json").stdout)
        assert (listed["reads"], listed["manages"]) == ("(all)", True)
        line = run("token", "list").output.splitlines()[1]
        assert re.split(r"\s{2,}", line)[1:3] == ["(all)", "yes"]

    def test_a_revoked_token_is_refused(self, run: Run, client: FlaskClient) -> None:
        token = run("token", "add", "me").output.splitlines()[0]
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/v1/connections", headers=headers).status_code == 200

        assert run("token", "revoke", "me").exit_code == 0

        assert client.get("/v1/connections", headers=headers).status_code == 401

    def test_what_cannot_be_is_one_sentence(self, run: Run) -> None:
        run("token", "add", "me")

        assert is_one_sentence(run("token", "add", "me"), "already a token named me")
        assert is_one_sentence(run("token", "revoke", "you"), "no token named you")
        assert is_one_sentence(
            run("token", "add", "you", "--connection", "acme"), "no connection named acme"
        )


class TestUser:
    def link_in(self, result: Result) -> str:
        assert result.exit_code == 0, result.output
        return result.output.splitlines()[0].removeprefix("https://monitr.example.com")

    def test_its_link_sets_the_password(self, run: Run, client: FlaskClient) -> None:
        path = self.link_in(run("user", "add", "anna", "--admin"))

        assert "For the user anna." in client.get(path).text

    def test_a_new_link_ends_the_one_before(self, run: Run, client: FlaskClient) -> None:
        first = self.link_in(run("user", "add", "anna", "--admin"))
        second = self.link_in(run("user", "reset-password", "anna"))

        assert client.get(first).status_code == 403
        assert client.get(second).status_code == 200

    def test_the_list_shows_who_may_sign_in(self, run: Run) -> None:
        run("user", "add", "anna", "--admin", "--email", "Anna@acme.example")
        run("user", "add", "bob")

        _, anna, bob = run("user", "list").output.splitlines()

        assert re.split(r"\s{2,}", anna)[:5] == [
            "anna",
            "anna@acme.example",
            "yes",
            "not set",
            "active",
        ]
        assert re.split(r"\s{2,}", bob)[:5] == ["bob", "-", "no", "not set", "active"]

    def test_the_list_shows_what_they_view_and_administer(
        self, run: Run, acme: ConnectionKey, globex: ConnectionKey
    ) -> None:
        run("user", "add", "anna", "--views", "globex", "--views", "acme")
        run("user", "add", "bob", "--views", "acme", "--administers", "acme")

        anna, bob = json.loads(run("user", "list", "--json").stdout)

        assert (anna["views"], anna["administers"]) == ("acme,globex", None)
        assert (bob["views"], bob["administers"]) == (None, "acme")
        assert bob["administrator"] is False

    def test_delete_leaves_an_administrator(self, run: Run) -> None:
        run("user", "add", "anna", "--admin")
        run("user", "add", "bob")

        assert run("user", "delete", "bob").exit_code == 0
        assert is_one_sentence(run("user", "delete", "anna"), "last administrator")

    def test_what_cannot_be_is_one_sentence(self, run: Run) -> None:
        run("user", "add", "anna", "--admin", "--email", "anna@acme.example")

        assert is_one_sentence(run("user", "add", "anna"), "already a user named anna")
        assert is_one_sentence(run("user", "add", "a", "--email", "anna@acme.example"), "has the")
        assert is_one_sentence(run("user", "add", "a", "--email", "anna"), "not an e-mail address")
        assert is_one_sentence(run("user", "add", "a b"), "letters, digits")
        assert is_one_sentence(run("user", "add", "a", "--views", "acme"), "no connection")
        assert is_one_sentence(run("user", "reset-password", "eve"), "no user named eve")

    def test_setup_prints_a_code_until_there_is_a_user(self, run: Run, client: FlaskClient) -> None:
        before = run("setup").output
        run("user", "add", "anna", "--admin")

        assert "/first-administrator" in before
        assert "set-up code" not in run("setup").output


def last_actuals(engine: Engine) -> dict[str, date | None]:
    with reading(engine) as db:
        return {each.name: each.last_actuals_on for each in list_connections(db)}


def dump(engine: Engine) -> list[object]:
    with reading(engine) as db:
        return [db.execute(table.select()).all() for table in metadata.tables.values()]
