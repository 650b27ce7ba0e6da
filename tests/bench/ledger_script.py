"""The pattern of the benchmark's ledger. Runs inside `odoo shell` of any series.

One month of a small business, made through the ORM; `ledger.py` multiplies it in SQL.
"""

from __future__ import annotations

from typing import Any

from tests.odoo.books_script import Ledger, make_analytic_accounts

INVOICES = 24
PARTNERS = 7
RIGHTS = (
    "account.group_account_user",
    "analytic.group_analytic_accounting",
    "analytic.group_analytic_tags",  # up to 15
)
SALES, PURCHASES = ("400000", "450000"), ("600000", "612000", "630000")


def build_pattern(env: Any) -> None:
    make_admin_an_accountant(env)
    ledger = Ledger(env, env.ref("base.main_company"))
    shares = analytic_shares(ledger)
    for number in range(INVOICES):
        kind = "in_invoice" if number % 3 == 2 else "out_invoice"
        invoice = make_invoice(ledger, kind, number, shares[number % len(shares)])
        if number % 4 < 2:  # half of them are paid, every fourth in part only
            pay(ledger, invoice, part=0.25 if number % 4 else 1.0)


def make_admin_an_accountant(env: Any) -> None:
    """`admin` is the sync user, and the user of the peer."""
    admin = env.ref("base.user_admin")
    groups = "group_ids" if "group_ids" in admin._fields else "groups_id"
    for right in RIGHTS:
        group = env.ref(right, raise_if_not_found=False)
        admin.write({groups: [(4, group.id)]} if group else {})


def analytic_shares(ledger: Ledger) -> list[dict[str, Any]]:
    """Values for invoice lines: an analytic account before 16, then a distribution."""
    if "analytic_account_id" in ledger.env["account.move.line"]._fields:
        accounts = make_analytic_accounts(ledger, ("North", "South", "West"))
        return [{"analytic_account_id": account.id} for account in accounts]
    plan = ledger.env["account.analytic.plan"].create({"name": "Regions of the benchmark"})
    north, south = make_analytic_accounts(ledger, ("North", "South"), plan_id=plan.id)
    shares = ({north.id: 100}, {south.id: 100}, {north.id: 60, south.id: 40})
    return [{"analytic_distribution": share} for share in shares]


def make_invoice(ledger: Ledger, kind: str, number: int, share: dict[str, Any]) -> Any:
    """Three or four lines: one or two of goods, the tax, the receivable or payable."""
    codes = SALES if kind == "out_invoice" else PURCHASES
    tax = ledger.tax("sale" if kind == "out_invoice" else "purchase")
    label = f"[{number:05}] Delivered and accepted as ordered, position"
    price = 117.31 + 13.07 * number
    code = codes[number % len(codes)]
    lines = [ledger.line(f"{label} 1", code, price, tax, **share)]
    if number % 3:
        lines.append(ledger.line(f"{label} 2", codes[0], price / 4, tax, **share))
    return ledger.invoice(
        kind,
        f"Partner {number % PARTNERS} of the benchmark",
        f"2023-01-{number + 1:02}",
        lines,
        ref=f"Pattern {number}",
        invoice_date_due="2023-02-28",
    )


def pay(ledger: Ledger, invoice: Any, part: float) -> None:
    """An entry of the bank journal, reconciled with the invoice."""
    open_item = next(line for line in invoice.line_ids if line.account_id.reconcile)
    paid = round(-open_item.balance * part, 2)
    bank, account = ledger.journal("bank"), open_item.account_id
    values = {"partner_id": invoice.partner_id.id, "name": f"Transfer for {invoice.name}"}
    lines = [
        dict(values, account_id=bank.default_account_id.id, **debit_or_credit(-paid)),
        dict(values, account_id=account.id, **debit_or_credit(paid)),
    ]
    entry = ledger.entry(f"{invoice.ref} paid", "2023-01-28", lines, journal_id=bank.id)
    (open_item + entry.line_ids.filtered(lambda line: line.account_id == account)).reconcile()


def debit_or_credit(balance: float) -> dict[str, float]:
    return {"debit": max(balance, 0.0), "credit": max(-balance, 0.0)}
