"""Makes the test books. Runs inside `odoo shell` of any series; tests import the names it uses.

Everything a ledger can hold is here once or more, on fixed dates in 2024 and 2025, beside Odoo's
own demo data. Entries that tests look for carry one of the names below in `ref`.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

COMPANY_A = "Acme"  # USD, the main company
COMPANY_B = "Globex"  # EUR
LANGUAGE = "fr_FR"  # beside en_US

ACCOUNTANT_A = "accountant_a"  # Acme only
ACCOUNTANT_AB = "accountant_ab"  # both companies
ACCOUNTANT_NO_ANALYTIC = "accountant_no_analytic"  # Acme only, without the analytic groups
BILLING_ONLY = "billing_only"
PLAIN_USER = "plain_user"
USERS = (ACCOUNTANT_A, ACCOUNTANT_AB, ACCOUNTANT_NO_ANALYTIC, BILLING_ONLY, PLAIN_USER)

LARGE_ENTRY = "Ten thousand lines"
LARGE_ENTRY_LINES = 10_000
NASTY_ENTRY = "Nasty labels"
ARCHIVED_ENTRY = "Archived account, journal and partner"
OFF_BALANCE_ENTRY = "Off balance"
FOREIGN_ACCOUNT_ENTRY = "Account with a currency"
SECTION_INVOICE = "Invoice with a section and a note"
INSTALMENTS_INVOICE = "Invoice in two instalments"
ANALYTIC_BILL = "Bill with analytic shares"
EXCHANGE_INVOICE = "Invoice paid at another rate"
BANK_STATEMENT_LINE = "Bank statement line"

# Entries that are no ledger: one of each kind in each company.
DRAFT = "Draft"
CANCELLED = "Cancelled"
RESET_TO_DRAFT = "Posted, then reset to draft"

ACCOUNT_WITHOUT_TRANSLATION = "600000"
TRANSLATED_NAMES = {"400000": "Ventes de produits", "121000": "Clients", "211000": "Fournisseurs"}
TRANSLATED_JOURNAL = "Factures de vente"
TRANSLATED_ANALYTIC_ACCOUNT = "Région Nord"

NASTY_LABELS = (
    "tab\there",
    "line\nbreak",
    "carriage\r\nreturn",
    "back\\slash and \\\\ two",
    "\\N",
    "\\.",
    "a \\t that is no tab",
    "'single' \"double\" `back`",
    "comma, semicolon; pipe|",
    '{"json": [null, "x"]} <b>&amp;</b> %s %(x)s {0} $1',
    "emoji \U0001f9fe\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "漢字かな交じり文 한국어",
    "עברית and العربية \u202ereversed\u202c",
    "e\u0301 is not \u00e9; \u00a0no-break\u2028line separator",
    "control \x01\x07\x1b\x7f",
    "  leading and trailing  ",
    " ",
    "",
    "0",
    "NULL",
    "long " + "0123456789 äöü€ " * 1250,
)

TWO_YEARS = [(year, month) for year in (2024, 2025) for month in range(1, 13)]
LINE_AMOUNTS = {"debit", "credit", "balance", "amount_currency"}
LINE_AMOUNTS |= {"price_unit", "price_subtotal", "price_total"}
ENTRY_TOTALS = {"amount_total", "amount_total_signed", "amount_total_in_currency_signed"}
RATES = {  # units for one US dollar, from that day on
    "EUR": {"2023-12-31": 0.90, "2024-06-01": 0.93, "2025-01-01": 0.96, "2025-07-01": 0.85},
    "JPY": {"2023-12-31": 141.0, "2024-06-01": 157.31, "2025-01-01": 157.2, "2025-07-01": 144.17},
    "KWD": {"2023-12-31": 0.3072, "2025-01-01": 0.30835},
}


def build(env: Any) -> None:
    env["res.lang"]._activate_lang(LANGUAGE)
    acme, globex = make_companies(env)
    make_users(env, acme, globex)
    make_invoices(acme, TWO_YEARS)
    make_invoices(globex, TWO_YEARS[::3])
    for ledger in (acme, globex):
        make_payments(ledger)
        make_exchange_difference(ledger)
        make_entries_that_are_no_ledger(ledger)
        make_entry_on_archived(ledger)
    make_invoices_in_odd_currencies(acme)
    make_special_invoices(acme)
    make_special_entries(acme)
    make_bank_statement_lines(acme)
    make_analytic_bill(acme)
    make_nasty_entry(acme)
    make_large_entry(acme)
    translate(acme)


class Ledger:
    """The books of one company, written the same way in every series."""

    def __init__(self, env: Any, company: Any) -> None:
        self.env = env(context=dict(env.context, allowed_company_ids=company.ids, tz="UTC"))
        self.company = company.with_env(self.env)
        self.home = self.company.currency_id
        self.foreign = self.currency("EUR" if self.home.name == "USD" else "USD")

    def currency(self, name: str) -> Any:
        currencies = self.env["res.currency"].with_context(active_test=False)
        return currencies.search([("name", "=", name)])

    def account(self, code: str) -> Any:
        accounts = self.env["account.account"]
        owner = "company_ids" if "company_ids" in accounts._fields else "company_id"
        return accounts.search([("code", "=", code), (owner, "in", self.company.ids)]).ensure_one()

    def make_account(self, code: str, name: str, kind: str, **values: Any) -> Any:
        accounts = self.env["account.account"]
        if "account_type" in accounts._fields:
            values["account_type"] = kind
        else:
            values["user_type_id"] = self.env.ref(
                {
                    "expense": "account.data_account_type_expenses",
                    "asset_cash": "account.data_account_type_liquidity",
                    "off_balance": "account.data_account_off_sheet",
                }[kind]
            ).id
        return accounts.create(dict(values, code=code, name=name))

    def journal(self, kind: str) -> Any:
        mine = [("type", "=", kind), ("company_id", "=", self.company.id)]
        return self.env["account.journal"].search(mine, limit=1)

    def tax(self, kind: str) -> Any:
        mine = [("type_tax_use", "=", kind), ("company_id", "=", self.company.id)]
        return self.env["account.tax"].search([*mine, ("amount", "=", 15)], limit=1)

    def partner(self, name: str) -> Any:
        partners = self.env["res.partner"]
        found = partners.search([("name", "=", name)], limit=1)
        return found or partners.create({"name": name, "is_company": True})

    def invoice(
        self, kind: str, partner: str, date: str, lines: list[dict[str, Any]], **values: Any
    ) -> Any:
        """A posted invoice, bill or credit note of `lines` as `line()` makes them."""
        values = dict({"invoice_date": date, "date": date, "invoice_date_due": date}, **values)
        values.update(move_type=kind, partner_id=self.partner(partner).id)
        values["invoice_line_ids"] = [(0, 0, line) for line in lines]
        invoice = self.env["account.move"].create(values)
        invoice.action_post()
        return invoice

    def line(
        self, label: str, code: str, price: float, tax: Any = None, **values: Any
    ) -> dict[str, Any]:
        values = dict({"quantity": 1}, **values)
        values.update(name=label, account_id=self.account(code).id, price_unit=price)
        values["tax_ids"] = [(6, 0, tax.ids if tax else [])]
        return values

    def entry(self, ref: str, date: str, lines: list[dict[str, Any]], **values: Any) -> Any:
        """A posted entry of `lines`: dictionaries of debit, credit and so on."""
        entry = self.draft_entry(ref, date, lines, **values)
        entry.action_post()
        return entry

    def draft_entry(self, ref: str, date: str, lines: list[dict[str, Any]], **values: Any) -> Any:
        values = dict({"journal_id": self.journal("general").id}, **values)
        values.update(move_type="entry", ref=ref, date=date)
        values["line_ids"] = [(0, 0, line) for line in lines]
        return self.env["account.move"].create(values)

    def pay(self, invoices: Any, date: str, **values: Any) -> None:
        """Register one payment for the invoices, as the button does; in full unless `amount`."""
        context = {"active_model": "account.move", "active_ids": invoices.ids}
        values = dict({"payment_date": date, "journal_id": self.journal("bank").id}, **values)
        values["group_payment"] = len(invoices) > 1
        wizard = self.env["account.payment.register"].with_context(**context).create(values)
        wizard.action_create_payments()


def make_companies(env: Any) -> tuple[Ledger, Ledger]:
    currencies = env["res.currency"].with_context(active_test=False)
    currencies.search([("name", "in", list(RATES))]).active = True
    main = env.ref("base.main_company")
    main.name = COMPANY_A
    euro = {"currency_id": env.ref("base.EUR").id}
    second = env["res.company"].create(dict(euro, name=COMPANY_B))
    load_generic_chart(env, second)
    second.write(euro)  # the chart came with its own
    acme, globex = Ledger(env, main), Ledger(env, second)
    make_rates(acme, dict(RATES, USD={"2023-12-31": 1.0}))
    dollars = {day: 1 / euros for day, euros in RATES["EUR"].items()}
    make_rates(globex, {"EUR": {"2023-12-31": 1.0}, "USD": dollars})
    return acme, globex


def load_generic_chart(env: Any, company: Any) -> None:
    charts = env["account.chart.template"]
    if charts._abstract:  # 17 and later
        charts.try_loading("generic_coa", company=company, install_demo=False)
        return
    chart = env.ref("l10n_generic_coa.configurable_chart_template")
    has_demo = "install_demo" in signature(chart.try_loading).parameters  # not in 14
    chart.try_loading(company=company, **({"install_demo": False} if has_demo else {}))


def make_rates(ledger: Ledger, rates: dict[str, dict[str, float]]) -> None:
    for name, days in rates.items():
        for day, rate in days.items():
            values = {"name": day, "rate": rate, "company_id": ledger.company.id}
            ledger.currency(name).write({"rate_ids": [(0, 0, values)]})


def make_users(env: Any, acme: Ledger, globex: Ledger) -> None:
    """Users whose password is their login. `admin` gets both companies."""
    accountant = ["account.group_account_user"]
    analytic = ["analytic.group_analytic_accounting"]
    if env.ref("analytic.group_analytic_tags", raise_if_not_found=False):
        analytic.append("analytic.group_analytic_tags")
    only_a, both = [acme.company.id], [acme.company.id, globex.company.id]
    make_user(env, ACCOUNTANT_A, accountant + analytic, only_a)
    make_user(env, ACCOUNTANT_AB, accountant + analytic, both)
    make_user(env, ACCOUNTANT_NO_ANALYTIC, accountant, only_a)
    make_user(env, BILLING_ONLY, ["account.group_account_invoice"], only_a)
    make_user(env, PLAIN_USER, [], only_a)
    env.ref("base.user_admin").company_ids = [(4, globex.company.id)]


def make_user(env: Any, login: str, groups: list[str], companies: list[int]) -> None:
    users = env["res.users"].with_context(no_reset_password=True)
    group_ids = [env.ref(group).id for group in ["base.group_user", *groups]]
    users.create(
        {
            "name": login.replace("_", " ").title(),
            "login": login,
            "password": login,
            "company_id": companies[0],
            "company_ids": [(6, 0, companies)],
            "group_ids" if "group_ids" in users._fields else "groups_id": [(6, 0, group_ids)],
        }
    )


def make_invoices(ledger: Ledger, months: list[tuple[int, int]]) -> None:
    """Invoices and every second time a bill, over two years: paid, half paid, open, credited."""
    sales, purchases = ledger.tax("sale"), ledger.tax("purchase")
    for number, (year, month) in enumerate(months):
        date, due = f"{year}-{month:02}-10", f"{year}-{month:02}-28"
        lines = [
            ledger.line(f"Sale {number}", "400000", 100.01 + number * 33.33, sales),
            ledger.line(f"Freight {number}", "450000", 9.99),
        ]
        customer = f"Customer {number % 3}"
        invoice = ledger.invoice("out_invoice", customer, date, lines, invoice_date_due=due)
        settle_invoice(ledger, invoice, number, due)
        if number % 2:
            lines = [ledger.line(f"Rent {number}", "612000", 750.5 + number, purchases)]
            ledger.invoice("in_invoice", f"Supplier {number % 2}", date, lines, ref=f"R{number}")


def settle_invoice(ledger: Ledger, invoice: Any, number: int, date: str) -> None:
    if number % 4 == 0:
        ledger.pay(invoice, date)
    if number % 4 == 1:
        ledger.pay(invoice, date, amount=50.25)
    if number % 8 == 2:
        credit_note = invoice._reverse_moves([{"date": date, "invoice_date": date}], cancel=True)
        credit_note.ref = f"Credit note {number}"


def make_payments(ledger: Ledger) -> None:
    """One payment for two invoices, and one in two parts."""
    first, second, third = (
        ledger.invoice("out_invoice", "Customer 9", f"2025-0{month}-05", lines)
        for month, lines in enumerate(
            [[ledger.line(f"Several {n}", "400000", 200.0 + n)] for n in range(3)], start=1
        )
    )
    ledger.pay(first + second, "2025-04-01")
    ledger.pay(third, "2025-04-02", amount=100.0)
    ledger.pay(third, "2025-05-02", amount=102.0)


def make_exchange_difference(ledger: Ledger) -> None:
    lines = [ledger.line("Foreign sale", "400000", 1000.0)]
    values = {"currency_id": ledger.foreign.id, "ref": EXCHANGE_INVOICE}
    invoice = ledger.invoice("out_invoice", "Customer 1", "2024-03-01", lines, **values)
    ledger.pay(invoice, "2024-07-01", amount=400.0, currency_id=ledger.foreign.id)
    ledger.pay(invoice, "2025-08-01", amount=600.0, currency_id=ledger.foreign.id)


def make_entries_that_are_no_ledger(ledger: Ledger) -> None:
    ledger.entry(RESET_TO_DRAFT, "2024-02-01", two_lines(ledger, 12.34)).button_draft()
    ledger.draft_entry(DRAFT, "2024-02-02", two_lines(ledger, 23.45))
    ledger.draft_entry(CANCELLED, "2024-02-03", two_lines(ledger, 34.56)).button_cancel()


def two_lines(ledger: Ledger, amount: float) -> list[dict[str, Any]]:
    return [
        {"name": "Debit", "account_id": ledger.account("600000").id, "debit": amount},
        {"name": "Credit", "account_id": ledger.account("101000").id, "credit": amount},
    ]


def make_entry_on_archived(ledger: Ledger) -> None:
    env = ledger.env
    account = ledger.make_account("690001", "Account of the past", "expense")
    journal = env["account.journal"].create(
        {
            "name": "Journal of the past",
            "code": "PAST",
            "type": "general",
            "company_id": ledger.company.id,
        }
    )
    partner = ledger.partner(f"Partner of the past of {ledger.company.name}")
    lines = two_lines(ledger, 77.7)
    lines[0].update(account_id=account.id, partner_id=partner.id)
    ledger.entry(ARCHIVED_ENTRY, "2024-01-31", lines, journal_id=journal.id)
    for record in (account, journal, partner):
        archive = {"active": False} if "active" in record._fields else {"deprecated": True}
        record.write(archive)


def make_invoices_in_odd_currencies(ledger: Ledger) -> None:
    """No decimals, three decimals; a unit price has two."""
    for currency, price, quantity in (("JPY", 150001, 1), ("KWD", 12345.67, 0.1)):
        lines = [ledger.line(f"Sale in {currency}", "400000", price, quantity=quantity)]
        values = {"currency_id": ledger.currency(currency).id, "ref": f"Invoice in {currency}"}
        ledger.invoice("out_invoice", "Customer 2", "2024-09-09", lines, **values)


def make_special_invoices(ledger: Ledger) -> None:
    lines = [
        {"name": "A section", "display_type": "line_section"},
        ledger.line("Below the section", "400000", 10.0),
        {"name": "A note", "display_type": "line_note"},
    ]
    ledger.invoice("out_invoice", "Customer 0", "2024-05-05", lines, ref=SECTION_INVOICE)
    terms = ledger.env["account.payment.term"].search([])
    instalments = terms.filtered(lambda term: len(term.line_ids) == 2)[:1]
    values = {"invoice_payment_term_id": instalments.id, "invoice_date_due": False}
    lines = [ledger.line("Paid in two parts", "400000", 1000.0)]
    values["ref"] = INSTALMENTS_INVOICE
    ledger.invoice("out_invoice", "Customer 0", "2025-05-05", lines, **values)


def make_special_entries(ledger: Ledger) -> None:
    euro = ledger.foreign.id
    bank = ledger.make_account("101499", "Bank in euro", "asset_cash", currency_id=euro)
    lines = two_lines(ledger, 110.0)
    lines[0].update(account_id=bank.id, currency_id=euro, amount_currency=100.0)
    ledger.entry(FOREIGN_ACCOUNT_ENTRY, "2024-04-04", lines)
    lines = two_lines(ledger, 5000.0)
    for line, code in ((lines[0], "990001"), (lines[1], "990002")):
        line["account_id"] = ledger.make_account(code, f"Guarantee {code}", "off_balance").id
    ledger.entry(OFF_BALANCE_ENTRY, "2024-04-05", lines)


def make_bank_statement_lines(ledger: Ledger) -> None:
    lines = ledger.env["account.bank.statement.line"]
    journal = ledger.journal("bank")
    values = {"date": "2025-06-30", "payment_ref": BANK_STATEMENT_LINE, "journal_id": journal.id}
    if not lines._fields["statement_id"].required:
        lines.create([dict(values, amount=amount) for amount in (321.0, -45.6)])
        return
    statement = ledger.env["account.bank.statement"].create(
        {
            "date": "2025-06-30",
            "journal_id": journal.id,
            "line_ids": [(0, 0, dict(values, amount=amount)) for amount in (321.0, -45.6)],
        }
    )
    statement.balance_end_real = statement.balance_end
    statement.button_post()


def make_analytic_bill(ledger: Ledger) -> None:
    """One bill whose lines hold every form of analytic share the series knows."""
    if "account.analytic.tag" in ledger.env:
        shares = analytic_tags(ledger)
    else:
        shares = analytic_distributions(ledger)
    lines = [
        ledger.line(f"Analytic: {form}", "600000", 100.0 + number * 0.01, **share)
        for number, (form, share) in enumerate(shares.items())
    ]
    bill = ledger.invoice("in_invoice", "Supplier 1", "2024-11-11", lines, ref=ANALYTIC_BILL)
    if "account.analytic.plan" in ledger.env:
        leave_dangling_share(ledger, bill)


def analytic_tags(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """14 and 15: an account, tags, or both; a tag may stand for accounts and percentages."""
    env = ledger.env
    regions = env["account.analytic.group"].create({"name": "Regions"})
    north, south = make_analytic_accounts(ledger, ("North", "South"), group_id=regions.id)
    (project,) = make_analytic_accounts(ledger, ("Project X",))
    sixty_forty = make_tag(env, "60/40", {north: 60.0, south: 40.0})
    thirds = make_tag(env, "Thirds", {north: 33.33, project: 66.67})
    plain = make_tag(env, "Plain", {})
    return {
        "one account": {"analytic_account_id": north.id},
        "a distribution": {"analytic_tag_ids": [(6, 0, sixty_forty.ids)]},
        "thirds": {"analytic_tag_ids": [(6, 0, thirds.ids)]},
        "a tag without distribution": {"analytic_tag_ids": [(6, 0, plain.ids)]},
        "account and distribution": {
            "analytic_account_id": project.id,
            "analytic_tag_ids": [(6, 0, (sixty_forty + plain).ids)],
        },
        "two distributions": {"analytic_tag_ids": [(6, 0, (sixty_forty + thirds).ids)]},
    }


def make_tag(env: Any, name: str, shares: dict[Any, float]) -> Any:
    distribution = [
        (0, 0, {"account_id": account.id, "percentage": percentage})
        for account, percentage in shares.items()
    ]
    return env["account.analytic.tag"].create(
        {
            "name": name,
            "active_analytic_distribution": bool(shares),
            "analytic_distribution_ids": distribution,
        }
    )


def analytic_distributions(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """16 and later: percentages of accounts; from 17 on one key may join accounts of plans."""
    plans = ledger.env["account.analytic.plan"]
    regions, projects = plans.create([{"name": "Regions"}, {"name": "Projects of Acme"}])
    north, south = make_analytic_accounts(ledger, ("North", "South"), plan_id=regions.id)
    (project,) = make_analytic_accounts(ledger, ("Project X",), plan_id=projects.id)
    shares = {
        "one account": {f"{north.id}": 100},
        "60/40": {f"{north.id}": 60, f"{south.id}": 40},
        "thirds": {f"{north.id}": 33.33, f"{south.id}": 66.67},
        "over 100": {f"{north.id}": 100, f"{project.id}": 50},
        "under 100": {f"{south.id}": 12.5},
        "dangling": {f"{north.id}": 100},
    }
    if "parent_id" in plans._fields and "root_id" in plans._fields:
        both = f"{north.id},{project.id}"
        shares["two plans"] = {both: 100}
        shares["two plans and one"] = {both: 60, f"{south.id}": 40}
    return {form: {"analytic_distribution": share} for form, share in shares.items()}


def leave_dangling_share(ledger: Ledger, bill: Any) -> None:
    """As after the deletion of an analytic account: Odoo leaves its id in the distribution."""
    line = bill.line_ids.filtered(lambda line: line.name == "Analytic: dangling")
    ledger.env.cr.execute(
        "UPDATE account_move_line SET analytic_distribution = %s WHERE id = %s",
        ('{"999999": 100.0}', line.id),
    )


def make_analytic_accounts(ledger: Ledger, names: tuple[str, ...], **values: Any) -> list[Any]:
    accounts = ledger.env["account.analytic.account"]
    common = dict(values, company_id=ledger.company.id)
    return [accounts.create(dict(common, name=name, code=name[:1])) for name in names]


def make_nasty_entry(ledger: Ledger) -> None:
    sales, cash = ledger.account("400000").id, ledger.account("101000").id
    nasty = ledger.partner("Tab\t, back\\slash \\N and 'quote' S.à r.l. \U0001f9fe")
    lines = []
    for label in NASTY_LABELS:
        lines.append({"name": label, "account_id": sales, "credit": 0.01, "partner_id": nasty.id})
        lines.append({"name": label, "account_id": cash, "debit": 0.01})
    lines.append({"name": False, "account_id": cash})  # no label, no amount
    ledger.entry(NASTY_ENTRY, "2024-12-24", lines)


def make_large_entry(ledger: Ledger) -> None:
    """Debits and credits of changing amounts that balance pair by pair.

    A first pair is posted and then multiplied in SQL: Odoo 19 takes minutes for what this does in
    a second.
    """
    entry = ledger.entry(LARGE_ENTRY, "2025-12-31", two_lines(ledger, 0.01))
    flush(ledger.env)
    cr = ledger.env.cr
    columns = columns_of(cr, "account_move_line") - {"id"}
    factor = "(number * 7919 %% 100000 + 1)"
    values = {column: f"{column} * {factor}" for column in columns & LINE_AMOUNTS}
    values["name"] = "name || ' ' || number"
    cr.execute(
        f"INSERT INTO account_move_line ({', '.join(columns)}) "
        f"SELECT {', '.join(values.get(column, column) for column in columns)} "
        "FROM account_move_line, generate_series(2, %s) number WHERE move_id = %s",
        (LARGE_ENTRY_LINES // 2, entry.id),
    )
    cr.execute("SELECT sum(debit) / 0.01 FROM account_move_line WHERE move_id = %s", [entry.id])
    (factor,) = cr.fetchone()
    totals = columns_of(cr, "account_move") & ENTRY_TOTALS
    assignments = ", ".join(f"{column} = {column} * %(factor)s" for column in totals)
    cr.execute(
        f"UPDATE account_move SET {assignments} WHERE id = %(id)s",
        {"factor": factor, "id": entry.id},
    )


def columns_of(cr: Any, table: str) -> set[str]:
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return {name for (name,) in cr.fetchall()}


def flush(env: Any) -> None:
    """Write what Odoo still holds back, and forget what SQL is about to change."""
    records = env["account.move"]
    if hasattr(env, "flush_all"):
        env.flush_all()
        env.invalidate_all()
    else:
        records.flush()
        records.invalidate_cache()


def translate(ledger: Ledger) -> None:
    """Some names in the second language; the others must fall back on English."""
    for code, name in TRANSLATED_NAMES.items():
        ledger.account(code).with_context(lang=LANGUAGE).name = name
    ledger.journal("sale").with_context(lang=LANGUAGE).name = TRANSLATED_JOURNAL
    north = ledger.env["account.analytic.account"].search([("name", "=", "North")])
    north.with_context(lang=LANGUAGE).name = TRANSLATED_ANALYTIC_ACCOUNT
