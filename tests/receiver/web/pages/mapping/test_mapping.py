"""/mapping: reporting structures and the line of each account, for administrators to change."""

import html
import re
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.accounting.shared.statement_kinds import PROFIT_AND_LOSS, STATEMENTS
from receiver.accounting.structures.structure import Structure, walk
from receiver.accounting.structures.structure_store import (
    Starter,
    create_structure,
    get_structure,
    list_structures,
)
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.web.current import ENGINE
from tests.receiver.records import journal_item, record_of
from tests.receiver.report_books.builder import add_records
from tests.receiver.web.pages.conftest import Browser

URL = "/mapping/acme/1/"
SALES, RENT, STRANGE, BANK = 20, 21, 22, 10
HOSTILE = "<script>alert(1)</script>"
NOW = datetime(2026, 1, 31, tzinfo=UTC)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def made(engine: Engine, acme: ConnectionKey) -> Engine:
    """Structure 1 of acme, made from the international template; STRANGE came after it."""
    with writing(engine) as db:
        id = get_connection(db, "acme").id
    add_records(
        engine, id, "currencies", [record_of("currencies", id=1, code="EUR", decimal_places=2)]
    )
    add_records(
        engine,
        id,
        "companies",
        [record_of("companies", id=1, name="Acme", root_company_id=1, currency_id=1)],
    )
    add_records(
        engine,
        id,
        "accounts",
        [
            account(SALES, "700000", "Sales", "income"),
            account(RENT, "610000", "Rent", "expense"),
            account(BANK, "550000", "Bank", "asset_cash"),
        ],
    )
    with writing(engine) as db:
        create_structure(db, id, Starter("international"), NOW)
    add_records(engine, id, "accounts", [account(STRANGE, "999", HOSTILE, "income_strange")])
    add_records(
        engine,
        id,
        "journal_items",
        [
            journal_item(1, debit="1234.50", account_id=BANK, date=date(2026, 1, 5)),
            journal_item(2, credit="1234.50", account_id=STRANGE, date=date(2026, 1, 5)),
        ],
    )
    return engine


def account(id: int, code: str, name: str, type: str) -> dict[str, object]:
    return record_of("accounts", id=id, name=name, codes={"1": code}, type=type)


def structure(engine: Engine, id: int = 1) -> Structure:
    with reading(engine) as db:
        return get_structure(db, get_connection(db, "acme").id, id).structure


def seen(engine: Engine) -> str:
    """The state that a page shows at the moment."""
    with reading(engine) as db:
        return get_structure(db, get_connection(db, "acme").id, 1).state


def line_id(engine: Engine, name: str, statement: str = PROFIT_AND_LOSS) -> int:
    lines = structure(engine).lines
    return next(line.id for line in lines if (line.name, line.statement) == (name, statement))


def names(engine: Engine) -> list[str]:
    return [line.name for line, _ in walk(structure(engine), PROFIT_AND_LOSS)]


def line_of(engine: Engine, account_id: int) -> str | None:
    id = structure(engine).mapping[PROFIT_AND_LOSS].get(account_id)
    return next((line.name for line in structure(engine).lines if line.id == id), None)


