"""Works with OCA's addons as their users do. Runs inside `odoo shell`, in one company.

`work(env)` does what the installed addons can, and tells of each what it made.
"""

from __future__ import annotations

from datetime import date
from typing import Any

TYPES = {  # of 16 and later, and the XML ids of 14 and 15
    "asset_receivable": "receivable",
    "liability_payable": "payable",
    "expense": "expenses",
    "asset_fixed": "fixed_assets",
    "asset_current": "current_assets",
}


class Desk:
    """Where one works: a company's accounts and journals, and entries that are posted."""

    def __init__(self, env: Any, company: Any) -> None:
        self.env = env(context=dict(env.context, allowed_company_ids=company.ids, tz="UTC"))
        self.company = company.with_env(self.env)

    def account(self, type: str) -> Any:
        accounts = self.env["account.account"]
        if "account_type" in accounts._fields:
            found = accounts.search([("account_type", "=", type)])
        else:
            old = self.env.ref("account.data_account_type_" + TYPES[type])
            found = accounts.search([("user_type_id", "=", old.id)])
        owner = "company_ids" if "company_ids" in accounts._fields else "company_id"
        return found.filtered(lambda each: self.company in each[owner])[0]

    def journal(self) -> Any:
        found = [("type", "=", "general"), ("company_id", "=", self.company.id)]
        return self.env["account.journal"].search(found, limit=1)

    def partner(self, name: str) -> Any:
        return self.env["res.partner"].create({"name": name})

    def entry(self, day: str, amounts: list[tuple[Any, float]], partner: Any) -> Any:
        lines = [
            {
                "account_id": account.id,
                "partner_id": partner.id,
                "debit": max(amount, 0),
                "credit": max(-amount, 0),
            }
            for account, amount in amounts
        ]
        values = {"journal_id": self.journal().id, "date": day}
        entry = self.env["account.move"].create(
            dict(values, line_ids=[(0, 0, line) for line in lines])
        )
        entry.action_post()
        return entry


def merge(desk: Desk) -> Any:
    """Two partners with entries become one, by raw SQL."""
    partners = [desk.partner("Merged away"), desk.partner("Merged into")]
    for partner in partners:
        amounts = [(desk.account("asset_receivable"), 10), (desk.account("expense"), -10)]
        desk.entry("2025-03-03", amounts, partner)
    wizard = desk.env["base.partner.merge.automatic.wizard"].create({})
    wizard._merge([each.id for each in partners], partners[1])
    return partners[1].ids


def net(desk: Desk) -> Any:
    """What a partner owes is set off against what it is owed."""
    partner, expense = desk.partner("Buys and sells"), desk.account("expense")
    owes, is_owed = desk.account("asset_receivable"), desk.account("liability_payable")
    entries = desk.entry("2025-03-04", [(owes, 100), (expense, -100)], partner)
    entries += desk.entry("2025-03-05", [(is_owed, -60), (expense, 60)], partner)
    lines = entries.line_ids.filtered(lambda line: line.account_id in (owes + is_owed))
    context = {"active_model": "account.move.line", "active_ids": lines.ids}
    wizard = desk.env["account.move.make.netting"].with_context(**context)
    wizard.create({"journal_id": desk.journal().id}).button_compensate()
    return lines.filtered("reconciled").ids


def depreciate(desk: Desk) -> Any:
    """A machine of three years, of which one is written off."""
    profile = desk.env["account.asset.profile"].create(
        {
            "name": "Machines",
            "company_id": desk.company.id,
            "account_asset_id": desk.account("asset_fixed").id,
            "account_depreciation_id": desk.account("asset_fixed").id,
            "account_expense_depreciation_id": desk.account("expense").id,
            "journal_id": desk.journal().id,
            "method_time": "year",
            "method_number": 3,
            "method_period": "year",
        }
    )
    asset = desk.env["account.asset"].create(
        {
            "name": "Lathe",
            "profile_id": profile.id,
            "company_id": desk.company.id,
            "purchase_value": 3000,
            "date_start": "2025-01-01",
        }
    )
    asset.compute_depreciation_board()
    asset.validate()
    asset._compute_entries(date(2025, 12, 31))
    return asset.depreciation_line_ids.mapped("move_id").ids


def spread(desk: Desk) -> Any:
    """A cost that is estimated, over the months of a year."""
    made = desk.env["account.spread"].create(
        {
            "name": "Insurance",
            "invoice_type": "in_invoice",
            "debit_account_id": desk.account("asset_current").id,
            "credit_account_id": desk.account("expense").id,
            "journal_id": desk.journal().id,
            "estimated_amount": 1200,
            "spread_date": "2025-01-01",
        }
    )
    made.compute_spread_board()
    made.create_all_moves()
    return made.line_ids.mapped("move_id").ids


def reconcile(desk: Desk) -> Any:
    """Whatever fits together on the account of a partner."""
    partner, owes = desk.partner("Pays late"), desk.account("asset_receivable")
    for amount in (50, -50):
        desk.entry("2025-03-06", [(owes, amount), (desk.account("expense"), -amount)], partner)
    task = desk.env["account.mass.reconcile"].create({"name": "All", "account": owes.id})
    desk.env["account.mass.reconcile.method"].create(
        {"name": "mass.reconcile.simple.partner", "sequence": 1, "task_id": task.id}
    )
    task.run_reconcile()
    lines = [("partner_id", "=", partner.id), ("reconciled", "=", True)]
    return desk.env["account.move.line"].search(lines).ids


def audit(desk: Desk) -> Any:
    """Who changes partners is logged from now on."""
    model = desk.env["ir.model"].search([("model", "=", "res.partner")])
    rule = desk.env["auditlog.rule"].create({"name": "Partners", "model_id": model.id})
    if "subscribed" in dict(rule._fields["state"].selection):  # as on 14
        rule.subscribe()
    else:
        rule.write({"state": "confirmed"})
    partner = desk.partner("Watched")
    partner.write({"name": "Watched and renamed"})
    return partner.ids


WORK = {
    "partner_deduplicate_acl": merge,
    "account_netting": net,
    "account_asset_management": depreciate,
    "account_spread_cost_revenue": spread,
    "account_mass_reconcile": reconcile,
    "auditlog": audit,
}


def work(env: Any, company: str) -> dict[str, Any]:
    desk = Desk(env, env["res.company"].search([("name", "=", company)]))
    installed = env["ir.module.module"].search([("state", "=", "installed")]).mapped("name")
    return {addon: act(desk) for addon, act in WORK.items() if addon in installed}
