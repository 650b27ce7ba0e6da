"""Twenty of OCA's addons beside ours: installed, updated, worked with, pushed and compared.

A few of them on 19; on 14 too, and all that are fetched, with MONITR_TEST_OCA=all, which
`make test-oca` sets.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.left_out import left_out
from tests.odoo.books_script import COMPANY_A
from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.installations import Installation, Unavailable
from tests.odoo.oca import ALL, CLOSING, REPORTS, SERIES, installation_with_oca, oca_addons
from tests.odoo.oca_work_script import WORK
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.test_closings import CLOSE_BY_ADDON, close, make_structure
from tests.odoo.test_oca_reports import (
    CENT,
    ask_oca,
    balances_of_trial_balance,
    trial_balance_with_closed_years,
    without_nothing,
)
from tests.postgres import PostgresServer

SCRIPT = Path(__file__).with_name("oca_work_script.py")
CORE = (REPORTS, CLOSING, "account_netting", "mis_builder", "partner_deduplicate_acl")
FIRST, LAST = "2025-01-01", "2025-12-31"
ASK_MIS_BUILDER = """
company = env["res.company"].search([("name", "=", {company!r})])
env = env(context=dict(env.context, allowed_company_ids=company.ids))
report = env["mis.report"].create({{"name": "Result"}})
env["mis.report.kpi"].create(
    {{
        "report_id": report.id,
        "name": "result",
        "description": "Result",
        "expression": "-balp[{accounts}]",
    }}
)
instance = env["mis.report.instance"].create(
    {{
        "name": "Result",
        "report_id": report.id,
        "company_id": company.id,
        "target_move": "posted",
        "period_ids": [
            (
                0,
                0,
                {{
                    "name": "year",
                    "mode": "fix",
                    "manual_date_from": {first!r},
                    "manual_date_to": {last!r},
                }},
            )
        ],
    }}
)
result = instance.compute()["body"][0]["cells"][0]["val"]
"""
RESULT_ACCOUNTS = {  # from 16 on as the last
    "14.0": "('user_type_id.internal_group', 'in', ('income', 'expense'))",
    "19.0": "('account_type', '=like', 'income%')][] - balp[('account_type', '=like', 'expense%')",
}


@pytest.fixture(scope="module", params=SERIES if ALL else ("19.0",))
def with_oca(request: pytest.FixtureRequest) -> Installation:
    try:
        return installation_with_oca(request.param)
    except Unavailable as need:
        left_out("OCA's addons", str(need))


@pytest.fixture(scope="module")
def beside(
    with_oca: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed once with the addons installed, and everything updated since."""
    with paired(with_oca, postgres, tmp_path_factory.mktemp("oca")) as pair:
        addons = oca_addons(with_oca.series) if ALL else CORE
        pair.odoo.install(*addons)
        make_structure(pair)
        assert_ties_out(pair, pair.push())
        if ALL:
            assert len(addons) > 20
            pair.odoo.update_all()
        else:
            pair.odoo.update(CLOSING)
        yield pair


def test_what_they_write_is_pushed_and_ties_out(beside: Paired) -> None:
    code = f"{SCRIPT.read_text()}\nresult = work(env, {COMPANY_A!r})"

    made = beside.odoo.shell(code)
    closed = close(beside, CLOSE_BY_ADDON)

    assert all(made.values()), made
    assert len(made) >= (4 if ALL else 2)
    assert set(made) <= set(WORK)
    assert closed["entries"]
    assert_ties_out(beside, beside.push())
    assert_equals_odoo(beside)


def test_the_trial_balance_equals_ocas(beside: Paired) -> None:
    company_id = beside.company_id(COMPANY_A)
    assert_ties_out(beside, beside.push())

    oca = ask_oca(beside, "trial_balance", company_id)

    theirs = {account["id"]: balances_of_trial_balance(account) for account in oca["accounts"]}
    ours = trial_balance_with_closed_years(beside, company_id, oca["unaffected"])
    assert without_nothing(theirs) == without_nothing(ours)
    assert len(without_nothing(theirs)) > 5


def test_the_result_equals_mis_builders(beside: Paired) -> None:
    assert_ties_out(beside, beside.push())
    accounts = RESULT_ACCOUNTS[beside.odoo.series]

    code = ASK_MIS_BUILDER.format(company=COMPANY_A, first=FIRST, last=LAST, accounts=accounts)
    theirs = Decimal(str(beside.odoo.shell(code))).quantize(CENT)

    asked: dict[str, Any] = {"company_id": beside.company_id(COMPANY_A), "by": "total"}
    path = f"/v1/connections/{NAME}/reports/profit-and-loss"
    ours = beside.receiver.get(path, **{"from": FIRST, "to": LAST}, **asked)
    assert theirs == Decimal(ours["totals"]["net"]["amounts"][0])
    assert theirs
