"""Open items of a real Odoo: its own residuals today, and on any day the accounts' balances."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

COMPANIES = (books_script.COMPANY_A, books_script.COMPANY_B)
DATES = ("2023-12-31", "2024-02-27", "2024-07-01", "2025-03-31", "2025-07-31", "2025-12-31")

TODAY = datetime.now(UTC).date().isoformat()

each_company = pytest.mark.parametrize("company", COMPANIES)


@pytest.fixture(scope="module")
def pushed(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("open_items")) as pair:
        assert pair.push()["state"] == "succeeded"
        yield pair


@each_company
@pytest.mark.parametrize("as_of", DATES)
def test_the_open_total_of_each_account_equals_its_balance_in_odoo_on_that_day(
    pushed: Paired, company: str, as_of: str
) -> None:
    found = open_items(pushed, company, as_of)

    assert amounts_of(found, "open_amount") == balances_in_odoo(pushed, company, as_of)
    assert not any(amounts_of(found, "difference").values())


@each_company
def test_each_open_item_equals_odoos_residual_today(pushed: Paired, company: str) -> None:
    found = open_items(pushed, company, TODAY)

    assert found["items"]
    assert residuals_here(found) == residuals_in_odoo(pushed, company)


@each_company
def test_a_half_paid_invoice_was_wholly_open_before_its_payment(
    pushed: Paired, company: str
) -> None:
    [(id, residual)] = pushed.odoo.sql(
        "SELECT line.id, line.amount_currency FROM account_move_line line"
        " JOIN account_move entry ON entry.id = line.move_id"
        " JOIN res_company company ON company.id = line.company_id"
        " WHERE entry.ref = %s AND company.name = %s AND line.date_maturity IS NOT NULL",
        [books_script.EXCHANGE_INVOICE, company],
    )

    open_amounts = [
        {item["id"]: Decimal(item["open_amount_currency"]) for item in found["items"]}.get(id)
        for found in (
            open_items(pushed, company, day)
            for day in ("2024-02-29", "2024-03-01", "2024-06-30", "2024-07-01", "2025-12-31")
        )
    ]

    assert residual == 1000
    assert open_amounts == [None, 1000, 1000, 600, None]


def test_a_payment_reset_to_draft_leaves_open_what_odoo_leaves_open(pushed: Paired) -> None:
    """Odoo 19 leaves it reconciled though it is no ledger any more: that difference is shown."""
    company = books_script.COMPANY_A
    [(payment, account)] = pushed.odoo.sql(
        "SELECT line.move_id, line.account_id FROM account_partial_reconcile"
        " JOIN account_move_line line ON line.id = credit_move_id"
        " JOIN account_move entry ON entry.id = line.move_id AND entry.move_type = 'entry'"
        " JOIN account_journal journal ON journal.id = line.journal_id AND journal.type = 'bank'"
        " JOIN res_company company ON company.id = line.company_id"
        f" WHERE company.name = %s AND {on_open_item_account(pushed)} ORDER BY 1 LIMIT 1",
        [company],
    )
    pushed.odoo.call("account.move", "button_draft", [payment])
    assert pushed.push()["state"] == "succeeded"

    found = open_items(pushed, company, TODAY)

    assert residuals_here(found) == residuals_in_odoo(pushed, company)
    assert amounts_of(found, "balance") == balances_in_odoo(pushed, company, TODAY)
    [(still_reconciled,)] = pushed.odoo.sql(
        "SELECT COALESCE(sum(amount), 0) FROM account_partial_reconcile"
        " JOIN account_move_line line ON line.id = credit_move_id WHERE move_id = %s",
        [payment],
    )
    differences = {account: -still_reconciled} if still_reconciled else {}
    assert amounts_of(found, "difference") == differences


def open_items(pushed: Paired, company: str, as_of: str) -> dict[str, Any]:
    path = f"/v1/connections/{NAME}/open-items"
    return dict(pushed.receiver.get(path, company_id=pushed.company_id(company), as_of=as_of))


def amounts_of(found: dict[str, Any], name: str) -> dict[int, Decimal]:
    """That amount of every account where it is not zero."""
    amounts = {account["id"]: Decimal(account[name]) for account in found["accounts"]}
    return {id: amount for id, amount in amounts.items() if amount}


def residuals_here(found: dict[str, Any]) -> dict[int, tuple[Decimal, Decimal]]:
    return {
        item["id"]: (Decimal(item["open_amount"]), Decimal(item["open_amount_currency"]))
        for item in found["items"]
    }


def residuals_in_odoo(pushed: Paired, company: str) -> dict[int, tuple[Decimal, Decimal]]:
    rows = pushed.odoo.sql(
        "SELECT line.id, amount_residual, amount_residual_currency FROM account_move_line line"
        " JOIN res_company company ON company.id = line.company_id"
        f" WHERE company.name = %s AND parent_state = 'posted' AND {on_open_item_account(pushed)}"
        " AND (amount_residual <> 0 OR amount_residual_currency <> 0)",
        [company],
    )
    return {id: (residual, in_currency) for id, residual, in_currency in rows}


def balances_in_odoo(pushed: Paired, company: str, as_of: str) -> dict[int, Decimal]:
    rows = pushed.odoo.sql(
        "SELECT account_id, sum(balance) FROM account_move_line line"
        " JOIN res_company company ON company.id = line.company_id"
        f" WHERE company.name = %s AND parent_state = 'posted' AND {on_open_item_account(pushed)}"
        " AND line.date <= %s GROUP BY 1 HAVING sum(balance) <> 0",
        [company, as_of],
    )
    return dict(rows)


def on_open_item_account(pushed: Paired) -> str:
    type = "account_type" if pushed.odoo.series >= "16.0" else "internal_type"
    types = "'asset_receivable', 'liability_payable', 'receivable', 'payable'"
    return f"account_id IN (SELECT id FROM account_account WHERE {type} IN ({types}))"
