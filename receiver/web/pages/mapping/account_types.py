"""What the pages call Odoo's types of accounts."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

ACCOUNT_TYPES = {
    "asset_receivable": _l("Receivable"),
    "asset_cash": _l("Bank and cash"),
    "asset_current": _l("Current assets"),
    "asset_non_current": _l("Non-current assets"),
    "asset_prepayments": _l("Prepayments"),
    "asset_fixed": _l("Fixed assets"),
    "liability_payable": _l("Payable"),
    "liability_credit_card": _l("Credit card"),
    "liability_current": _l("Current liabilities"),
    "liability_non_current": _l("Non-current liabilities"),
    "equity": _l("Equity"),
    "equity_unaffected": _l("Current year earnings"),
    "income": _l("Income"),
    "income_other": _l("Other income"),
    "expense": _l("Expenses"),
    "expense_other": _l("Other expenses"),
    "expense_depreciation": _l("Depreciation"),
    "expense_direct_cost": _l("Cost of revenue"),
    "off_balance": _l("Off-balance sheet"),
}


def account_type(type: str | None) -> str:
    """A type of a later Odoo by Odoo's own name."""
    if type is None:
        return _("Not arrived yet")
    return str(ACCOUNT_TYPES.get(type, type))
