"""Small ledgers: written down by a test, or generated. One currency, three companies."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import strategies as st
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection
from tests.receiver.records import Record, record_of
from tests.receiver.report_books.builder import (
    Entry,
    Item,
    add_connection,
    add_records,
    entry_records,
    item_records,
)

FIRST_DAY, LAST_DAY = date(2023, 11, 20), date(2025, 2, 10)
EDGES = (  # first and last days of months and fiscal years
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 6, 30),
    date(2024, 7, 1),
)
COMPANIES = {  # {id: last month and day of the fiscal year}
    1: (12, 31),
    2: (6, 30),
    3: (2, 28),
}
TYPES = {  # {account id: type}; accounts 91 and 92 have journal items and have not arrived
    10: "asset_cash",
    11: "asset_cash",
    12: "asset_receivable",
    13: "liability_payable",
    14: "equity",
    15: "equity_unaffected",
    16: "asset_fixed",
    20: "income",
    21: "income_other",
    22: "expense",
    23: "expense_depreciation",
    24: "expense_direct_cost",
    30: "off_balance",
    31: "off_balance",
}
OFF_BALANCE = (30, 31)  # Odoo keeps them to entries of their own
ACCOUNT_IDS = (*(id for id in TYPES if id not in OFF_BALANCE), 91, 92)
ANALYTIC_ACCOUNTS = {1: 1, 2: 1, 3: 3, 4: 2, 5: None}  # {id: plan id}
PLANS = {1: None, 2: None, 3: 1}  # {id: parent id}


def add_books(engine: Engine, entries: Sequence[Entry]) -> Connection:
    """A connection of its own, so that many can be in one database."""
    connection = add_connection(engine, f"books-{uuid4().hex}")
    for stream, records in _records(entries).items():
        add_records(engine, connection.id, stream, records)
    return connection


def _records(entries: Sequence[Entry]) -> dict[str, list[Record]]:
    return {
        "currencies": [record_of("currencies", id=1, code="EUR", decimal_places=2)],
        "companies": [
            record_of(
                "companies",
                id=id,
                name=f"Company {id}",
                root_company_id=id,
                fiscal_year_last_month=month,
                fiscal_year_last_day=day,
            )
            for id, (month, day) in COMPANIES.items()
        ],
        "accounts": [account_record(id, type) for id, type in TYPES.items()],
        "analytic_plans": [
            record_of("analytic_plans", id=id, name=f"Plan {id}", parent_id=parent_id)
            for id, parent_id in PLANS.items()
        ],
        "analytic_accounts": [
            record_of("analytic_accounts", id=id, name=f"Analytic {id}", plan_id=plan_id)
            for id, plan_id in ANALYTIC_ACCOUNTS.items()
        ],
        "journal_entries": [*entry_records(entries)],
        "journal_items": [*item_records(entries)],
    }


def account_record(id: int, type: str) -> Record:
    return record_of("accounts", id=id, name=f"Account {id}", codes={"1": f"{id:06}"}, type=type)


def entry(day: date, *amounts: tuple[int, str], company_id: int = 1) -> Entry:
    """Of these accounts, with debit less credit of each."""
    items = tuple(Item(account_id, Decimal(amount)) for account_id, amount in amounts)
    return Entry(company_id, day, items)


AMOUNTS = st.decimals(-10_000, 10_000, places=2, allow_nan=False)
SHARES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*ANALYTIC_ACCOUNTS, 99]), min_size=1, max_size=2, unique=True),
        st.sampled_from(["100", "60", "40", "33.333333", "12.5"]).map(Decimal),
    ).map(lambda share: (tuple(sorted(share[0])), share[1])),
    min_size=1,
    max_size=2,
    unique_by=lambda share: share[0],
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A posted entry: it balances."""
    account_ids = st.sampled_from(draw(st.sampled_from([*[ACCOUNT_IDS] * 4, OFF_BALANCE])))
    pairs = draw(st.lists(st.tuples(account_ids, AMOUNTS), max_size=4))
    rest = -sum((amount for _, amount in pairs), Decimal(0))
    amounts = (*pairs, (draw(account_ids), rest))
    shares = draw(st.tuples(*(st.none() | SHARES for _ in amounts)))
    items = tuple(Item(*pair, each) for pair, each in zip(amounts, shares, strict=True))
    days = st.sampled_from(EDGES) | st.dates(FIRST_DAY, LAST_DAY)
    return Entry(draw(st.sampled_from([*COMPANIES])), draw(days), items)


LEDGERS = st.lists(entries(), max_size=12)
