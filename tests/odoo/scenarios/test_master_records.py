"""Companies, currencies, partners, journals and accounts arrive as they are changed and merged."""

import pytest

from receiver.errors import GoneFromSight
from tests.odoo.installations import series_under_test
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper

SERIES_WITH_SHARED_ACCOUNTS = [series for series in series_under_test() if series >= "18.0"]


@pytest.fixture
def account(acme: Bookkeeper) -> int:
    """An account of Acme with one posted item."""
    [(taken,)] = acme.sql("SELECT count(*) FROM account_account")
    account = int(acme.do(operations.make_account, f"61{taken:04}", "An account"))
    acme.do(operations.make_entry, 12.34, debit=account)
    acme.push()
    return account


def test_a_recoded_account_arrives(acme: Bookkeeper, account: int) -> None:
    acme.write("account.account", account, code="699901")

    acme.push()
    assert list(acme.stored("accounts")[account]["codes"].values()) == ["699901"]


def test_a_name_changed_in_the_chosen_language_arrives(acme: Bookkeeper, account: int) -> None:
    acme.do(operations.rename_in_language, "account.account", account, "Un compte", "fr_FR")

    acme.push()
    assert acme.stored("accounts")[account]["name"] == "Un compte"


def test_a_name_falls_back_where_its_translation_is_emptied(acme: Bookkeeper, account: int) -> None:
    acme.do(operations.rename_in_language, "account.account", account, "Un compte", "fr_FR")
    acme.push()

    if acme.pair.odoo.series < "16.0":
        acme.sql("DELETE FROM ir_translation WHERE value = 'Un compte'")
    else:
        acme.sql("UPDATE account_account SET name = name - 'fr_FR' WHERE id = %s", account)

    acme.push()
    assert acme.stored("accounts")[account]["name"] == "An account"


def test_a_retyped_account_arrives(acme: Bookkeeper, account: int) -> None:
    acme.do(operations.retype_account, account, "expense_direct_cost")

    acme.push()
    assert acme.stored("accounts")[account]["type"] == "expense_direct_cost"


def test_an_archived_account_arrives(acme: Bookkeeper, account: int) -> None:
    acme.do(operations.archive_account, account)

    acme.push()
    assert acme.stored("accounts")[account]["active"] is False


def test_a_deleted_account_is_deleted(acme: Bookkeeper) -> None:
    account = acme.do(operations.make_account, "619999", "Never used")
    acme.push()

    acme.call("account.account", "unlink", [account])

    assert acme.push()["accounts"].deletions == 1


@pytest.mark.parametrize("series", SERIES_WITH_SHARED_ACCOUNTS, indirect=True, scope="session")
def test_merged_accounts_arrive_with_their_items(
    acme: Bookkeeper, globex: Bookkeeper, account: int
) -> None:
    """18 and later: one account with two codes is left, by raw SQL."""
    merged = globex.do(operations.make_account, "610777", "Of the other company")
    globex.do(operations.make_entry, 56.78, debit=merged)
    acme.push()

    acme.do(operations.merge_accounts, account, merged)

    assert acme.push()["accounts"].deletions == 1
    assert len(acme.stored("accounts")[account]["codes"]) == 2


@pytest.mark.parametrize("series", SERIES_WITH_SHARED_ACCOUNTS, indirect=True, scope="session")
def test_an_account_taken_from_a_company_by_raw_sql_arrives(
    acme: Bookkeeper, globex: Bookkeeper, account: int
) -> None:
    shared = "INSERT INTO account_account_res_company_rel VALUES (%s, %s)"
    acme.sql(shared, account, globex.company_ids[0])
    acme.push()
    assert len(acme.stored("accounts")[account]["company_ids"]) == 2

    acme.sql(
        "DELETE FROM account_account_res_company_rel "
        "WHERE account_account_id = %s AND res_company_id = %s",
        account,
        globex.company_ids[0],
    )

    acme.push()
    assert len(acme.stored("accounts")[account]["company_ids"]) == 1


def test_a_renamed_partner_arrives_with_the_names_of_its_contacts(
    acme: Bookkeeper, customer: int
) -> None:
    contact = acme.do(operations.make_partner, "Contact", parent_id=customer)
    acme.push()

    acme.write("res.partner", customer, name="Renamed Ltd", vat="US12", ref="R1", is_company=True)

    acme.push()
    assert acme.stored("partners")[contact]["name"] == "Renamed Ltd, Contact"


