"""OCA's reports, in the same Odoo, equal the receiver's to the cent: trial balance, general ledger
and open items."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.left_out import left_out
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B
from tests.odoo.installations import Installation, Unavailable
from tests.odoo.oca import REPORTS, installation_with_oca
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

# In the second year of the test books: openings hold months and a whole year. Both companies have
# journal items on the first and on the last day.
YEAR_BEFORE_ENDS, FROM, TO = "2024-12-31", "2025-04-10", "2025-07-10"
CENT = Decimal("0.01")
ASK_OCA = """
accountant = env["res.users"].search([("login", "=", {user!r})])
env = env(user=accountant.id, context={{"allowed_company_ids": [{company_id}]}})
period = {{"date_from": {from_date!r}, "date_to": {to_date!r}, "company_id": {company_id}}}
wizard = env["{wizard}"].create(dict(period, **{options!r}))
data = wizard._prepare_report_data()
report = env["report.account_financial_report.{report}"]._get_report_values(wizard.ids, data)
result = {{"unaffected": wizard.unaffected_earnings_account.id, "accounts": report["{report}"]}}
"""

ASK_OCA_FOR_OPEN_ITEMS = """
accountant = env["res.users"].search([("login", "=", {user!r})])
env = env(user=accountant.id, context={{"allowed_company_ids": [{company_id}]}})
types = ("asset_receivable", "liability_payable")
accounts = env["account.account"].search([("account_type", "in", types)])
wizard = env["open.items.report.wizard"].create(
    {{"company_id": {company_id}, "date_at": {day!r}, "account_ids": [(6, 0, accounts.ids)]}}
)
data = wizard._prepare_report_data()
report = env["report.account_financial_report.open_items"]._get_report_values(wizard.ids, data)
by_account = report["Open_Items"].values()
items = [item for by_partner in by_account for some in by_partner.values() for item in some]
result = {{item["id"]: item["amount_residual"] for item in items}}
"""


@dataclass(frozen=True)
class Balances:
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


NOTHING = Balances(*[Decimal(0)] * 4)


@pytest.fixture(scope="module")
def odoo_with_oca() -> Installation:
    try:
        return installation_with_oca("19.0")
    except Unavailable as need:
        left_out("OCA's reports", str(need))


@pytest.fixture(scope="module")
def pushed(
    odoo_with_oca: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The test books with OCA's reports installed beside the addon, pushed once."""
    with paired(odoo_with_oca, postgres, tmp_path_factory.mktemp("oca")) as pair:
        pair.odoo.install(REPORTS)
        assert pair.push()["state"] == "succeeded"
        yield pair


@pytest.mark.parametrize("company", [COMPANY_A, COMPANY_B])
def test_the_trial_balance_equals_ocas(pushed: Paired, company: str) -> None:
    company_id = pushed.company_id(company)

    oca = ask_oca(pushed, "trial_balance", company_id)

    theirs = {account["id"]: balances_of_trial_balance(account) for account in oca["accounts"]}
    ours = trial_balance_with_closed_years(pushed, company_id, oca["unaffected"])
    assert without_nothing(theirs) == without_nothing(ours)
    assert len(without_nothing(theirs)) > 5


@pytest.mark.parametrize("company", [COMPANY_A, COMPANY_B])
def test_the_general_ledger_equals_ocas(pushed: Paired, company: str) -> None:
    company_id = pushed.company_id(company)

    oca = ask_oca(pushed, "general_ledger", company_id, grouped_by="none", centralize=False)

    theirs = {account["id"]: balances_of_general_ledger(account) for account in oca["accounts"]}
    ours = trial_balance_with_closed_years(pushed, company_id, oca["unaffected"])
    assert without_nothing(theirs) == without_nothing(ours)


