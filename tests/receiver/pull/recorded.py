"""Odoos of each series as their answers show them: what fields_get and search_read said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from receiver.errors import MonitrError
from receiver.pull.scope import OdooInScope, Scope

Rows = list[dict[str, Any]]


class NoSuchModel(MonitrError):
    pass


@dataclass
class Recorded:
    """Answers with what was recorded; `rows` may depend on the first company of the context."""

    series: str
    fields: dict[str, dict[str, dict[str, Any]]]  # {model: {field: attributes}}
    rows: dict[str | tuple[str, int], Rows] = field(default_factory=dict)

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        if model not in self.fields and model not in self.rows:
            raise NoSuchModel
        if method == "fields_get":
            return self.fields[model]
        first_company = arguments["context"]["allowed_company_ids"][0]
        return self.rows.get((model, first_company), self.rows.get(model, []))

    def in_scope(self, *company_ids: int) -> OdooInScope:
        return OdooInScope(self, Scope(company_ids or (1,), "fr_FR"))


def column(type: str = "char", **more: Any) -> dict[str, Any]:
    return {"type": type, "store": True, **more}


def reference(to: str) -> dict[str, Any]:
    return column("many2one", relation=to)


COMPANY = reference("res.company")
CURRENCY = reference("res.currency")
CODE_OF_18 = {"type": "char", "store": False}
COMPANIES_OF_18 = column("many2many", relation="res.company")
ANALYTIC_ACCOUNT = reference("account.analytic.account")

ACCOUNT = {"name": column(translate=True), "currency_id": CURRENCY, "reconcile": column("boolean")}
ACCOUNT_14 = {
    **ACCOUNT,
    "id": column("integer"),
    "code": column(),
    "company_id": COMPANY,
    "user_type_id": reference("account.account.type"),
    "internal_type": column("selection"),
    "internal_group": column("selection"),
    "deprecated": column("boolean"),
}
ACCOUNT_16 = {
    **ACCOUNT,
    "id": column("integer"),
    "code": column(),
    "company_id": COMPANY,
    "account_type": column("selection"),
    "non_trade": column("boolean"),
    "deprecated": column("boolean"),
}
ACCOUNT_18 = {
    **ACCOUNT,
    "id": column("integer"),
    "code": CODE_OF_18,
    "company_ids": COMPANIES_OF_18,
    "account_type": column("selection"),
    "non_trade": column("boolean"),
    "deprecated": column("boolean"),
}
ACCOUNT_19 = {
    **{name: known for name, known in ACCOUNT_18.items() if name != "deprecated"},
    "active": column("boolean"),
}

MONEY = column("monetary")
ITEM = {
    "id": column("integer"),
    "move_id": reference("account.move"),
    "company_id": COMPANY,
    "date": column("date"),
    "journal_id": reference("account.journal"),
    "account_id": reference("account.account"),
    "partner_id": reference("res.partner"),
    "sequence": column("integer"),
    "name": column(),
    "date_maturity": column("date"),
    **{name: MONEY for name in ("debit", "credit", "balance", "amount_currency")},
    **{name: MONEY for name in ("amount_residual", "amount_residual_currency")},
    "currency_id": CURRENCY,
    "reconciled": column("boolean"),
    "full_reconcile_id": reference("account.full.reconcile"),
    "matching_number": column(),
}
ITEM_14 = {
    **ITEM,
    "analytic_account_id": ANALYTIC_ACCOUNT,
    "analytic_tag_ids": column("many2many", relation="account.analytic.tag"),
}
ITEM_16 = {**ITEM, "analytic_distribution": column("json")}

ANALYTIC_ITEM = {
    "id": column("integer"),
    "company_id": COMPANY,
    "date": column("date"),
    "general_account_id": reference("account.account"),
    "account_id": ANALYTIC_ACCOUNT,
    "partner_id": reference("res.partner"),
    "name": column(),
    "amount": MONEY,
    "unit_amount": column("float"),
}
ANALYTIC_ITEM_14 = {**ANALYTIC_ITEM, "move_id": reference("account.move.line")}
ANALYTIC_ITEM_17 = {
    **ANALYTIC_ITEM,
    "move_line_id": reference("account.move.line"),
    "x_plan7_id": ANALYTIC_ACCOUNT,
    "auto_account_id": {**ANALYTIC_ACCOUNT, "store": False},
}

COMPANY_14 = {
    "id": column("integer"),
    "name": column(),
    "currency_id": CURRENCY,
    "parent_id": COMPANY,
    "fiscalyear_last_month": column("selection"),
    "fiscalyear_last_day": column("integer"),
    "fiscalyear_lock_date": column("date"),
    "tax_lock_date": column("date"),
}
COMPANY_18 = {
    **COMPANY_14,
    "parent_path": column(),
    "root_id": {**column("many2one"), "store": False},
    "hard_lock_date": column("date"),
}
