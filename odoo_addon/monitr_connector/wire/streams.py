"""Every stream and every field, once. All lists of fields elsewhere are derived from here.

``source`` names Odoo fields in order of preference: the first one that the running series knows is
read. Where a value is more than one field as it stands, ``rule`` names how it is made (the addon's
``columns.py`` writes each rule in SQL).
"""

from typing import Dict, NamedTuple, Optional, Tuple

from .marked import _lt
from .series import major_of

COMPANY_CURRENCY = "company currency"
OWN_CURRENCY = "currency of currency_id"
PERCENT = "percent"


class Field(NamedTuple):
    """One value of a record."""

    name: str
    type: str  # a key of values.TYPES
    label: str
    source: Tuple[str, ...]
    required: bool = False
    unit: str = ""
    rule: str = ""


class Stream(NamedTuple):
    """One kind of record. The first field is always ``id``, Odoo's own id."""

    name: str
    label: str
    models: Tuple[str, ...]  # Odoo models in order of preference, as for Field.source
    fields: Tuple[Field, ...]
    domain: Tuple[Tuple[str, str, object], ...] = ()
    dated_by: str = ""  # the Odoo field that a connection's start date is compared with
    visible_through: Tuple[str, ...] = ()  # Odoo fields to journal items; one must be visible

    @property
    def field_names(self) -> Tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def _field(name: str, type: str, label: str, *source: str, **more: object) -> Field:
    return Field(name, type, label, source or (name,), **more)  # type: ignore[arg-type]


def _id(label: str) -> Field:
    return _field("id", "id", label, required=True)


def _reference(name: str, label: str, *source: str, **more: object) -> Field:
    return _field(name, "id", label, *source, **more)


def _number(name: str, label: str, *source: str, unit: str = "", type: str = "integer") -> Field:
    """Odoo shows a missing number as zero, so on the wire a number is never absent."""
    return _field(name, type, label, *source, required=True, unit=unit)


def _money(name: str, label: str, *source: str, unit: str = COMPANY_CURRENCY) -> Field:
    return _number(name, label, *source, unit=unit, type="money")


def _boolean(name: str, label: str, *source: str, rule: str = "") -> Field:
    return _field(name, "boolean", label, *source, required=True, rule=rule)


COMPANIES = Stream(
    "companies",
    label=_lt("Companies"),
    models=("res.company",),
    fields=(
        _id("Company"),
        _field("name", "text", "Name"),
        _reference("currency_id", "Currency", required=True),
        _reference("parent_id", "Parent company"),
        _reference(
            "root_company_id",
            "Root company",
            "root_id",
            "id",
            required=True,
            rule="root_company",
        ),
        _number(
            "fiscal_year_last_month",
            "Last month of the fiscal year",
            "fiscalyear_last_month",
            unit="month, 1 to 12",
        ),
        _number(
            "fiscal_year_last_day",
            "Last day of the fiscal year",
            "fiscalyear_last_day",
            unit="day of the month",
        ),
        _field("fiscal_year_lock_date", "date", "Lock date", "fiscalyear_lock_date"),
        _field("tax_lock_date", "date", "Tax lock date"),
        _field("hard_lock_date", "date", "Hard lock date"),
    ),
)

CURRENCIES = Stream(
    "currencies",
    label=_lt("Currencies"),
    models=("res.currency",),
    fields=(
        _id("Currency"),
        _field("code", "text", "ISO 4217 code", "name"),
        _field("symbol", "text", "Symbol"),
        _field("symbol_position", "text", "Symbol before or after the amount", "position"),
        _number("decimal_places", "Decimal places", type="places"),
        _number("rounding", "Smallest unit", unit="this currency", type="quantity"),
        _boolean("active", "Active"),
    ),
)

PARTNERS = Stream(
    "partners",
    label=_lt("Partners"),
    models=("res.partner",),
    fields=(
        _id("Partner"),
        _field("name", "text", "Name", "complete_name", "display_name"),
        _field("reference", "text", "Reference", "ref"),
        _field("vat", "text", "Tax number"),
        _reference("parent_id", "Parent partner"),
        _reference("commercial_partner_id", "Commercial partner"),
        _reference("company_id", "Company"),
        _boolean("is_company", "Is a company"),
        _boolean("active", "Active"),
    ),
)

