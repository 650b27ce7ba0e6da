"""A report is of one moment: all of a page, or of a table, is read in one transaction."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.receiver.statements import counting_transactions
from tests.receiver.web.pages.conftest import Browser

DAYS = "from=2025-01-01&to=2025-06-30"
PAGES = (
    f"/reports/acme/profit-and-loss?{DAYS}",
    f"/reports/acme/balance-sheet?{DAYS}&format=csv",
    f"/reports/acme/cash-flow?{DAYS}&format=xlsx",
    f"/reports/acme/trial-balance?{DAYS}",
    f"/reports/acme/general-ledger?{DAYS}&total=cash_flow.net",
    f"/reports/acme/general-ledger?{DAYS}&total=cash_flow.net&format=csv",
    f"/reports/acme/general-ledger?{DAYS}&company_id=99",
    f"/dimensions/acme/?{DAYS}",
    f"/dimensions/acme/items?{DAYS}&plan_id=1",
    "/outstanding/acme/?as_of=2025-06-30",
    "/outstanding/acme/?as_of=2025-06-30&format=csv",
    "/outstanding/acme/partners/none?as_of=2025-06-30",
    "/reports/acme/entries/1",
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_who_looks_at_it_are_read_in_one_snapshot(
    bob: Browser, books: None, page: str
) -> None:
    with counting_transactions(Engine) as begun:
        bob.get(page).close()

    assert len(begun) == 1


@pytest.mark.parametrize("format", ["json", "csv", "xlsx"])
def test_the_ledger_of_a_figure_is_one_snapshot_for_programs_too(
    api: FlaskClient, format: str
) -> None:
    address = f"/v1/connections/acme/reports/general-ledger?{DAYS}&company_id=1"
    with counting_transactions(Engine) as begun:
        api.get(f"{address}&total=cash_flow.net&format={format}").close()

    assert len(begun) == 2  # whose token it is, and the ledger


def test_a_table_that_nobody_reads_lets_go_of_its_transaction(
    bob: Browser, engine: Engine, books: None
) -> None:
    held = engine.pool.checkedout()  # type: ignore[attr-defined]

    answer = bob.get(f"/reports/acme/general-ledger?{DAYS}&format=csv")
    assert engine.pool.checkedout() == held + 1  # type: ignore[attr-defined]
    answer.close()

    assert engine.pool.checkedout() == held  # type: ignore[attr-defined]
