"""Books of two years as small companies keep them, always the same: for pages and their pictures.

Company 1 (fiscal year from July) and 2 (calendar year) are in EUR, company 3 in USD. Account 29 is
mapped by no template on its own: its type is not known.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.db.connections.connections import get_connection, update_from_hello
from receiver.db.engine import writing
from receiver.db.proof.proofs import Proof, insert_proof
from receiver.db.store.incoming import Incoming
from tests.receiver.records import Record, record_of
from tests.receiver.report_books.builder import (
    Entry,
    Item,
    Shares,
    add_batches,
    batches_of,
    entry_records,
    item_records,
)
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
A_MONTHS_AMOUNTS = tuple(  # sales, VAT, services, goods, wages
    map(Decimal, ("41250.40", "8662.58", "9180.15", "17344.90", "15020.75"))
)
PARTNERS = {1: "Brasserie De Ridder", 2: "Van Damme & Fils", 3: "Immo Centrum", 4: "Stahl GmbH"}


def add_year_books(engine: Engine, name: str) -> None:
    """To the connection of that name: its books, a structure, and a proof that ties out."""
    with writing(engine) as db:
        id = get_connection(db, name).id
        update_from_hello(db, id, HELLO, NOW)
    add_batches(engine, id, _batches())
    with writing(engine) as db:
        create_structure(db, id, Starter("international"), NOW)
        insert_proof(db, id, _proof(), [], [])


@cache
def _batches() -> list[Incoming]:
    """Many tests have these books, and writing them down takes as long as storing them."""
    return [
        batch for stream, records in _records().items() for batch in batches_of(stream, records)
    ]


def _records() -> dict[str, list[Record]]:
    entries = [*_entries()]
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
        "journal_entries": [*entry_records(entries)],
        "journal_items": [*item_records(entries)],
    }


def _entries() -> Iterator[Entry]:
    for company_id in COMPANIES:
        opening = _item(10, "250000.00"), _item(15, "-250000.00")
        yield _entry(company_id, FIRST_MONTH, f"OPEN/{company_id}", *opening)
        machines = _item(16, "96000.00", 4), _item(10, "-96000.00", 4)
        day = FIRST_MONTH + timedelta(9)
        yield _entry(company_id, day, f"BNK/2024/{company_id}", *machines)
        for month in range(MONTHS):
            yield from _month(company_id, month)


def _month(company_id: int, month: int) -> Iterator[Entry]:
    year, number = divmod(6 + month, 12)
    first = date(2024 + year, number + 1, 1)
    factor = Decimal(100 + (month * 37) % 41 + 11 * company_id) / 100
    sales, vat, services, goods, wages = (round(each * factor, 2) for each in A_MONTHS_AMOUNTS)
    workshop, webshop = [((1,), Decimal(60)), ((2,), Decimal(40))], [((2,), Decimal(100))]
    bridge, a_third = [((3, 1), Decimal(75))], [((1,), Decimal("33.333333"))]
    stem = f"{first:%Y/%m}/{company_id}"
    booked = [  # (days after the first, number, items)
        (4, f"INV/{stem}", _balanced(12, 1, _item(20, -sales, shares=workshop), _item(14, -vat))),
        (11, f"INV/{stem}/S", _balanced(12, 2, _item(21, -services, shares=bridge))),
        (8, f"BILL/{stem}", _balanced(13, 4, _item(22, goods, shares=webshop))),
        (0, f"RENT/{stem}", _balanced(10, 3, _item(23, "3200.00"))),
        (24, f"WAGE/{stem}", _balanced(10, None, _item(24, wages, shares=a_third))),
        (27, f"DEPR/{stem}", _balanced(16, None, _item(25, "2000.00"))),
        (20, f"BNK/{stem}", _balanced(10, 1, _item(12, -sales, 1))),
    ]
    if month % 6 == 5:
        booked.append((26, f"MISC/{stem}", _balanced(12, 2, _item(29, "418.20"))))
    for days, number, items in booked:
        yield _entry(company_id, first + timedelta(days), number, *items)


def _balanced(account_id: int, partner_id: int | None, *items: Item) -> tuple[Item, ...]:
    """With the item that balances the others, first."""
    total = sum((item.balance for item in items), Decimal(0))
    return (_item(account_id, -total, partner_id), *items)


def _entry(company_id: int, day: date, number: str, *items: Item) -> Entry:
    partner_ids = (item.values["partner_id"] for item in items)
    values = {"number": number, "partner_id": next(filter(None, partner_ids), None)}
    return Entry(company_id, day, items, journal_id=1, values=values)


def _item(
    account_id: int,
    amount: str | Decimal,
    partner_id: int | None = None,
    *,
    shares: Shares | None = None,
) -> Item:
    balance = Decimal(amount)
    _, label, _ = ACCOUNTS.get(account_id, ("", "Suspense", ""))
    values = {"partner_id": partner_id, "label": label, "amount_currency": balance}
    return Item(account_id, balance, shares, values)


def _proof() -> Proof:
    return Proof("proof-1", "", "run-1", 1, NOW, 1204, 906, 0, (), "1,2,3", None)