def text(page: str) -> str:
    """What is read of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class TestList:
    def test_it_shows_what_is_mapped_and_unmapped(self, made: Engine, bob: Browser) -> None:
        page = text(bob.get("/mapping/acme/").text)

        assert "International 2 mapped 1 unmapped" in page

    @pytest.mark.parametrize("starter", ["international", "belgian", "dutch", "empty", "copy-1"])
    def test_a_structure_starts_from_anything(
        self, made: Engine, carol: Browser, starter: str
    ) -> None:
        answer = carol.post("/mapping/acme/new", {"starter": starter, "name": "Mine"})

        assert answer.location == "/mapping/acme/2/"
        assert carol.get(answer.location).status_code == 200
        assert {line.statement for line in structure(made, 2).lines} <= set(STATEMENTS)
        if starter == "copy-1":
            assert structure(made, 2) == structure(made)

    @pytest.mark.parametrize("starter", ["international", "copy-1"])
    def test_a_taken_name_is_said_at_the_field(
        self, made: Engine, carol: Browser, starter: str
    ) -> None:
        form = {"starter": starter, "name": "International"}

        answer = carol.post("/mapping/acme/new", form)

        assert answer.status_code == 422
        assert 'id="name-error"' in answer.text

    def test_without_any_it_says_what_to_do(self, carol: Browser, bob: Browser) -> None:
        assert "Start one from a template" in carol.get("/mapping/acme/").text
        assert "Ask an administrator" in bob.get("/mapping/acme/").text

    def test_a_structure_is_renamed_and_deleted(self, made: Engine, carol: Browser) -> None:
        carol.post(f"{URL}rename", {"new_name": "Group"})
        assert "Group" in carol.get(URL).text
        answer = carol.post(f"{URL}rename", {"new_name": " "})
        assert (answer.status_code, 'id="new_name-error"' in answer.text) == (422, True)

        carol.post(f"{URL}delete")

        with reading(made) as db:
            assert list_structures(db, get_connection(db, "acme").id) == []


class TestWhoMay:
    @pytest.mark.parametrize(
        "path",
        ["accounts", "automatic", "undo", "lines", "rename", "delete", "lines/1", "lines/1/step",
         "lines/1/move", "lines/1/duplicate", "lines/1/delete"],
    )  # fmt: skip
    def test_a_viewer_changes_nothing(self, made: Engine, bob: Browser, path: str) -> None:
        before = structure(made)

        assert bob.post(URL + path, {"seen": seen(made)}).status_code == 403
        assert structure(made) == before

    def test_a_viewer_starts_none(self, made: Engine, bob: Browser) -> None:
        assert bob.post("/mapping/acme/new", {"starter": "dutch"}).status_code == 403

    def test_a_viewer_sees_the_mapping_without_forms(self, made: Engine, bob: Browser) -> None:
        page = bob.get(URL).text

        assert "Sales" in page
        assert "An administrator of the connection can change it." in page
        assert 'name="account_id"' not in page
        assert "data-line" not in page

    def test_a_foreign_connection_is_not_there(
        self, made: Engine, globex: ConnectionKey, carol: Browser, bob: Browser
    ) -> None:
        for browser in (carol, bob):
            assert browser.get("/mapping/globex/").status_code == 404
            assert browser.get("/mapping/globex/1/").status_code == 404
        assert carol.post("/mapping/globex/1/delete").status_code == 404

    def test_a_form_without_its_token_changes_nothing(self, made: Engine, carol: Browser) -> None:
        answer = carol.client.post(
            f"{URL}delete", base_url="https://localhost", headers={"Accept": "text/html"}
        )

        assert answer.status_code == 400
        assert carol.get(URL).status_code == 200


class TestEditor:
    def test_unmapped_money_is_said(self, made: Engine, carol: Browser) -> None:
        page = text(carol.get(URL).text)

        assert "1 account of this statement is unmapped." in page
        assert "0.00 debit and 1,234.50 credit (Acme)" in page
        assert "stays equal to the trial balance" in page

    def test_money_of_an_account_that_has_not_arrived_is_said(
        self, made: Engine, carol: Browser
    ) -> None:
        with reading(made) as db:
            id = get_connection(db, "acme").id
        late = journal_item(3, debit="5", account_id=77, date=date(2026, 1, 5))
        add_records(made, id, "journal_items", [late])

        page = text(carol.get(f"{URL}?statement=balance_sheet").text)

        assert "5.00 debit and 0.00 credit" in page
        assert "Not arrived yet" in page

    def test_the_unmapped_come_first(self, made: Engine, carol: Browser) -> None:
        page = carol.get(URL).text

        assert page.index('id="account-22"') < page.index('id="account-21"')

    def test_names_do_no_harm(self, made: Engine, carol: Browser) -> None:
        carol.post(f"{URL}lines", {"name": HOSTILE, "seen": seen(made)})
        carol.post(f"{URL}rename", {"new_name": HOSTILE})
        id = line_id(made, HOSTILE)

        for path in (URL, "/mapping/acme/", f"{URL}lines/{id}", f"{URL}automatic"):
            page = carol.get(path).text
            assert html.escape(HOSTILE) in page
            assert HOSTILE not in page

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("q=61", [RENT]),
            ("q=sAl", [SALES]),
            ("q=00", []),
            ("type=expense", [RENT]),
            ("show=unmapped", [STRANGE]),
            ("show=mapped", [RENT, SALES]),
            ("statement=balance_sheet", [BANK]),
            ("statement=nonsense&type=income&show=mapped", [SALES]),
        ],
    )
    def test_it_finds_accounts(
        self, made: Engine, carol: Browser, query: str, shown: list[int]
    ) -> None:
        page = carol.get(f"{URL}?{query}").text

        assert [int(id) for id in re.findall(r'name="account_id" value="(\d+)"', page)] == shown

    def test_a_structure_that_is_not_there(self, made: Engine, carol: Browser) -> None:
        for id in ("2", "0", "x", "9" * 30):
            assert carol.get(f"/mapping/acme/{id}/").status_code == 404


class TestAccounts:
    def test_accounts_are_mapped_and_the_view_stays(self, made: Engine, carol: Browser) -> None:
        form = {"account_id": [STRANGE, RENT], "line_id": line_id(made, "Revenue")}

        answer = post(carol, made, "accounts?show=unmapped&q=9", form)

        assert line_of(made, STRANGE) == line_of(made, RENT) == "Revenue"
        assert answer.location == f"{URL}?statement=profit_and_loss&q=9&show=unmapped"
        assert "2 accounts are mapped to Revenue." in carol.get(answer.location).text

    def test_accounts_are_unmapped(self, made: Engine, carol: Browser) -> None:
        post(carol, made, "accounts", {"account_id": SALES, "line_id": "unmapped"})

        assert line_of(made, SALES) is None
        assert "2 accounts of this statement are unmapped." in carol.get(URL).text

    def test_all_that_are_shown_are_mapped_at_once(self, made: Engine, carol: Browser) -> None:
        form = {"all": "yes", "line_id": line_id(made, "Revenue")}

        post(carol, made, "accounts?type=expense", form)

        assert line_of(made, RENT) == "Revenue"
        assert line_of(made, STRANGE) is None

    def test_mapping_them_sums_no_ledger(self, made: Engine, carol: Browser, app: Flask) -> None:
        form = {"all": "yes", "line_id": line_id(made, "Revenue")}
        asked: list[str] = []

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        sa.event.listen(app.extensions[ENGINE], "before_cursor_execute", note)
        post(carol, made, "accounts", form)
        sa.event.remove(app.extensions[ENGINE], "before_cursor_execute", note)

        assert any("FROM accounts" in each for each in asked)
        assert not any("journal_items" in each for each in asked)

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"line_id": "1"}, "Choose accounts and a line first."),
            ({"account_id": "20"}, "Choose accounts and a line first."),
            ({"account_id": "20", "line_id": "999"}, "The structure has no such line any more."),
            ({"account_id": "20", "line_id": "x"}, "The structure has no such line any more."),
            ({"account_id": "10", "line_id": "1"}, "Choose a line of another statement."),
            ({"account_id": "x", "line_id": "1"}, "Reload the accounts."),
        ],
    )
    def test_what_cannot_be_is_said(
        self, made: Engine, carol: Browser, form: dict[str, object], sentence: str
    ) -> None:
        before = structure(made)

        answer = post(carol, made, "accounts", form)

        assert sentence in carol.get(answer.location or "").text
        assert structure(made) == before

    def test_automatic_mapping_is_shown_before_it_is_done(
        self, made: Engine, carol: Browser
    ) -> None:
        post(carol, made, "accounts", {"account_id": SALES, "line_id": "unmapped"})

        page = text(carol.get(f"{URL}automatic").text)
        assert "Profit and loss 700000 Sales Income 0.00 Revenue" in page
        assert line_of(made, SALES) is None
        post(carol, made, "automatic", {})

        assert line_of(made, SALES) == "Revenue"
        assert "Nothing can be mapped by itself." in carol.get(f"{URL}automatic").text


class TestLines:
    def test_a_line_is_added_below_another(self, made: Engine, carol: Browser) -> None:
        parent = line_id(made, "Gross profit")

        post(carol, made, "lines", {"name": " Grants ", "parent_id": parent})

        added = structure(made).lines[-1]
        assert (added.name, added.parent_id) == ("Grants", parent)

    def test_its_page_is_part_of_the_account_mapping(self, made: Engine, carol: Browser) -> None:
        page = carol.get(f"{URL}lines/{line_id(made, 'Revenue')}").text

        sidebar = page.split('<nav class="sidebar"')[1].split("</nav>")[0]
        [current] = re.findall(r'aria-current="page">(.*?)</a>', sidebar, re.S)
        assert current.strip().endswith("Account mapping")

    def test_a_wrong_name_is_said_at_the_field(self, made: Engine, carol: Browser) -> None:
        for path in ("lines", f"lines/{line_id(made, 'Revenue')}"):
            answer = post(carol, made, path, {"name": " "})
            assert answer.status_code == 422
            assert 'id="name-error"' in answer.text

    def test_a_line_has_another_name_and_sign(self, made: Engine, carol: Browser) -> None:
        id = line_id(made, "Revenue")

        post(carol, made, f"lines/{id}", {"name": "Turnover", "sign": "debit"})

        line = next(line for line in structure(made).lines if line.id == id)
        assert (line.name, line.is_credit_positive) == ("Turnover", False)

    def test_a_line_is_moved_step_by_step(self, made: Engine, carol: Browser) -> None:
        path, before = f"lines/{line_id(made, 'Cost of sales')}/step", names(made)

        answer = post(carol, made, path, {"step": "up"})
        assert names(made).index("Cost of sales") < names(made).index("Revenue")
        assert (answer.location or "").endswith(f"#line-{line_id(made, 'Cost of sales')}")
        post(carol, made, path, {"step": "down"})

        assert names(made) == before

    def test_a_line_is_moved_below_another(self, made: Engine, carol: Browser) -> None:
        id, parent = line_id(made, "Revenue"), line_id(made, "Operating expenses")

        post(carol, made, f"lines/{id}/move", {"parent_id": parent})
        assert next(line for line in structure(made).lines if line.id == id).parent_id == parent
        post(carol, made, f"lines/{id}/move", {"parent_id": ""})

        assert next(line for line in structure(made).lines if line.id == id).parent_id is None

    def test_a_copy_has_no_accounts(self, made: Engine, carol: Browser) -> None:
        post(carol, made, f"lines/{line_id(made, 'Revenue')}/duplicate", {})

        assert names(made).count("Revenue") == 2
        assert structure(made).mapping[PROFIT_AND_LOSS][SALES] == line_id(made, "Revenue")

    def test_what_deleting_does_is_said_before(self, made: Engine, carol: Browser) -> None:
        path = f"lines/{line_id(made, 'Gross profit')}"

        page = text(carol.get(URL + path).text)
        assert "2 lines below it are deleted too. 1 account becomes unmapped" in page
        post(carol, made, f"{path}/delete", {})

        assert line_of(made, SALES) is None
        assert "Revenue" not in names(made)

    def test_computed_earnings_stay(self, made: Engine, carol: Browser) -> None:
        path = f"lines/{line_id(made, 'Current year earnings', 'balance_sheet')}"

        assert "so this line stays" in carol.get(URL + path).text
        answer = post(carol, made, f"{path}/delete", {})

        assert "so this line stays" in html.unescape(carol.get(answer.location or "").text)

    def test_a_line_that_is_gone(self, made: Engine, carol: Browser) -> None:
        assert carol.get(f"{URL}lines/999").status_code == 404
        answer = post(carol, made, "lines/999/delete", {})
        assert "The structure has no such line any more." in carol.get(answer.location or "").text


class TestUndo:
    def test_the_last_change_is_undone_and_done_again(self, made: Engine, carol: Browser) -> None:
        assert "Undo" not in carol.get(URL).text
        post(carol, made, "accounts", {"account_id": SALES, "line_id": "unmapped"})
        assert "Undo the last change" in carol.get(URL).text

        post(carol, made, "undo", {})
        assert line_of(made, SALES) == "Revenue"
        post(carol, made, "undo", {})

        assert line_of(made, SALES) is None


class TestTwoPeople:
    @pytest.mark.parametrize("path", ["accounts", "undo", "lines", "lines/1/delete", "automatic"])
    def test_nobody_changes_what_they_have_not_seen(
        self, app: Flask, made: Engine, carol: Browser, path: str
    ) -> None:
        old = seen(made)
        post(carol, made, "lines", {"name": "Someone else's"})
        before = structure(made)
        form = {"seen": old, "account_id": str(SALES), "line_id": "1", "name": "New"}

        answer = carol.post(URL + path, form)

        assert (
            "Someone else changed this reporting structure" in carol.get(answer.location or "").text
        )
        assert structure(app.extensions[ENGINE]) == before


def post(browser: Browser, engine: Engine, path: str, form: dict[str, object]) -> object:
    return browser.post(URL + path, {**form, "seen": seen(engine)})
