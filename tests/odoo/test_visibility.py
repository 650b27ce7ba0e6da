"""What is gone from the sync user's sight is not deleted: it is said, and what was sent stays."""

from collections.abc import Iterator

import pytest

from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B
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
