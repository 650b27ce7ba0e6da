"""What is gone from the sync user's sight is not deleted: it is said, and what was sent stays."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from monitr_wire.streams import ANALYTIC_STREAMS, STREAMS_BY_NAME

from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B, OFF_BALANCE_ENTRY
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.server import OdooError
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("visibility")) as pair:
        pair.push()
        yield pair


def stored_of(pair: Paired, company_id: int) -> list[object]:
    """What the receiver holds of the company's books, and which companies it knows as chosen."""
    return [
        pair.receiver.get(f"/v1/connections/{NAME}")["companies"],
        *(
            pair.receiver.sql(
                f"SELECT count(*), max(id) FROM {stream} WHERE company_id = {company_id}"
            )
            for stream in ("journals", "journal_entries", "journal_items", "analytic_items")
        ),
    ]


@contextmanager
def hiding(pair: Paired, **domains: str) -> Iterator[None]:
    """Record rules of a customer, ``{model with underscores: domain of what may be seen}``."""
    rules = [
        pair.odoo.call(
            "ir.rule",
            "create",
            {
                "name": f"Only some of {model}",
                "model_id": model_id(pair, model.replace("_", ".")),
                "domain_force": domain,
            },
        )
        for model, domain in domains.items()
    ]
    try:
        yield
    finally:
        pair.odoo.call("ir.rule", "unlink", rules)


def model_id(pair: Paired, model: str) -> int:
    return int(pair.odoo.sql("SELECT id FROM ir_model WHERE model = %s", [model])[0][0])


def status(pair: Paired) -> str:
    """What Odoo's page says."""
    [shown] = pair.odoo.call("monitr.connection", "search_read", [], ["status"])
    return str(shown["status"])


def newest_proof(pair: Paired, name: str) -> dict[str, Any]:
    return dict(pair.receiver.get(f"/v1/connections/{name}/proofs/newest"))


def test_an_archived_company_stops_the_push_and_its_data_stays(pair: Paired) -> None:
    globex = pair.company_id(COMPANY_B)
    before = stored_of(pair, globex)
    has_archive = "active" in pair.odoo.call("res.company", "fields_get", [], ["type"])
    assert has_archive == (pair.odoo.series >= "16.0")

    if has_archive:
        pair.odoo.call("res.company", "write", [globex], {"active": False})
        try:
            with pytest.raises(OdooError, match=f"{COMPANY_B} is archived in Odoo"):
                pair.push()
            [shown] = pair.odoo.call("monitr.connection", "search_read", [], ["company_ids"])
        finally:
            pair.odoo.call("res.company", "write", [globex], {"active": True})
        assert globex in shown["company_ids"], "it cannot be unticked where it is not shown"
        assert pair.last_run()["state"] == "failed"

    assert stored_of(pair, globex) == before
    assert pair.push()["state"] == "succeeded"
    assert stored_of(pair, globex) == before


def test_a_company_withdrawn_from_the_user_stops_the_push_and_its_data_stays(
    pair: Paired,
) -> None:
    user, globex = pair.user_id(ACCOUNTANT_AB), pair.company_id(COMPANY_B)
    before = stored_of(pair, globex)

    pair.odoo.call("res.users", "write", [user], {"company_ids": [(3, globex)]})
    try:
        with pytest.raises(OdooError, match=f"may not see {COMPANY_B}. What Monitr has of it st"):
            pair.push()
    finally:
        pair.odoo.call("res.users", "write", [user], {"company_ids": [(4, globex)]})

    assert stored_of(pair, globex) == before
    assert pair.push()["state"] == "succeeded"


def test_a_company_that_is_unticked_leaves_the_receiver(pair: Paired) -> None:
    """Archived or not: unticking it is what removes its data."""
    acme, globex = pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)
    if pair.odoo.series >= "16.0":
        pair.odoo.call("res.company", "write", [globex], {"active": False})
    try:
        pair.set(company_ids=[(3, globex)])
        assert pair.push()["state"] == "succeeded"
    finally:
        if pair.odoo.series >= "16.0":
            pair.odoo.call("res.company", "write", [globex], {"active": True})

    assert {item["company_id"] for item in pair.records("journal_items")} == {acme}
    pair.set(company_ids=[(4, globex)])
    assert pair.push()["state"] == "succeeded"


def press_let_go(pair: Paired) -> None:
    [connection] = pair.odoo.call("monitr.connection", "search", [])
    pair.odoo.call("monitr.connection", "action_let_go", [connection])


