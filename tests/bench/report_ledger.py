"""A receiver's database with a large ledger, written by COPY: what reports are measured on.

One company, three hundred accounts, two thousand partners, three years up to today. A trade of
sixteen items is five entries: two invoices, a bill, and what is paid a month and a half later of
such a trade: the first invoice, half of the second, the bill. So each second invoice stays open,
which is more than books have, and on any day what was paid later is open too. A third of income
and expense has analytic shares of one of fifty kinds over two plans.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Engine

from receiver.db.connections.connections import Connection, get_connection, insert_connection
from receiver.db.engine import reading, writing

NAME = "acme"
ITEMS_IN_TRADE, ENTRIES_IN_TRADE = 16, 5
INVOICE, OTHER_INVOICE, BILL, RECEIPT, PAYMENT = 1, 5, 9, 13, 15  # their first items in a trade
DAYS, DAYS_UNTIL_DUE, DAYS_UNTIL_PAID = 1096, 30, 45
LAST_DAY = datetime.now(UTC).date()
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
PARTNER_COUNT = 2_000
ACCOUNTS = {  # {type: how many}
    "asset_cash": 4,
    "asset_receivable": 2,
    "liability_payable": 2,
    "liability_current": 12,
    "income": 80,
    "expense": 200,
}
SHARES = [f"{1 + kind % 10},{11 + kind % 5}:60;{1 + kind % 9}:40" for kind in range(50)]
ITEMS_WITH_SHARES = 3  # one of so many

Item = tuple[int, str, int, str | None]  # number in the trade, type of account, cents, shares


def fill(engine: Engine, conninfo: str, items: int) -> Connection:
    """The connection that owns the ledger."""
    with writing(engine) as db:
        id = insert_connection(db, NAME, "con_bench", datetime.now(UTC))
    with psycopg.connect(conninfo) as db:
        for stream, rows in _records(items // ITEMS_IN_TRADE).items():
            _copy(db, id, stream, rows)
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute("VACUUM ANALYZE")
    with reading(engine) as db:
        return get_connection(db, NAME)


def account_id(type: str, number: int) -> int:
    """Of the accounts of a type the one with that number; after the last comes the first."""
    before = [*ACCOUNTS].index(type)
    return sum([*ACCOUNTS.values()][:before]) + number % ACCOUNTS[type] + 1


def _records(trades: int) -> dict[str, Iterator[Sequence[object]]]:
    """Each record's values under the names in _COLUMNS."""
    accounts = [(account_id(type, n), type) for type, many in ACCOUNTS.items() for n in range(many)]
    each_trade = range(trades)
    return {
        "companies": iter([(1, "Acme", 1, 1, 12, 31)]),
        "currencies": iter([(1, "EUR", 2, "0.01", True)]),
        "partners": ((id, f"Partner {id}", True, True) for id in range(1, PARTNER_COUNT + 1)),
        "journals": iter([(1, "Miscellaneous", "MISC", "general", 1, True)]),
        "accounts": (
            (id, f"Account {id}", f'{{"1": "{id:06}"}}', "1", type, False, True)
            for id, type in accounts
        ),
        "analytic_plans": ((id, f"Plan {id}", None) for id in (1, 2)),
        "analytic_accounts": (
            (id, f"Analytic {id}", 1 if id <= 10 else 2, True) for id in range(1, 16)
        ),
        "journal_entries": (row for trade in each_trade for row in _entries(trade, trades)),
        "journal_items": (row for trade in each_trade for row in _items(trade, trades)),
        "reconciliations": (row for trade in each_trade for row in _reconciliations(trade, trades)),
    }


_COLUMNS = {
    "companies": (
        "id name currency_id root_company_id fiscal_year_last_month fiscal_year_last_day"
    ),
    "currencies": "id code decimal_places rounding active",
    "partners": "id name is_company active",
    "journals": "id name code type company_id active",
    "accounts": "id name codes company_ids type reconcile active",
    "analytic_plans": "id name parent_id",
    "analytic_accounts": "id name plan_id active",
    "journal_entries": "id number date type journal_id company_id currency_id",
    "journal_items": (
        "id entry_id company_id date account_id label sequence debit credit balance"
        " amount_currency residual residual_currency reconciled shares journal_id currency_id"
        " partner_id due_date"
    ),
    "reconciliations": (
        "id company_id debit_item_id credit_item_id date amount debit_amount_currency"
        " credit_amount_currency"
    ),
}


def _entries(trade: int, trades: int) -> Iterator[Sequence[object]]:
    day = _day(trade, trades)
    for id in range(trade * ENTRIES_IN_TRADE + 1, (trade + 1) * ENTRIES_IN_TRADE + 1):
        yield (id, f"MISC/{id}", day, "entry", 1, 1, 1)


