"""Odoo's books by plain SQL, written by hand and by no code of the addon: what must have arrived.

Each stream is a SELECT of the contract's fields. Where series differ, the database itself is asked
which columns it has. Companies and language are those of the settings page.
"""

from dataclasses import dataclass
from typing import Any

from tests.odoo.server import Odoo

COMPANIES = "(SELECT res_company_id FROM monitr_connection_res_company_rel)"
LANGUAGE = "(SELECT language FROM monitr_connection)"
OURS = f"t.company_id IN {COMPANIES}"
OURS_OR_SHARED = f"(t.company_id IS NULL OR {OURS})"
POSTED_ITEM = (
    "SELECT FROM account_move_line i WHERE i.parent_state = 'posted' "
    f"AND i.account_id IS NOT NULL AND i.company_id IN {COMPANIES}"
)
STANDARD_TYPES = {  # of 14 and 15: the end of the type's XML id, and its name since 16
    "receivable": "asset_receivable",
    "payable": "liability_payable",
    "liquidity": "asset_cash",
    "credit_card": "liability_credit_card",
    "current_assets": "asset_current",
    "non_current_assets": "asset_non_current",
    "prepayments": "asset_prepayments",
    "fixed_assets": "asset_fixed",
    "current_liabilities": "liability_current",
    "non_current_liabilities": "liability_non_current",
    "equity": "equity",
    "unaffected_earnings": "equity_unaffected",
    "revenue": "income",
    "other_income": "income_other",
    "expenses": "expense",
    "depreciation": "expense_depreciation",
    "direct_costs": "expense_direct_cost",
    "off_sheet": "off_balance",
}


@dataclass(frozen=True)
class Select:
    """What to read of one stream: the SQL of each field, over `table` named `t`."""

    table: str
    fields: dict[str, str]
    where: str = "true"

    def rows(self, odoo: Odoo) -> list[tuple[Any, ...]]:
        fields = ", ".join(self.fields.values())
        return odoo.sql(f"SELECT {fields} FROM {self.table} t WHERE {self.where}")


