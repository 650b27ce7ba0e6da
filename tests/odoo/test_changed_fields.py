"""What an addon made of fields of the contract arrives as Odoo shows it, by push and pull."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.pulling import PULLED, assert_pulled_equals_pushed, client_with_key, pull
from tests.odoo.server import OdooError
from tests.postgres import PostgresServer

ADDONS = Path(__file__).parent / "addons"
ADDON = "changed_fields"
NOT_COMPUTED = "Fails"  # the reference of an entry of which the addon computes no origin


@pytest.fixture(scope="module")
def pushed(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed once as Odoo has the fields, then again as the addon has made them."""
    installation = replace(installation, addons=(*installation.addons, ADDONS))
    with paired(installation, postgres, tmp_path_factory.mktemp("changed")) as pair:
        assert pair.push()["state"] == "succeeded"
        pair.odoo.install(ADDON)
        partners_of_one_company(pair)
        assert pair.push()["state"] == "succeeded"
        yield pair


def partners_of_one_company(pair: Paired) -> None:
    """In Acme, in Globex, in both, each with a reference in each company."""
    a, b = pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)
    pair.odoo.shell(f"""
        for companies in ([{a}], [{b}], [{a}, {b}]):
            name = "Partner of %s" % companies
            partner = env["res.partner"].create(
                {{"name": name, "company_ids": [(6, 0, companies)]}}
            )
            for company in env["res.company"].browse([{a}, {b}]):
                partner.with_company(company).ref = "%s: %s" % (company.name, name)
    """)


def test_partners_of_one_company_arrive_with_it(pushed: Paired) -> None:
    assert_as_odoo_shows(pushed, "partners", "res.partner", {"company_id": "company_id"})

    arrived = [each["company_id"] for each in pushed.records("partners")]
    assert {pushed.company_id(COMPANY_A), pushed.company_id(COMPANY_B)} <= set(arrived)


def test_a_value_of_each_company_arrives_as_it_is_in_the_first(pushed: Paired) -> None:
    assert_as_odoo_shows(pushed, "partners", "res.partner", {"reference": "ref"})

    references = {each["reference"] for each in pushed.records("partners")}
    assert any(each and each.startswith(f"{COMPANY_A}: Partner of") for each in references)


def test_computed_fields_of_entries_arrive_stored_or_not(pushed: Paired) -> None:
    fields = {"origin": "invoice_origin", "due_date": "invoice_date_due"}

    assert_as_odoo_shows(pushed, "journal_entries", "account.move", fields)

    assert any(each["origin"] for each in pushed.records("journal_entries"))


def test_a_change_of_what_a_field_is_computed_from_arrives(pushed: Paired) -> None:
    [partner] = [p for p in pushed.records("partners") if p["name"].endswith("[1]")]
    company_b = pushed.company_id(COMPANY_B)
    values = {"company_ids": [(6, 0, [company_b])]}
    pushed.odoo.call("res.partner", "write", [partner["id"]], values)

    run = pushed.push()

    assert (run["state"], run["repaired_count"]) == ("succeeded", 0)
    [partner] = [p for p in pushed.records("partners") if p["id"] == partner["id"]]
    assert partner["company_id"] == company_b


def test_a_change_in_a_table_of_the_addons_own_is_found_by_the_proof(pushed: Paired) -> None:
    """Nobody tells of it what the table is for."""
    company_a, company_b = pushed.company_id(COMPANY_A), pushed.company_id(COMPANY_B)
    name = f"Partner of [{company_b}]"
    [partner] = [p for p in pushed.records("partners") if p["name"] == name]
    moved = "UPDATE changed_fields_company_rel SET res_company_id = %s WHERE res_partner_id = %s"
    pushed.odoo.sql(moved, [company_a, partner["id"]])

    run = pushed.push()

    assert (run["state"], run["repaired_count"]) == ("succeeded", 1)
    [partner] = [p for p in pushed.records("partners") if p["id"] == partner["id"]]
    assert partner["company_id"] == company_a


def test_the_pull_stores_the_same(pushed: Paired) -> None:
    assert pushed.push()["state"] == "succeeded"
    pushed.receiver.add_connection(PULLED)

    pull(pushed, client_with_key(pushed.odoo))

    assert_pulled_equals_pushed(pushed.receiver)


def test_a_field_that_odoo_cannot_compute_is_named_and_nothing_changes(pushed: Paired) -> None:
    before = pushed.records("journal_entries")
    id, reference = before[-1]["id"], before[-1]["reference"]

    set_reference(pushed, id, NOT_COMPUTED)
    try:
        with pytest.raises(OdooError, match=r"compute the field invoice_origin of account\.move"):
            pushed.push()
    finally:
        set_reference(pushed, id, reference)

    assert pushed.records("journal_entries") == before
    assert pushed.push()["state"] == "succeeded"


def set_reference(pair: Paired, id: int, reference: str | None) -> None:
    pair.odoo.sql("UPDATE account_move SET ref = %s WHERE id = %s", [reference, id])


def assert_as_odoo_shows(pair: Paired, stream: str, model: str, fields: dict[str, str]) -> None:
    """The contract's fields equal Odoo's, read by the accountant in both companies."""
    records = {each["id"]: each for each in pair.records(stream)}
    companies = [pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)]
    rows = pair.odoo.call(
        model,
        "read",
        list(records),
        list(fields.values()),
        user=ACCOUNTANT_AB,
        context={"allowed_company_ids": companies},
    )
    ours = {id: [record[name] for name in fields] for id, record in records.items()}
    assert ours == {row["id"]: [shown(row[name]) for name in fields.values()] for row in rows}


def shown(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value or None