def _items(trade: int, trades: int) -> Iterator[Sequence[object]]:
    paid = _paid_trade(trade, trades)
    first, other, bill = _totals(trade)
    settled = _totals(trade if paid is None else paid)
    received, spent = settled[0] + settled[1] // 2, settled[2]
    row = partial(_item, trade, _day(trade, trades))
    yield from map(row, _invoice(INVOICE, first, trade))
    yield from map(row, _invoice(OTHER_INVOICE, other, trade + 1))
    yield from map(row, _bill(bill, trade))
    row = partial(_item, trade, _day(trade, trades), partner_trade=paid)
    yield row((RECEIPT, "asset_cash", received, None))
    yield row((RECEIPT + 1, "asset_receivable", -received, None))
    yield row((PAYMENT, "liability_payable", spent, None))
    yield row((PAYMENT + 1, "asset_cash", -spent, None))


def _invoice(number: int, total: int, trade: int) -> Iterator[Item]:
    tax, rest = total // 6, total // 4
    yield number, "asset_receivable", total, None
    yield number + 1, "income", tax + rest - total, _shares(trade)
    yield number + 2, "income", -rest, _shares(trade + 1)
    yield number + 3, "liability_current", -tax, None


def _bill(total: int, trade: int) -> Iterator[Item]:
    tax, rest = total // 6, total // 4
    yield BILL, "liability_payable", -total, None
    yield BILL + 1, "expense", total - tax - rest, _shares(trade)
    yield BILL + 2, "expense", rest, _shares(trade + 1)
    yield BILL + 3, "liability_current", tax, None


def _item(
    trade: int, day: date, item: Item, *, partner_trade: int | None = None
) -> Sequence[object]:
    number, type, cents, shares = item
    id = trade * ITEMS_IN_TRADE + number
    entry = min((number + 3) // 4, 4) + (number >= PAYMENT)
    debit, credit, balance = _euros(max(cents, 0)), _euros(max(-cents, 0)), _euros(cents)
    # The types with many accounts, which differ from item to item; of the others one is in use.
    account = account_id(type, id * 7919 if ACCOUNTS[type] > 2 else 0)
    return (
        *(id, trade * ENTRIES_IN_TRADE + entry, 1, day, account),
        *(f"Item {id} of an invoice with a label", 10, debit, credit, balance),
        *(balance, "0", "0", False, shares, 1, 1),
        (trade if partner_trade is None else partner_trade) % PARTNER_COUNT + 1,
        day + timedelta(days=DAYS_UNTIL_DUE) if number < RECEIPT else day,
    )


def _reconciliations(trade: int, trades: int) -> Iterator[Sequence[object]]:
    paid = _paid_trade(trade, trades)
    if paid is None:
        return
    first, other, bill = _totals(paid)
    mine, theirs = trade * ITEMS_IN_TRADE, paid * ITEMS_IN_TRADE
    settled = (
        (theirs + INVOICE, mine + RECEIPT + 1, first),
        (theirs + OTHER_INVOICE, mine + RECEIPT + 1, other // 2),
        (mine + PAYMENT, theirs + BILL, bill),
    )
    day = max(_day(trade, trades), _day(paid, trades))
    for number, (debit_item, credit_item, cents) in enumerate(settled, 1):
        amount = _euros(cents)
        yield (trade * 3 + number, 1, debit_item, credit_item, day, amount, amount, amount)


def _paid_trade(trade: int, trades: int) -> int | None:
    """The earlier one that this one's receipt and payment settle."""
    earlier = trade - trades * DAYS_UNTIL_PAID // DAYS
    return earlier if earlier >= 0 else None


def _totals(trade: int) -> tuple[int, int, int]:
    """Of both invoices and the bill, in cents."""
    return tuple(100 + (trade + 1) * prime % 1_000_000 for prime in (7919, 6101, 4001))  # type: ignore[return-value]


def _shares(number: int) -> str | None:
    return SHARES[number % len(SHARES)] if number % ITEMS_WITH_SHARES == 0 else None


def _euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _day(trade: int, trades: int) -> date:
    """Entries come nearly by date, as people book them."""
    return FIRST_DAY + timedelta(days=min(DAYS - 1, trade * DAYS // trades + trade % 7))


def _copy(
    db: psycopg.Connection, connection_id: int, stream: str, rows: Iterator[Sequence[object]]
) -> None:
    names = _COLUMNS[stream].split()
    assert set(names) <= set(STREAMS_BY_NAME[stream].field_names)
    columns = ", ".join(f'"{name}"' for name in ("connection_id", *names, "digest"))
    with db.cursor() as cursor, cursor.copy(f"COPY {stream} ({columns}) FROM STDIN".encode()) as to:
        for row in rows:
            to.write_row((connection_id, *row, 0))