def test_a_contact_moved_to_another_partner_arrives(acme: Bookkeeper, customer: int) -> None:
    other = acme.do(operations.make_partner, "Other Ltd", is_company=True)
    contact = acme.do(operations.make_partner, "Contact", parent_id=customer)
    acme.push()

    acme.write("res.partner", contact, parent_id=other)

    acme.push()
    assert acme.stored("partners")[contact]["commercial_partner_id"] == other


def test_an_archived_and_a_deleted_partner_are_told_apart(acme: Bookkeeper, customer: int) -> None:
    gone = acme.do(operations.make_partner, "Gone")
    acme.push()

    acme.write("res.partner", customer, active=False)
    acme.call("res.partner", "unlink", [gone])

    acme.push()
    stored = acme.stored("partners")
    assert stored[customer]["active"] is False
    assert gone not in stored


def test_a_partner_given_to_a_company_that_is_not_sent_is_deleted_by_pushes_and_stops_pulls(
    acme: Bookkeeper, customer: int
) -> None:
    # A push knows whose the partner is now. A pull only knows that its user may not see it.
    third = acme.do(operations.make_company, "Initech")
    acme.push()

    acme.write("res.partner", customer, company_id=third)

    assert acme.pair.push()["state"] == "succeeded"
    assert customer not in acme.stored("partners")
    with pytest.raises(GoneFromSight, match=f"Record {customer} of Partners"):
        acme.pull()

    acme.sql("UPDATE res_partner SET company_id = NULL WHERE id = %s", customer)

    acme.push()
    assert customer in acme.stored("partners")


def test_merged_partners_arrive_with_their_items(acme: Bookkeeper, customer: int) -> None:
    merged = acme.do(operations.make_partner, "Merged")
    invoice = acme.do(operations.make_invoice, merged, 100.0)
    acme.push()

    acme.do(operations.merge_partners, customer, merged)

    assert acme.push()["partners"].deletions == 1
    stored = acme.stored("journal_items")
    assert {stored[item]["partner_id"] for item in acme.items(invoice)} == {customer}


def test_a_renamed_and_archived_journal_arrives(acme: Bookkeeper) -> None:
    journal = acme.do(operations.make_journal, "NEW")
    acme.push()

    acme.do(operations.rename_in_language, "account.journal", journal, "Journal neuf", "fr_FR")
    acme.write("account.journal", journal, code="OLD", active=False)

    acme.push()
    stored = acme.stored("journals")[journal]
    assert (stored["name"], stored["code"], stored["active"]) == ("Journal neuf", "OLD", False)


def test_a_deleted_journal_is_deleted(acme: Bookkeeper) -> None:
    journal = acme.do(operations.make_journal, "GONE")
    acme.push()

    acme.call("account.journal", "unlink", [journal])

    assert acme.push()["journals"].deletions == 1


def test_a_changed_currency_arrives(acme: Bookkeeper) -> None:
    [(dinar,)] = acme.sql("SELECT id FROM res_currency WHERE name = 'BHD'")

    acme.write("res.currency", dinar, rounding=0.0001, symbol="BD.", active=True, position="before")

    acme.push()
    stored = acme.stored("currencies")[dinar]
    assert (stored["rounding"], stored["decimal_places"]) == ("0.0001", 4)


def test_a_new_rate_leaves_the_books_equal(acme: Bookkeeper) -> None:
    [(yen,)] = acme.sql("SELECT id FROM res_currency WHERE name = 'JPY'")
    rate = {"name": "2025-11-11", "rate": 150.5, "company_id": acme.company_ids[0]}

    acme.write("res.currency", yen, rate_ids=[(0, 0, rate)])

    acme.push()


def test_a_renamed_company_and_its_lock_dates_arrive(globex: Bookkeeper) -> None:
    company = globex.company_ids[0]

    year = {"fiscalyear_last_month": "6", "fiscalyear_last_day": 30}
    globex.write("res.company", company, name="Globex & Sons", **year)
    globex.write("res.company", company, fiscalyear_lock_date="2019-12-31")

    globex.push()
    stored = globex.stored("companies")[company]
    assert stored["name"] == "Globex & Sons"
    assert stored["fiscal_year_lock_date"] == "2019-12-31"