HIDDEN_LATER = {
    "journal_items": ("account_move_line", "[('name', '!=', 'Credit')]"),
    "journal_entries": ("account_move", f"[('ref', '!=', '{OFF_BALANCE_ENTRY}')]"),
    "journals": ("account_journal", "[('code', '!=', 'PAST')]"),
    "partners": ("res_partner", "[('name', '!=', 'Customer 1')]"),
    "currencies": ("res_currency", "[('name', '!=', 'JPY')]"),
    "analytic_accounts": ("account_analytic_account", "[('name', 'not like', 'South')]"),
}


@pytest.mark.parametrize("stream", HIDDEN_LATER)
def test_what_a_rule_hides_later_stops_the_push_and_stays(pair: Paired, stream: str) -> None:
    model, domain = HIDDEN_LATER[stream]
    label = STREAMS_BY_NAME[stream].label
    before = pair.records(stream)

    with hiding(pair, **{model: domain}):
        with pytest.raises(OdooError, match=f"any more what Monitr has: .* such as {label} "):
            pair.push()
        found = newest_proof(pair, NAME)
        assert found["proof"]["hidden"][stream] > 0
        for repair in found["repairs"]:
            assert repair["hidden_count"] == repair["extra_count"]
        assert sum(repair["hidden_count"] for repair in found["repairs"]) > 0

    assert pair.last_run()["state"] == "failed"
    assert pair.records(stream) == before
    assert pair.push()["state"] == "succeeded"
    assert pair.records(stream) == before


def test_all_read_anew_leaves_what_is_hidden_and_still_goes_through_all(pair: Paired) -> None:
    """A range says that all else in it is gone, so it is kept for one's own progress."""
    before = pair.records("journal_items")

    with hiding(pair, account_move_line="[('name', '!=', 'Credit')]"):
        pair.set(start_date="2000-01-01")
        with pytest.raises(OdooError, match=r"such as Journal items .*\("):
            pair.push()
        assert pair.last_run()["is_of_everything"]
        assert pair.records("journal_items") == before

    pair.set(start_date=False)
    assert pair.push()["state"] == "succeeded"
    assert pair.records("journal_items") == before


def test_what_changes_while_hidden_stays_and_what_is_deleted_goes(pair: Paired) -> None:
    kept, gone = (
        pair.odoo.call("res.partner", "create", {"name": f"{name} partner"})
        for name in ("Hidden", "Deleted")
    )
    pair.push()

    with hiding(pair, res_partner=f"[('id', '!=', {kept})]"):
        pair.odoo.sql("UPDATE res_partner SET ref = 'Changed' WHERE id = %s", [kept])
        pair.odoo.sql("DELETE FROM res_partner WHERE id = %s", [gone])
        with pytest.raises(OdooError, match="1 records, such as Partners Hidden partner"):
            pair.push()
        there = {each["id"]: each["reference"] for each in pair.records("partners")}

    assert (kept in there, gone in there) == (True, False)
    assert there[kept] is None
    pair.push()
    [partner] = [each for each in pair.records("partners") if each["id"] == kept]
    assert partner["reference"] == "Changed"


def is_offered(pair: Paired) -> bool:
    """Whether Odoo's page shows the button to let go."""
    get_view = "get_view" if pair.odoo.series >= "16.0" else "fields_view_get"
    arch = pair.odoo.call("monitr.connection", get_view, view_type="form")["arch"]
    [button] = re.findall('<button name="action_let_go"[^>]*>', arch)
    assert "has_lost_sight" in button, button
    [shown] = pair.odoo.call("monitr.connection", "search_read", [], ["has_lost_sight"])
    return bool(shown["has_lost_sight"])


def test_an_administrator_lets_go_of_what_is_hidden(pair: Paired) -> None:
    before = pair.records("journal_items")
    assert not is_offered(pair)
    with pytest.raises(OdooError, match="Nothing that Monitr has is hidden"):
        press_let_go(pair)

    with hiding(pair, account_move_line="[('name', '!=', 'Credit')]"):
        with pytest.raises(OdooError, match="may not see any more"):
            pair.push()
        assert is_offered(pair)
        press_let_go(pair)
        assert not is_offered(pair)
        assert pair.last_run()["state"] == "succeeded"
        hidden = newest_proof(pair, NAME)["proof"]["hidden"]
        left = pair.records("journal_items")
        assert len(before) - len(left) == hidden["journal_items"] > 0

    assert pair.push()["state"] == "succeeded"
    assert pair.records("journal_items") == before
    with (
        hiding(pair, account_move_line="[('name', '!=', 'Credit')]"),
        pytest.raises(OdooError, match="may not see any more"),
    ):
        pair.push()  # it was let go once, not for ever
    pair.push()


