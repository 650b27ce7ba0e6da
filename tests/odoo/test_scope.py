"""Nothing is sent that the chosen user may not see, and a user below Accountant is told so."""

import pytest

from tests.odoo import books_script
from tests.odoo.api_keys import AUDITOR, CLERK, SELLER, start_with_keys
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.server import OdooError
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
):
    with paired(installation, postgres, tmp_path_factory.mktemp("scope")) as pair:
        pair.odoo.stop()
        start_with_keys(pair.odoo)
        yield pair


def test_an_accountant_of_one_company_never_sends_a_row_of_the_other(pair: Paired) -> None:
    company_a = pair.company_id(books_script.COMPANY_A)
    company_b = pair.company_id(books_script.COMPANY_B)
    pair.set(user_id=pair.user_id(books_script.ACCOUNTANT_A), company_ids=[(6, 0, [company_a])])

    pair.push()

    for stream in ("journal_entries", "journal_items", "journals", "analytic_items"):
        assert {record["company_id"] for record in pair.records(stream)} <= {company_a}, stream
    assert [record["id"] for record in pair.records("companies")] == [company_a]
    for account in pair.records("accounts"):
        assert account["company_ids"] == [company_a]
        assert set(account["codes"]) <= {str(company_a)}
    items_of_a = {record["id"] for record in pair.records("journal_items")}
    for reconciliation in pair.records("reconciliations"):
        assert {reconciliation["debit_item_id"], reconciliation["credit_item_id"]} & items_of_a
    assert all(record["company_id"] != company_b for record in pair.records("partners"))


def test_a_company_that_the_user_may_not_see_is_named(pair: Paired) -> None:
    both = [pair.company_id(books_script.COMPANY_A), pair.company_id(books_script.COMPANY_B)]
    pair.set(user_id=pair.user_id(books_script.ACCOUNTANT_A), company_ids=[(6, 0, both)])

    with pytest.raises(OdooError, match=f"Missing permissions: .* {books_script.COMPANY_B}"):
        pair.test_connection()


@pytest.mark.parametrize("login", [SELLER, books_script.PLAIN_USER])
def test_a_user_below_accountant_is_told_what_to_ask_for(pair: Paired, login: str) -> None:
    """The seller may read all models of the ledger, but of its entries only some."""
    company_a = pair.company_id(books_script.COMPANY_A)
    pair.set(user_id=pair.user_id(login), company_ids=[(6, 0, [company_a])])
    before = pair.receiver.sql("SELECT count(*) FROM receipts")

    with pytest.raises(OdooError, match=r"Missing permissions: .* has less than Accountant access"):
        pair.push()

    assert pair.receiver.sql("SELECT count(*) FROM receipts") == before
    assert pair.last_run()["state"] == "failed"


@pytest.mark.parametrize(
    "login", [AUDITOR, CLERK, books_script.BILLING_ONLY, books_script.ACCOUNTANT_NO_ANALYTIC]
)
def test_a_user_of_any_group_who_can_read_the_ledger_is_enough(pair: Paired, login: str) -> None:
    """Those who are accepted for a pull (test_connect.py), with what is analytic or without."""
    company_a = pair.company_id(books_script.COMPANY_A)
    pair.set(user_id=pair.user_id(login), company_ids=[(6, 0, [company_a])])

    assert "can read the books" in pair.test_connection()


def test_an_archived_user_is_refused(pair: Paired) -> None:
    company_a = pair.company_id(books_script.COMPANY_A)
    user_id = pair.user_id(books_script.ACCOUNTANT_A)
    pair.set(user_id=user_id, company_ids=[(6, 0, [company_a])])
    pair.odoo.call("res.users", "write", [user_id], {"active": False})

    try:
        with pytest.raises(OdooError, match="archived"):
            pair.test_connection()
    finally:
        pair.odoo.call("res.users", "write", [user_id], {"active": True})


def test_entries_before_the_start_date_stay_in_odoo(pair: Paired) -> None:
    company_a = pair.company_id(books_script.COMPANY_A)
    user_id = pair.user_id(books_script.ACCOUNTANT_A)
    pair.set(user_id=user_id, company_ids=[(6, 0, [company_a])], start_date="2025-01-01")

    pair.push()

    dates = {record["date"] for record in pair.records("journal_items")}
    assert dates
    assert min(dates) >= "2025-01-01"
    assert pair.receiver.get("/v1/connections/acme")["start_date"] == "2025-01-01"
    pair.set(start_date=False)