@pytest.mark.parametrize("company", [COMPANY_A, COMPANY_B])
def test_the_journal_items_equal_those_of_ocas_general_ledger(pushed: Paired, company: str) -> None:
    company_id = pushed.company_id(company)

    oca = ask_oca(pushed, "general_ledger", company_id, grouped_by="none", centralize=False)

    theirs = {
        line["id"]: (account["id"], cents(line["debit"]), cents(line["credit"]))
        for account in oca["accounts"]
        for line in account["move_lines"]
    }
    period = {"from": FROM, "to": TO, "company_id": company_id}
    items = pushed.receiver.records(NAME, "journal_items", **period)
    assert theirs == {
        item["id"]: (item["account_id"], Decimal(item["debit"]), Decimal(item["credit"]))
        for item in items
    }
    assert len(items) > 10


@pytest.mark.parametrize("day", [YEAR_BEFORE_ENDS, TO, "2026-01-31"])
@pytest.mark.parametrize("company", [COMPANY_A, COMPANY_B])
def test_the_open_items_of_a_day_equal_ocas(pushed: Paired, company: str, day: str) -> None:
    """Item by item. They differ nowhere in the test books, exchange differences included."""
    company_id = pushed.company_id(company)

    code = ASK_OCA_FOR_OPEN_ITEMS.format(user=ACCOUNTANT_AB, company_id=company_id, day=day)
    theirs = {int(id): cents(amount) for id, amount in pushed.odoo.shell(code).items()}

    path = f"/v1/connections/{NAME}/open-items"
    ours = pushed.receiver.get(path, company_id=company_id, as_of=day)
    assert theirs == {item["id"]: Decimal(item["open_amount"]) for item in ours["items"]}
    assert theirs


def ask_oca(pair: Paired, report: str, company_id: int, **options: Any) -> Any:
    """What OCA's report shows to the accountant for the period, in its own structure."""
    code = ASK_OCA.format(
        user=ACCOUNTANT_AB,
        company_id=company_id,
        wizard=f"{report.replace('_', '.')}.report.wizard",
        report=report,
        from_date=FROM,
        to_date=TO,
        options=options,
    )
    return pair.odoo.shell(code)


def balances_of_trial_balance(account: dict[str, Any]) -> Balances:
    names = ("initial_balance", "debit", "credit", "ending_balance")
    return Balances(*(cents(account[name]) for name in names))


def balances_of_general_ledger(account: dict[str, Any]) -> Balances:
    return Balances(
        cents(account["init_bal"]["balance"]),
        sum((cents(line["debit"]) for line in account["move_lines"]), Decimal(0)),
        sum((cents(line["credit"]) for line in account["move_lines"]), Decimal(0)),
        cents(account["fin_bal"]["balance"]),
    )


def trial_balance_with_closed_years(
    pair: Paired, company_id: int, unaffected_id: int
) -> dict[int, Balances]:
    """The receiver's, as OCA shows it: earlier years' profit is unaffected earnings.

    The receiver carries every account over year ends.
    """
    year_before = ask_receiver(pair, company_id, to=YEAR_BEFORE_ENDS)
    accounts = ask_receiver(pair, company_id, **{"from": FROM, "to": TO})
    balances = {id: balances_of_receiver(account) for id, account in accounts.items()}
    for id, account in year_before.items():
        if account["type"].startswith(("income", "expense")):
            profit = Decimal(account["closing_balance"])
            balances[id] = moved(balances.get(id, NOTHING), -profit)
            balances[unaffected_id] = moved(balances.get(unaffected_id, NOTHING), profit)
    return balances


def ask_receiver(pair: Paired, company_id: int, **period: str) -> dict[int, dict[str, Any]]:
    path = f"/v1/connections/{NAME}/trial-balance"
    report = pair.receiver.get(path, company_id=company_id, **period)
    return {account["id"]: account for account in report["accounts"]}


def balances_of_receiver(account: dict[str, Any]) -> Balances:
    names = ("opening_balance", "debit", "credit", "closing_balance")
    return Balances(*(Decimal(account[name]) for name in names))


def moved(balances: Balances, amount: Decimal) -> Balances:
    return Balances(
        balances.opening + amount, balances.debit, balances.credit, balances.closing + amount
    )


def without_nothing(accounts: dict[int, Balances]) -> dict[int, Balances]:
    return {id: balances for id, balances in accounts.items() if balances != NOTHING}


def cents(amount: float) -> Decimal:
    """OCA reckons in floats."""
    return Decimal(str(amount)).quantize(CENT)
