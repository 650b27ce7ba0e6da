"""Books of two years as small companies keep them, always the same: for pages and their pictures.

Company 1 (fiscal year from July) and 2 (calendar year) are in EUR, company 3 in USD. Account 29 is
mapped by no template on its own: its type is not known.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.db.connections.connections import get_connection, update_from_hello
from receiver.db.engine import writing
from receiver.db.proof.proofs import Proof, insert_proof
from receiver.db.store.store import store
from tests.receiver.batches import incoming_of
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO

NOW = datetime(2025, 12, 31, 14, 2, tzinfo=UTC)
FIRST_MONTH, MONTHS = date(2024, 7, 1), 18
ACCOUNTS = {  # {id: (code, name, type)}
    10: ("550000", "Bank", "asset_cash"),
    12: ("400000", "Customers", "asset_receivable"),
    13: ("440000", "Suppliers", "liability_payable"),
    14: ("451000", "VAT due", "liability_current"),
    15: ("100000", "Capital", "equity"),
    16: ("230000", "Machines and equipment", "asset_fixed"),
    20: ("700000", "Sales of goods", "income"),
    21: ("705000", "Services", "income"),
    22: ("600000", "Purchases of goods", "expense_direct_cost"),
    23: ("610000", "Rent", "expense"),
    24: ("620000", "Wages and salaries", "expense"),
    25: ("630000", "Depreciation of machines", "expense_depreciation"),
    26: ("750000", "Interest received", "income_other"),
    27: ("642000", "Irrecoverable debts", "expense"),
}
COMPANIES = {
    1: ("Acme Belgium", 1, 6, 30),
    2: ("Acme Services", 1, 12, 31),
    3: ("Acme US", 2, 12, 31),
}
PLANS = {1: "Departments", 2: "Projects"}
ANALYTIC_ACCOUNTS = {1: ("Workshop", 1), 2: ("Webshop", 1), 3: ("Bridge to Antwerp", 2)}
PARTNERS = {1: "Brasserie De Ridder", 2: "Van Damme & Fils", 3: "Immo Centrum", 4: "Stahl GmbH"}

Amounts = tuple[tuple[int, str, int | None, list[tuple[tuple[int, ...], Decimal]] | None], ...]


def add_year_books(engine: Engine, name: str) -> None:
    """To the connection of that name: its books, a structure, and a proof that ties out."""
    with writing(engine) as db:
        id = get_connection(db, name).id
        update_from_hello(db, id, HELLO, NOW)
    for stream, records in _records().items():
        with writing(engine) as db:
            store(db, id, incoming_of(stream, records))
    with writing(engine) as db:
        create_structure(db, id, Starter("international"), NOW)
        insert_proof(db, id, _proof(), [], [])


def _records() -> dict[str, list[Record]]:
    entries, items = _ledger()
    return {
        "currencies": [
            record_of("currencies", id=1, code="EUR", decimal_places=2),
            record_of("currencies", id=2, code="USD", decimal_places=2),
        ],
        "companies": [
            record_of(
                "companies",
                id=id,
                name=company,
                currency_id=currency_id,
                root_company_id=id,
                fiscal_year_last_month=month,
                fiscal_year_last_day=day,
            )
            for id, (company, currency_id, month, day) in COMPANIES.items()
        ],
        "partners": [record_of("partners", id=id, name=each) for id, each in PARTNERS.items()],
        "journals": [record_of("journals", id=1, name="Miscellaneous", type="general")],
        "accounts": [
            record_of(
                "accounts",
                id=id,
                name=account,
                codes=dict.fromkeys(map(str, COMPANIES), code),
                company_ids=tuple(COMPANIES),
                type=type,
            )
            for id, (code, account, type) in ACCOUNTS.items()
        ],
        "analytic_plans": [
            record_of("analytic_plans", id=id, name=plan) for id, plan in PLANS.items()
        ],
        "analytic_accounts": [
            record_of("analytic_accounts", id=id, name=each, plan_id=plan_id)
            for id, (each, plan_id) in ANALYTIC_ACCOUNTS.items()
        ],
        "journal_entries": entries,
        "journal_items": items,
    }


def _ledger() -> tuple[list[Record], list[Record]]:
    entries: list[Record] = []
    items: list[Record] = []
    for entry_id, (company_id, day, number, amounts) in enumerate(_entries(), 1):
        partner_id = next((each[2] for each in amounts if each[2]), None)
        entries.append(
            record_of(
                "journal_entries",
                id=entry_id,
                number=number,
                date=day,
                company_id=company_id,
                partner_id=partner_id,
            )
        )
        for account_id, amount, partner, shares in amounts:
            value = Decimal(amount)
            item = journal_item(
                len(items) + 1,
                debit=str(max(value, Decimal(0))),
                credit=str(max(-value, Decimal(0))),
                entry_id=entry_id,
                company_id=company_id,
                account_id=account_id,
                partner_id=partner,
                date=day,
                journal_id=1,
                label=ACCOUNTS.get(account_id, ("", "Suspense", ""))[1],
                amount_currency=value,
                shares=shares,
            )
            items.append(item)
    return entries, items


def _entries() -> Iterator[tuple[int, date, str, Amounts]]:
    for company_id in COMPANIES:
        opening = (10, "250000.00", None, None), (15, "-250000.00", None, None)
        yield company_id, FIRST_MONTH, f"OPEN/{company_id}", opening
        machines = (16, "96000.00", 4, None), (10, "-96000.00", 4, None)
        yield company_id, FIRST_MONTH + timedelta(9), f"BNK/2024/{company_id}", machines
        for month in range(MONTHS):
            yield from _month(company_id, month)


def _month(company_id: int, month: int) -> Iterator[tuple[int, date, str, Amounts]]:
    year, number = divmod(6 + month, 12)
    first = date(2024 + year, number + 1, 1)
    stem = f"{first:%Y/%m}/{company_id}"
    factor = Decimal(100 + (month * 37) % 41 + 11 * company_id) / 100
    amounts = {
        each: str((value * factor).quantize(Decimal("0.01"))) for each, value in BASE.items()
    }
    workshop = [((1,), Decimal(60)), ((2,), Decimal(40))]
    yield (
        company_id,
        first + timedelta(4),
        f"INV/{stem}",
        _balanced(
            12,
            1,
            (20, "-" + amounts["sales"], None, workshop),
            (14, "-" + amounts["vat"], None, None),
        ),
    )
    yield (
        company_id,
        first + timedelta(11),
        f"INV/{stem}/S",
        _balanced(12, 2, (21, "-" + amounts["services"], None, [((3, 1), Decimal(75))])),
    )
    yield (
        company_id,
        first + timedelta(8),
        f"BILL/{stem}",
        _balanced(13, 4, (22, amounts["goods"], None, [((2,), Decimal(100))])),
    )
    yield company_id, first, f"RENT/{stem}", _balanced(10, 3, (23, "3200.00", None, None))
    yield (
        company_id,
        first + timedelta(24),
        f"WAGE/{stem}",
        _balanced(10, None, (24, amounts["wages"], None, [((1,), Decimal("33.333333"))])),
    )
    yield (
        company_id,
        first + timedelta(27),
        f"DEPR/{stem}",
        _balanced(16, None, (25, "2000.00", None, None)),
    )
    yield (
        company_id,
        first + timedelta(20),
        f"BNK/{stem}",
        _balanced(10, 1, (12, "-" + amounts["sales"], 1, None)),
    )
    if month % 6 == 5:
        yield (
            company_id,
            first + timedelta(26),
            f"MISC/{stem}",
            _balanced(12, 2, (29, "418.20", None, None)),
        )


BASE = {
    "sales": Decimal("41250.40"),
    "vat": Decimal("8662.58"),
    "services": Decimal("9180.15"),
    "goods": Decimal("17344.90"),
    "wages": Decimal("15020.75"),
}


def _balanced(account_id: int, partner_id: int | None, *amounts: tuple[object, ...]) -> Amounts:
    """With the item that balances the others, first."""
    total = sum((Decimal(str(each[1])) for each in amounts), Decimal(0))
    return ((account_id, str(-total), partner_id, None), *amounts)  # type: ignore[return-value]


def _proof() -> Proof:
    return Proof("proof-1", "", "run-1", 1, NOW, 1204, 906, 0, (), "1,2,3", None)
