"""A receiver's database with a large ledger, written by COPY: what reports are measured on.

One company, three hundred accounts, three years, entries of four items; a third of the items has
analytic shares of one of fifty kinds over two plans.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Engine

from receiver.db.connections import Connection, get_connection, insert_connection
from receiver.db.engine import reading, writing

NAME = "acme"
ACCOUNT_COUNT = 300
ITEMS_IN_ENTRY = 4
ITEMS_WITH_SHARES = 3  # one of so many
FIRST_DAY, DAYS = date(2023, 1, 1), 1096
TYPES = ("asset_cash", "asset_receivable", "liability_payable", "equity", "income", "expense")
SHARES = [f"{1 + kind % 10},{11 + kind % 5}:60;{1 + kind % 9}:40" for kind in range(50)]


def fill(engine: Engine, conninfo: str, items: int) -> Connection:
    """The connection that owns the ledger."""
    with writing(engine) as db:
        id = insert_connection(db, NAME, "con_bench", datetime.now(UTC))
    with psycopg.connect(conninfo) as db:
        for stream, rows in _records(items).items():
            _copy(db, id, stream, rows)
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute("VACUUM ANALYZE")
    with reading(engine) as db:
        return get_connection(db, NAME)


def _records(items: int) -> dict[str, Iterator[Sequence[object]]]:
    """Each record's values under the names in _COLUMNS."""
    return {
        "companies": iter([(1, "Acme", 1, 1, 12, 31)]),
        "currencies": iter([(1, "EUR", 2, "0.01", True)]),
        "accounts": (
            (id, f"Account {id}", f'{{"1": "{id:06}"}}', "1", TYPES[id % len(TYPES)], False, True)
            for id in range(1, ACCOUNT_COUNT + 1)
        ),
        "analytic_plans": ((id, f"Plan {id}", None) for id in (1, 2)),
        "analytic_accounts": (
            (id, f"Analytic {id}", 1 if id <= 10 else 2, True) for id in range(1, 16)
        ),
        "journal_entries": (
            (id, f"MISC/{id}", _day(id, items), "entry", 1, 1, 1)
            for id in range(1, items // ITEMS_IN_ENTRY + 1)
        ),
        "journal_items": (_item(id, items) for id in range(1, items + 1)),
    }


_COLUMNS = {
    "companies": (
        "id name currency_id root_company_id fiscal_year_last_month fiscal_year_last_day"
    ),
    "currencies": "id code decimal_places rounding active",
    "accounts": "id name codes company_ids type reconcile active",
    "analytic_plans": "id name parent_id",
    "analytic_accounts": "id name plan_id active",
    "journal_entries": "id number date type journal_id company_id currency_id",
    "journal_items": (
        "id entry_id company_id date account_id label sequence debit credit balance"
        " amount_currency residual residual_currency reconciled shares"
    ),
}


def _item(id: int, items: int) -> Sequence[object]:
    """Items of an entry come in pairs of debit and credit that balance."""
    entry = (id - 1) // ITEMS_IN_ENTRY + 1
    pair = (id + 1) // 2
    amount = f"{pair * 7919 % 100_000 + 1}.{pair % 100:02}"
    debit, credit = (amount, "0") if id % 2 else ("0", amount)
    balance = amount if id % 2 else f"-{amount}"
    account = id * 7919 % ACCOUNT_COUNT + 1
    shares = SHARES[id % len(SHARES)] if id % ITEMS_WITH_SHARES == 0 else None
    day = _day(entry, items)
    label = f"Item {id} of an invoice with a label"
    amounts = (debit, credit, balance, balance, "0", "0")
    return (id, entry, 1, day, account, label, 10, *amounts, False, shares)


def _day(entry: int, items: int) -> date:
    """Entries come nearly by date, as people book them."""
    entries = items // ITEMS_IN_ENTRY
    offset = min(DAYS - 1, entry * DAYS // (entries + 1) + entry % 7)
    return FIRST_DAY + timedelta(days=offset)


def _copy(
    db: psycopg.Connection, connection_id: int, stream: str, rows: Iterator[Sequence[object]]
) -> None:
    names = _COLUMNS[stream].split()
    assert set(names) <= set(STREAMS_BY_NAME[stream].field_names)
    columns = ", ".join(f'"{name}"' for name in ("connection_id", *names, "digest"))
    with db.cursor() as cursor, cursor.copy(f"COPY {stream} ({columns}) FROM STDIN".encode()) as to:
        for row in rows:
            to.write_row((connection_id, *row, 0))