@contextmanager
def nobody_reading(pair: Paired, *models: str) -> Iterator[None]:
    """As if the user had lost the rights to these models, where the series has them."""
    domain = [("model_id.model", "in", models)]
    rights = pair.odoo.call("ir.model.access", "search", domain)
    pair.odoo.call("ir.model.access", "write", rights, {"active": False})
    try:
        yield
    finally:
        pair.odoo.call("ir.model.access", "write", rights, {"active": True})


def test_rights_to_what_is_analytic_cost_that_alone(pair: Paired) -> None:
    """It stays as it is, and comes whole when the rights are back."""
    before = {stream.name: pair.records(stream.name) for stream in ANALYTIC_STREAMS}
    changed = before["analytic_accounts"][0]["id"]

    with nobody_reading(pair, "account.analytic.account", "account.analytic.line"):
        assert "can read the books" in pair.test_connection()
        pair.odoo.sql("UPDATE account_analytic_account SET code = 'X1' WHERE id = %s", [changed])
        partner = pair.odoo.call("res.partner", "create", {"name": "Without analytic rights"})
        assert pair.push()["state"] == "succeeded"

        shown, hidden = status(pair), newest_proof(pair, NAME)["proof"]["hidden"]
        assert {stream: pair.records(stream) for stream in before} == before
        assert partner in [each["id"] for each in pair.records("partners")]
    assert "What is analytic is left out" in shown
    assert hidden["analytic_items"] == len(before["analytic_items"])

    assert pair.push()["state"] == "succeeded"
    assert not pair.last_run()["is_of_everything"]
    [account] = [each for each in pair.records("analytic_accounts") if each["id"] == changed]
    assert account["code"] == "X1"
    assert newest_proof(pair, NAME)["proof"]["hidden"] == {}


def test_what_rules_hide_is_counted_and_entries_that_they_cut_are_named(pair: Paired) -> None:
    """Of a connection that never had it. The counts are those of SQL."""
    pair.set_key(pair.receiver.add_connection("cut"))
    rules = {
        "account_move_line": "[('name', '!=', 'Credit')]",
        "account_move": f"[('ref', '!=', '{OFF_BALANCE_ENTRY}')]",
        "account_journal": "[('code', '!=', 'PAST')]",
        "res_partner": "[('name', '!=', 'Customer 1')]",
    }

    with hiding(pair, **rules):
        assert pair.push()["state"] == "succeeded"
        shown, found = status(pair), newest_proof(pair, "cut")

    assert (found["proof"]["ties_out"], found["differences"]) == (True, [])
    assert found["proof"]["hidden"] == counts_of_hidden(pair)
    assert "Rights and record rules of this Odoo hide records from the user" in shown
    cut = cut_in_two(pair)
    assert found["proof"]["unbalanced_count"] == len(cut) > 2
    assert [each["entry_id"] for each in found["unbalanced"]] == cut
    assert f"{len(cut)} entries do not balance" in shown
    health = pair.receiver.get("/v1/connections/cut/health")
    assert [note["code"] for note in health["notes"]] == ["hidden_records"]
    assert "unbalanced_entries" in [reason["code"] for reason in health["reasons"]]

    assert pair.push()["state"] == "succeeded"
    found = newest_proof(pair, "cut")
    assert (found["proof"]["hidden"], found["unbalanced"]) == ({}, [])
    assert "record rules" not in status(pair)


def counts_of_hidden(pair: Paired) -> dict[str, int]:
    companies = [pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)]
    [counts] = pair.odoo.sql(
        """
        SELECT
            (SELECT count(*) FROM res_partner WHERE name = 'Customer 1'
                AND (company_id IS NULL OR company_id = ANY(%(companies)s))),
            (SELECT count(*) FROM account_journal WHERE code = 'PAST'
                AND company_id = ANY(%(companies)s)),
            (SELECT count(*) FROM account_move WHERE ref = %(ref)s AND state = 'posted'
                AND company_id = ANY(%(companies)s)),
            (SELECT count(*) FROM account_move_line WHERE name = 'Credit'
                AND parent_state = 'posted' AND company_id = ANY(%(companies)s))
        """,
        {"companies": companies, "ref": OFF_BALANCE_ENTRY},  # type: ignore[arg-type]
    )
    streams = ("partners", "journals", "journal_entries", "journal_items")
    return dict(zip(streams, counts, strict=True))


def cut_in_two(pair: Paired) -> list[int]:
    found = pair.odoo.sql(
        """
        SELECT move_id FROM account_move_line
        WHERE parent_state = 'posted' AND company_id = ANY(%s) AND account_id IS NOT NULL
            AND name IS DISTINCT FROM 'Credit'
        GROUP BY move_id HAVING sum(debit) <> sum(credit) ORDER BY move_id
        """,
        [[pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)]],
    )
    return [id for (id,) in found]