JOURNALS = Stream(
    "journals",
    label=_lt("Journals"),
    models=("account.journal",),
    fields=(
        _id("Journal"),
        _field("name", "text", "Name"),
        _field("code", "text", "Short code"),
        _field("type", "text", "Type", required=True),
        _reference("company_id", "Company", required=True),
        _reference("currency_id", "Currency"),
        _reference("default_account_id", "Default account"),
        _boolean("active", "Active"),
    ),
)

ACCOUNTS = Stream(
    "accounts",
    label=_lt("Chart of accounts"),
    models=("account.account",),
    fields=(
        _id("Account"),
        _field("name", "text", "Name"),
        _field(
            "codes",
            "codes",
            "Code in each root company",
            "code_store",
            "code",
            rule="account_codes",
        ),
        _field(
            "company_ids",
            "ids",
            "Companies",
            "company_ids",
            "company_id",
            required=True,
            rule="account_companies",
        ),
        _field(
            "type",
            "text",
            "Type",
            "account_type",
            "user_type_id",
            required=True,
            rule="account_type",
        ),
        _reference("currency_id", "Currency"),
        _boolean("reconcile", "Allows reconciliation"),
        _field("non_trade", "boolean", "Non-trade receivable or payable"),
        _boolean("active", "Active", "active", "deprecated", rule="account_active"),
    ),
)

ANALYTIC_PLANS = Stream(
    "analytic_plans",
    label=_lt("Analytic plans"),
    models=("account.analytic.plan", "account.analytic.group"),
    fields=(
        _id("Analytic plan"),
        _field("name", "text", "Name"),
        _reference("parent_id", "Parent plan"),
        _reference("company_id", "Company"),
    ),
)

ANALYTIC_ACCOUNTS = Stream(
    "analytic_accounts",
    label=_lt("Analytic accounts"),
    models=("account.analytic.account",),
    fields=(
        _id("Analytic account"),
        _field("name", "text", "Name"),
        _field("code", "text", "Reference"),
        _reference("plan_id", "Analytic plan", "plan_id", "group_id"),
        _reference("company_id", "Company"),
        _reference("partner_id", "Partner"),
        _boolean("active", "Active"),
    ),
)

JOURNAL_ENTRIES = Stream(
    "journal_entries",
    label=_lt("Journal entries"),
    models=("account.move",),
    fields=(
        _id("Journal entry"),
        _field("number", "text", "Number", "name"),
        _field("date", "date", "Accounting date", required=True),
        _field("type", "text", "Type", "move_type", required=True),
        _field("reference", "text", "Reference", "ref"),
        _reference("journal_id", "Journal", required=True),
        _reference("company_id", "Company", required=True),
        _reference("currency_id", "Currency", required=True),
        _reference("partner_id", "Partner"),
        _field("invoice_date", "date", "Invoice date"),
        _field("due_date", "date", "Due date", "invoice_date_due"),
        _field("payment_reference", "text", "Payment reference"),
        _field("origin", "text", "Source document", "invoice_origin"),
        _reference("reversed_entry_id", "Reversal of"),
        # Of OCA's account_fiscal_year_closing: "loss_profit", "closing", "opening" or "other".
        _field("closing_type", "text", "Step of a year's closing", rule="closing_type"),
    ),
    domain=(("state", "=", "posted"),),
    dated_by="date",
)