class Columns:
    """The columns that this series' tables have."""

    def __init__(self, odoo: Odoo) -> None:
        rows = odoo.sql(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
        self._types = {(table, column): kind for table, column, kind in rows}

    def has(self, table: str, column: str = "id") -> bool:
        return (table, column) in self._types

    def first(self, table: str, *columns: str) -> str:
        """The first of the columns that the table has, or NULL."""
        return next((f"t.{column}" for column in columns if self.has(table, column)), "NULL")

    def of_plans(self) -> list[str]:
        """From 17 an analytic item has one column a root plan."""
        names = sorted(name for table, name in self._types if table == "account_analytic_line")
        plans = [name for name in names if name.startswith("x_plan") and name.endswith("_id")]
        return [f"t.{name}" for name in ("account_id", *plans)]

    def name(self, table: str, model: str) -> str:
        """The name in the chosen language, else as it was written first."""
        if self._types[table, "name"] == "jsonb":
            return text(f"COALESCE(NULLIF(t.name->>{LANGUAGE}, ''), t.name->>'en_US')")
        if not self.has("ir_translation"):
            return text("t.name")
        translation = (
            "SELECT NULLIF(max(r.value), '') FROM ir_translation r WHERE r.type = 'model' "
            f"AND r.name = '{model},name' AND r.res_id = t.id AND r.lang = {LANGUAGE}"
        )
        return text(f"COALESCE(({translation}), t.name)")


def selects(odoo: Odoo) -> dict[str, Select]:
    """For each stream what it must hold."""
    columns = Columns(odoo)
    return {
        "companies": companies(columns),
        "currencies": currencies(),
        "partners": partners(columns),
        "journals": journals(columns),
        "accounts": accounts(columns),
        "analytic_plans": analytic_plans(columns),
        "analytic_accounts": analytic_accounts(columns),
        "journal_entries": journal_entries(columns),
        "journal_items": journal_items(columns),
        "reconciliations": reconciliations(columns),
        "analytic_items": analytic_items(columns),
    }


def companies(columns: Columns) -> Select:
    has_branches = columns.has("res_company", "parent_path")
    fields = {
        "id": "t.id",
        "name": text("t.name"),
        "currency_id": "t.currency_id",
        "parent_id": "t.parent_id",
        "root_company_id": "split_part(t.parent_path, '/', 1)::int" if has_branches else "t.id",
        "fiscal_year_last_month": "t.fiscalyear_last_month::int",
        "fiscal_year_last_day": "t.fiscalyear_last_day",
        "fiscal_year_lock_date": date("t.fiscalyear_lock_date"),
        "tax_lock_date": date("t.tax_lock_date"),
        "hard_lock_date": date(columns.first("res_company", "hard_lock_date")),
    }
    return Select("res_company", fields, f"t.id IN {COMPANIES}")


def currencies() -> Select:
    fields = {
        "id": "t.id",
        "code": text("t.name"),
        "symbol": text("t.symbol"),
        "symbol_position": text("t.position"),
        "decimal_places": "t.decimal_places",
        "rounding": number("t.rounding"),
        "active": boolean("t.active"),
    }
    return Select("res_currency", fields)


def partners(columns: Columns) -> Select:
    fields = {
        "id": "t.id",
        "name": text(columns.first("res_partner", "complete_name", "display_name")),
        "reference": text("t.ref"),
        "vat": text("t.vat"),
        "parent_id": "t.parent_id",
        "commercial_partner_id": "t.commercial_partner_id",
        "company_id": "t.company_id",
        "is_company": boolean("t.is_company"),
        "active": boolean("t.active"),
    }
    is_visible = f"({OURS_OR_SHARED} OR NOT COALESCE(t.partner_share, false))"
    return Select("res_partner", fields, f"{is_visible} AND t.type IS DISTINCT FROM 'private'")


def journals(columns: Columns) -> Select:
    fields = {
        "id": "t.id",
        "name": columns.name("account_journal", "account.journal"),
        "code": text("t.code"),
        "type": "t.type",
        "company_id": "t.company_id",
        "currency_id": "t.currency_id",
        "default_account_id": "t.default_account_id",
        "active": boolean("t.active"),
    }
    return Select("account_journal", fields, OURS)


def accounts(columns: Columns) -> Select:
    fields = {
        "id": "t.id",
        "name": columns.name("account_account", "account.account"),
        "codes": "CASE WHEN t.code <> '' THEN json_build_object(t.company_id, t.code) END",
        "company_ids": "ARRAY[t.company_id]",
        "type": "t.account_type",
        "currency_id": "t.currency_id",
        "reconcile": boolean("t.reconcile"),
        "non_trade": columns.first("account_account", "non_trade"),
        "active": boolean(columns.first("account_account", "active")),
    }
    if columns.has("account_account", "deprecated"):
        fields["active"] = "NOT COALESCE(t.deprecated, false)"
    if columns.has("account_account", "user_type_id"):
        fields["type"] = STANDARD_TYPE
    if not columns.has("account_account", "code_store"):
        return Select("account_account", fields, OURS)
    companies = "FROM account_account_res_company_rel r WHERE r.account_account_id = t.id"
    companies += f" AND r.res_company_id IN {COMPANIES}"
    fields["codes"] = (
        "(SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(t.code_store) "
        f"WHERE value <> '' AND key::int IN {COMPANIES})"
    )
    fields["company_ids"] = f"(SELECT array_agg(r.res_company_id ORDER BY 1) {companies})"
    return Select("account_account", fields, f"EXISTS (SELECT {companies})")


STANDARD_TYPE = (
    "(SELECT CASE regexp_replace(d.name, '^data_(account_type_|account_)?', '') "
    + " ".join(f"WHEN '{before}' THEN '{since}'" for before, since in STANDARD_TYPES.items())
    + " END FROM ir_model_data d WHERE d.model = 'account.account.type' "
    "AND d.module = 'account' AND d.res_id = t.user_type_id)"
)


def analytic_plans(columns: Columns) -> Select:
    is_plan = columns.has("account_analytic_plan")
    table = "account_analytic_plan" if is_plan else "account_analytic_group"
    fields = {
        "id": "t.id",
        "name": columns.name(table, table.replace("_", ".")),
        "parent_id": "t.parent_id",
        "company_id": columns.first(table, "company_id"),
    }
    has_company = columns.has(table, "company_id")
    return Select(table, fields, OURS_OR_SHARED if has_company else "true")


def analytic_accounts(columns: Columns) -> Select:
    table = "account_analytic_account"
    fields = {
        "id": "t.id",
        "name": columns.name(table, "account.analytic.account"),
        "code": text("t.code"),
        "plan_id": columns.first(table, "plan_id", "group_id"),
        "company_id": "t.company_id",
        "partner_id": "t.partner_id",
        "active": boolean("t.active"),
    }
    return Select(table, fields, OURS_OR_SHARED)


def journal_entries(columns: Columns) -> Select:
    """Of OCA's closing of years, the step that an entry is; most are none."""
    closing_type = columns.first("account_move", "closing_type")
    fields = {
        "id": "t.id",
        "number": text("t.name"),
        "date": date("t.date"),
        "type": "t.move_type",
        "reference": text("t.ref"),
        "journal_id": "t.journal_id",
        "company_id": "t.company_id",
        "currency_id": "t.currency_id",
        "partner_id": "t.partner_id",
        "invoice_date": date("t.invoice_date"),
        "due_date": date("t.invoice_date_due"),
        "payment_reference": text("t.payment_reference"),
        "origin": text("t.invoice_origin"),
        "reversed_entry_id": "t.reversed_entry_id",
        "closing_type": f"NULLIF({closing_type}, 'none')",
    }
    return Select("account_move", fields, f"t.state = 'posted' AND {OURS}")


def journal_items(columns: Columns) -> Select:
    fields = {
        "id": "t.id",
        "entry_id": "t.move_id",
        "company_id": "t.company_id",
        "date": date("t.date"),
        "journal_id": "t.journal_id",
        "account_id": "t.account_id",
        "partner_id": "t.partner_id",
        "sequence": "COALESCE(t.sequence, 0)",
        "label": text("t.name"),
        "due_date": date("t.date_maturity"),
        "debit": number("t.debit"),
        "credit": number("t.credit"),
        "balance": number("t.balance"),
        "currency_id": "t.currency_id",
        "amount_currency": number("t.amount_currency"),
        "residual": number("t.amount_residual"),
        "residual_currency": number("t.amount_residual_currency"),
        "reconciled": boolean("t.reconciled"),
        "full_reconcile_id": "t.full_reconcile_id",
        "matching_number": text("t.matching_number"),
        "shares": SHARES
        if columns.has("account_move_line", "analytic_distribution")
        else TAG_SHARES,
    }
    where = f"t.parent_state = 'posted' AND t.account_id IS NOT NULL AND {OURS}"
    return Select("account_move_line", fields, where)


# Both: {"8,16": "60", "8": "40"}
SHARES = (
    "(SELECT json_object_agg(key, trim_scale(value::numeric)::text) "
    "FROM jsonb_each_text(t.analytic_distribution) WHERE key ~ '^[0-9,]+$')"
)
TAG_SHARES = (
    "(SELECT json_object_agg(account, trim_scale(share)::text) FROM ("
    "SELECT account, sum(share) AS share FROM ("
    "SELECT t.analytic_account_id AS account, 100::numeric AS share UNION ALL "
    "SELECT d.account_id, d.percentage::numeric FROM account_analytic_tag_account_move_line_rel r "
    "JOIN account_analytic_tag g ON g.id = r.account_analytic_tag_id "
    "JOIN account_analytic_distribution d ON d.tag_id = g.id "
    "WHERE r.account_move_line_id = t.id AND g.active_analytic_distribution"
    ") parts WHERE account IS NOT NULL GROUP BY account) shares)"
)


def reconciliations(columns: Columns) -> Select:
    table = "account_partial_reconcile"
    fields = {
        "id": "t.id",
        "company_id": "t.company_id",
        "debit_item_id": "t.debit_move_id",
        "credit_item_id": "t.credit_move_id",
        "date": date("t.max_date"),
        "amount": number("t.amount"),
        "debit_amount_currency": number("t.debit_amount_currency"),
        "credit_amount_currency": number("t.credit_amount_currency"),
        "full_reconcile_id": "t.full_reconcile_id",
        "exchange_entry_id": columns.first(table, "exchange_move_id"),
    }
    is_visible = f"EXISTS ({POSTED_ITEM} AND i.id IN (t.debit_move_id, t.credit_move_id))"
    return Select(table, fields, is_visible)


def analytic_items(columns: Columns) -> Select:
    table = "account_analytic_line"
    accounts = f"unnest(ARRAY[{', '.join(columns.of_plans())}])"
    fields = {
        "id": "t.id",
        "company_id": "t.company_id",
        "date": date("t.date"),
        "journal_item_id": columns.first(table, "move_line_id", "move_id"),
        "account_id": "t.general_account_id",
        "analytic_account_ids": (
            f"(SELECT array_agg(DISTINCT a ORDER BY a) FROM {accounts} a WHERE a IS NOT NULL)"
        ),
        "partner_id": "t.partner_id",
        "label": text("t.name"),
        "amount": number("t.amount"),
        "quantity": f"round({number('t.unit_amount')}, 10)",  # a floating point number
    }
    return Select(table, fields, OURS)


def text(expression: str) -> str:
    return f"NULLIF({expression}, '')"


def date(expression: str) -> str:
    return f"{expression}::text"


def number(expression: str) -> str:
    return f"COALESCE({expression}::numeric, 0)"


def boolean(expression: str) -> str:
    return f"COALESCE({expression}, false)"
