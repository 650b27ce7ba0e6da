"""Figures of the books as Odoo has them: by plain SQL of its own tables, by no code of ours."""

from decimal import Decimal

from tests.odoo import books_script
from tests.odoo.paired import SettingsPage

# Of both companies, and not of the third that Odoo's demo data may bring.
BOOKS = (
    "(SELECT l.* FROM account_move_line l JOIN res_company c ON c.id = l.company_id "
    f"WHERE l.parent_state = 'posted' AND l.account_id IS NOT NULL "
    f"AND c.name IN ('{books_script.COMPANY_A}', '{books_script.COMPANY_B}')) books"
)
LONG_AGO = "1990-01-01"
FIRST_DAYS = {books_script.COMPANY_A: "01-01", books_script.COMPANY_B: "07-01"}  # of fiscal years


def set_fiscal_years(page: SettingsPage) -> None:
    """As FIRST_DAYS has them; the other company's are Odoo's default."""
    june = {"fiscalyear_last_month": "6", "fiscalyear_last_day": 30}
    page.odoo.call("res.company", "write", [page.company_id(books_script.COMPANY_B)], june)


def balances_in_odoo(
    pair: SettingsPage, company: str, first: str, last: str, kind: str = "true"
) -> dict[int, Decimal]:
    """What moved between these days, on accounts of that kind."""
    rows = pair.odoo.sql(
        f"SELECT account_id, sum(balance) FROM {BOOKS} WHERE company_id = %s"
        f" AND date BETWEEN %s AND %s AND account_id IN"
        f" (SELECT id FROM account_account WHERE {kind}) GROUP BY 1 HAVING sum(balance) <> 0",
        [pair.company_id(company), first, last],
    )
    return dict(rows)


def results_in_odoo(pair: SettingsPage, company: str, first: str, last: str) -> dict[int, Decimal]:
    """The same of income and expenses alone."""
    column = "account_type" if pair.odoo.series >= "16.0" else "internal_group"
    kind = f"(starts_with({column}, 'income') OR starts_with({column}, 'expense'))"
    return balances_in_odoo(pair, company, first, last, kind)


def fiscal_year_start(company: str, day: str) -> str:
    """Odoo computes it only where its Enterprise reports are."""
    year, first = int(day[:4]), FIRST_DAYS[company]
    return f"{year}-{first}" if day[5:] >= first else f"{year - 1}-{first}"


def currency_in_odoo(pair: SettingsPage, company: str) -> str:
    [(code,)] = pair.odoo.sql(
        "SELECT r.name FROM res_company c JOIN res_currency r ON r.id = c.currency_id"
        " WHERE c.name = %s",
        [company],
    )
    return str(code)


def shares_in_odoo(pair: SettingsPage) -> dict[int, dict[str, Decimal]]:
    if pair.odoo.series >= "16.0":
        rows = pair.odoo.sql(
            f"SELECT id, key, value::numeric FROM {BOOKS}, jsonb_each_text(analytic_distribution)"
        )
    else:
        rows = pair.odoo.sql(
            "SELECT id, account::text, sum(percentage)::numeric FROM ("
            "SELECT id, analytic_account_id AS account, 100 AS percentage "
            f"FROM {BOOKS} WHERE analytic_account_id IS NOT NULL UNION ALL "
            f"SELECT books.id, d.account_id, d.percentage FROM {BOOKS} "
            "JOIN account_analytic_tag_account_move_line_rel r "
            "ON r.account_move_line_id = books.id "
            "JOIN account_analytic_tag t ON t.id = r.account_analytic_tag_id "
            "JOIN account_analytic_distribution d ON d.tag_id = t.id "
            "WHERE t.active_analytic_distribution) s GROUP BY id, account"
        )
    shares: dict[int, dict[str, Decimal]] = {}
    for id, accounts, percentage in rows:
        shares.setdefault(id, {})[accounts] = Decimal(percentage)
    return shares


def allocated_in_odoo(
    pair: SettingsPage, company: str, first: str, last: str
) -> dict[int, Decimal]:
    """What the shares give each analytic account of the results, exactly; income is positive."""
    results = results_in_odoo(pair, company, first, last)
    balances = pair.odoo.sql(
        f"SELECT id, account_id, balance FROM {BOOKS} WHERE company_id = %s"
        " AND date BETWEEN %s AND %s",
        [pair.company_id(company), first, last],
    )
    shares = shares_in_odoo(pair)
    allocated: dict[int, Decimal] = {}
    for id, account_id, balance in balances:
        if account_id in results:
            for accounts, percentage in shares.get(id, {}).items():
                for each in map(int, accounts.split(",")):
                    allocated[each] = allocated.get(each, Decimal(0)) - balance * percentage / 100
    return {id: amount for id, amount in allocated.items() if amount}
