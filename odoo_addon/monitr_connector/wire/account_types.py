"""The types of accounts in Odoo 14 and 15, where they are records, under their later names."""

from typing import Dict

STANDARD_TYPES: Dict[str, str] = {  # {XML id: the type's name since 16}
    "account.data_account_type_receivable": "asset_receivable",
    "account.data_account_type_payable": "liability_payable",
    "account.data_account_type_liquidity": "asset_cash",
    "account.data_account_type_credit_card": "liability_credit_card",
    "account.data_account_type_current_assets": "asset_current",
    "account.data_account_type_non_current_assets": "asset_non_current",
    "account.data_account_type_prepayments": "asset_prepayments",
    "account.data_account_type_fixed_assets": "asset_fixed",
    "account.data_account_type_current_liabilities": "liability_current",
    "account.data_account_type_non_current_liabilities": "liability_non_current",
    "account.data_account_type_equity": "equity",
    "account.data_unaffected_earnings": "equity_unaffected",
    "account.data_account_type_revenue": "income",
    "account.data_account_type_other_income": "income_other",
    "account.data_account_type_expenses": "expense",
    "account.data_account_type_depreciation": "expense_depreciation",
    "account.data_account_type_direct_costs": "expense_direct_cost",
    "account.data_account_off_sheet": "off_balance",
}