JOURNAL_ITEMS = Stream(
    "journal_items",
    label=_lt("Journal items"),
    models=("account.move.line",),
    fields=(
        _id("Journal item"),
        _reference("entry_id", "Journal entry", "move_id", required=True),
        _reference("company_id", "Company", required=True),
        _field("date", "date", "Accounting date", required=True),
        _reference("journal_id", "Journal"),
        _reference("account_id", "Account", required=True),
        _reference("partner_id", "Partner"),
        _number("sequence", "Position in the entry"),
        _field("label", "text", "Label", "name"),
        _field("due_date", "date", "Due date", "date_maturity"),
        _money("debit", "Debit"),
        _money("credit", "Credit"),
        _money("balance", "Balance"),
        _reference("currency_id", "Currency"),
        _money("amount_currency", "Amount in currency", unit=OWN_CURRENCY),
        _money("residual", "Residual", "amount_residual"),
        _money(
            "residual_currency",
            "Residual in currency",
            "amount_residual_currency",
            unit=OWN_CURRENCY,
        ),
        _boolean("reconciled", "Reconciled"),
        _reference("full_reconcile_id", "Full reconciliation"),
        _field("matching_number", "text", "Matching number"),
        _field(
            "shares",
            "shares",
            "Analytic shares",
            "analytic_distribution",
            "analytic_tag_ids",
            unit=PERCENT,
            rule="analytic_shares",
        ),
    ),
    # Sections and notes have no account; every other line must have one, in all series.
    domain=(("parent_state", "=", "posted"), ("account_id", "!=", False)),
    dated_by="date",
)

RECONCILIATIONS = Stream(
    "reconciliations",
    label=_lt("Reconciliations"),
    models=("account.partial.reconcile",),
    fields=(
        _id("Partial reconciliation"),
        _reference("company_id", "Company"),
        _reference("debit_item_id", "Debit journal item", "debit_move_id", required=True),
        _reference("credit_item_id", "Credit journal item", "credit_move_id", required=True),
        _field("date", "date", "Later date of both items", "max_date"),
        _money("amount", "Amount"),
        _money(
            "debit_amount_currency",
            "Amount in the debit item's currency",
            unit="currency of the debit item",
        ),
        _money(
            "credit_amount_currency",
            "Amount in the credit item's currency",
            unit="currency of the credit item",
        ),
        _reference("full_reconcile_id", "Full reconciliation"),
        _reference("exchange_entry_id", "Exchange difference entry", "exchange_move_id"),
    ),
    # Odoo has no company rule for this model: what a user may see follows from its items.
    visible_through=("debit_move_id", "credit_move_id"),
)

ANALYTIC_ITEMS = Stream(
    "analytic_items",
    label=_lt("Analytic items"),
    models=("account.analytic.line",),
    fields=(
        _id("Analytic item"),
        _reference("company_id", "Company", required=True),
        _field("date", "date", "Date", required=True),
        _reference("journal_item_id", "Journal item", "move_line_id", "move_id"),
        _reference("account_id", "Account", "general_account_id"),
        _field(
            "analytic_account_ids",
            "ids",
            "Analytic accounts",
            "account_id",
            rule="analytic_item_accounts",
        ),
        _reference("partner_id", "Partner"),
        _field("label", "text", "Label", "name"),
        _money("amount", "Amount"),
        _number(
            "quantity",
            "Quantity",
            "unit_amount",
            unit="unit of measure of the item",
            type="quantity",
        ),
    ),
    dated_by="date",
)

STREAMS = (
    COMPANIES,
    CURRENCIES,
    PARTNERS,
    JOURNALS,
    ACCOUNTS,
    ANALYTIC_PLANS,
    ANALYTIC_ACCOUNTS,
    JOURNAL_ENTRIES,
    JOURNAL_ITEMS,
    RECONCILIATIONS,
    ANALYTIC_ITEMS,
)  # in the order of a run: what is referred to comes before what refers to it

# Where the user may not read all of these, they are left out, and the ledger is not.
ANALYTIC_STREAMS = (ANALYTIC_PLANS, ANALYTIC_ACCOUNTS, ANALYTIC_ITEMS)

STREAMS_BY_NAME: Dict[str, Stream] = {stream.name: stream for stream in STREAMS}


# Since which series Odoo has a stream's first model; before, it has the next one.
FIRST_MODEL_SINCE = {ANALYTIC_PLANS.name: 16}


def model_in_series(stream: Stream, series: str) -> str:
    """The stream's model in an Odoo that cannot be asked; else it is the first that is there."""
    is_old = major_of(series) < FIRST_MODEL_SINCE.get(stream.name, 0)
    return stream.models[1 if is_old else 0]


def find_stream(name: str) -> Optional[Stream]:
    return STREAMS_BY_NAME.get(name)
