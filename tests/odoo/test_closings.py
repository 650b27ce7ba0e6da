"""Closed years: their results stay what they were, whether OCA's addon closed them or a person."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.left_out import left_out
from tests.odoo.books_script import COMPANY_A
from tests.odoo.equality import assert_equals_odoo
from tests.odoo.installations import Installation, Unavailable
from tests.odoo.oca import CLOSING, SERIES, installation_with_oca
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.pulling import PULLED, assert_pulled_equals_pushed, client_with_key, pull
from tests.postgres import PostgresServer

YEAR = {"from": "2024-01-01", "to": "2024-12-31"}
FIRST, LAST = YEAR.values()

# Every income and expense account of the year that may be used is brought to zero, against equity.
RESULTS = """
company = env["res.company"].search([("name", "=", {company!r})])
env = env(context=dict(env.context, allowed_company_ids=company.ids))
posted = [("company_id", "=", company.id), ("parent_state", "=", "posted")]
posted += [("date", ">=", {first!r}), ("date", "<=", {last!r})]
lines = env["account.move.line"].search(posted)
results = lines.mapped("account_id").filtered(
    lambda each: each.internal_group in ("income", "expense")
    and (not each.deprecated if "deprecated" in each else each.active)
)
balances = {{
    account: sum(lines.filtered(lambda line: line.account_id == account).mapped("balance"))
    for account in results
}}
equity = env["account.account"].search([("internal_group", "=", "equity")]).filtered(
    lambda each: company in (each.company_ids if "company_ids" in each else each.company_id)
)[0]
values = {{"name": "Year end", "code": "YEND", "type": "general", "company_id": company.id}}
journal = env["account.journal"].create(values)
"""
CLOSE_BY_ADDON = (
    RESULTS
    + """
dest = equity.ids if "user_type_id" in equity else equity.id  # that of 14 takes the first of a list
step = {{
    "name": "Loss and profit",
    "code": "LP",
    "sequence": 1,
    "date": {last!r},
    "journal_id": journal.id,
    "move_type": "loss_profit",
    "closing_type_default": "balance",
    "mapping_ids": [
        (0, 0, {{"name": a.code, "src_accounts": a.code, "dest_account_id": dest}})
        for a in results
    ],
}}
closing = env["account.fiscalyear.closing"].create(
    {{
        "name": "2024",
        "year": 2024,
        "company_id": company.id,
        "check_draft_moves": False,
        "date_start": {first!r},
        "date_end": {last!r},
        "date_opening": "2025-01-01",
        "move_config_ids": [(0, 0, step)],
    }}
)
closing.button_calculate()
closing.button_post()
result = {{"entries": closing.move_ids.ids, "journal": journal.id, "equity": equity.id}}
"""
)
CLOSE_BY_HAND = (
    RESULTS
    + """
amounts = {{a: env.company.currency_id.round(-b) for a, b in balances.items()}}
amounts[equity] = -sum(amounts.values())
entry = env["account.move"].create(
    {{
        "journal_id": journal.id,
        "date": {last!r},
        "line_ids": [
            (0, 0, {{"account_id": a.id, "debit": max(b, 0), "credit": max(-b, 0)}})
            for a, b in amounts.items()
        ],
    }}
)
entry.action_post()
result = {{"entries": entry.ids, "journal": journal.id, "equity": equity.id}}
"""
)


@pytest.fixture(params=SERIES)
def with_oca(request: pytest.FixtureRequest) -> Installation:
    try:
        return installation_with_oca(request.param)
    except Unavailable as need:
        left_out("OCA's closing of years", str(need))


@pytest.fixture
def beside_oca(
    with_oca: Installation, postgres: PostgresServer, tmp_path: Path
) -> Iterator[Paired]:
    with paired(with_oca, postgres, tmp_path) as pair:
        pair.odoo.install(CLOSING)
        yield pair


@pytest.fixture
def alone(installation: Installation, postgres: PostgresServer, tmp_path: Path) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path) as pair:
        yield pair


def test_what_the_addon_marks_is_left_out_of_the_result(beside_oca: Paired) -> None:
    pair = beside_oca
    pair.receiver.add_connection(PULLED)
    make_structure(pair)
    assert pair.push()["state"] == "succeeded"
    before, closings = result_of_the_year(pair)
    assert before
    assert closings == {"are_left_out": True, "journals": []}

    closed = close(pair, CLOSE_BY_ADDON)

    assert pair.push()["state"] == "succeeded"
    marked = [each for each in pair.records("journal_entries") if each["closing_type"]]
    assert [each["id"] for each in marked] == closed["entries"]
    after, closings = result_of_the_year(pair)
    assert after == before
    [journal] = closings["journals"]
    assert (journal["name"], journal["entry_count"]) == ("Year end", 1)
    shown, _ = result_of_the_year(pair, with_closings="true")
    assert shown == before - taken_to_equity(pair, closed)
    assert_equals_odoo(pair)
    pull(pair, client_with_key(pair.odoo))
    assert_pulled_equals_pushed(pair.receiver)


def test_what_is_closed_in_a_chosen_journal_is_left_out_of_the_result(alone: Paired) -> None:
    make_structure(alone)
    assert alone.push()["state"] == "succeeded"
    before, _ = result_of_the_year(alone)
    assert before

    closed = close(alone, CLOSE_BY_HAND)

    assert alone.push()["state"] == "succeeded"
    assert result_of_the_year(alone)[0] == before - taken_to_equity(alone, closed)
    chosen = {"leaves_out_marked": True, "journal_ids": [closed["journal"]]}
    alone.receiver.put(f"/v1/connections/{NAME}/closings", chosen)
    assert result_of_the_year(alone)[0] == before
    assert net_of(alone, "balance-sheet") == 0


def make_structure(pair: Paired) -> None:
    path = f"/v1/connections/{NAME}/structures"
    pair.receiver.post(path, {"template": "international"})


def close(pair: Paired, code: str) -> dict[str, Any]:
    return dict(pair.odoo.shell(code.format(company=COMPANY_A, first=FIRST, last=LAST)))


def taken_to_equity(pair: Paired, closed: dict[str, Any]) -> Decimal:
    """The profit that the closing took away from the accounts of results."""
    items = pair.records("journal_items")
    own = [each for each in items if each["entry_id"] in closed["entries"]]
    profit = -sum(
        Decimal(each["balance"]) for each in own if each["account_id"] == closed["equity"]
    )
    assert profit
    return profit


def result_of_the_year(pair: Paired, **more: str) -> tuple[Decimal, dict[str, Any]]:
    """And what is said of its closing."""
    report = report_of(pair, "profit-and-loss", **more)
    return Decimal(report["totals"]["net"]["amounts"][0]), report["closings"]


def net_of(pair: Paired, report: str) -> Decimal:
    return Decimal(report_of(pair, report)["totals"]["net"]["amounts"][0])


def report_of(pair: Paired, name: str, **more: str) -> dict[str, Any]:
    company_id = pair.company_id(COMPANY_A)
    path = f"/v1/connections/{NAME}/reports/{name}"
    asked = {"company_id": company_id, "by": "total", **YEAR, **more}
    return dict(pair.receiver.get(path, **asked))
