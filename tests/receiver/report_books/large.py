"""A large ledger, made of trades: what reports are measured on.

One company, three hundred accounts, two thousand partners, three years up to today. A trade of
sixteen items is five entries: two invoices, a bill, and what is paid a month and a half later of
such a trade: the first invoice, half of the second, the bill. So each second invoice stays open,
which is more than books have, and on any day what was paid later is open too. A third of income
and expense has analytic shares of one of fifty kinds over two plans.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlalchemy import Engine

from receiver.db.connections.connections import Connection
from tests.receiver.records import Record, record_of
from tests.receiver.report_books.builder import (
    Entry,
    Item,
    Shares,
    Values,
    add_connection,
    add_records,
    entry_records,
    item_records,
)

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
SHARES: list[Shares] = [
    [((1 + kind % 10, 11 + kind % 5), Decimal(60)), ((1 + kind % 9,), Decimal(40))]
    for kind in range(50)
]
ITEMS_WITH_SHARES = 3  # one of so many
OF_EVERY_ENTRY: Values = {"type": "entry", "journal_id": 1, "currency_id": 1}
OF_EVERY_ITEM: Values = {"sequence": 10, "reconciled": False, "currency_id": 1}

Line = tuple[str, int, Shares | None]  # type of account, cents, shares


def add_large_books(engine: Engine, items: int) -> Connection:
    """The connection that owns the ledger, of so many items or a few less."""
    connection = add_connection(engine, NAME)
    for stream, records in _records(items // ITEMS_IN_TRADE).items():
        add_records(engine, connection.id, stream, records)
    return connection


def account_id(type: str, number: int) -> int:
    """Of the accounts of a type the one with that number; after the last comes the first."""
    before = [*ACCOUNTS].index(type)
    return sum([*ACCOUNTS.values()][:before]) + number % ACCOUNTS[type] + 1


def _records(trades: int) -> dict[str, Iterable[Record]]:
    return {
        "companies": [_company()],
        "currencies": [
            record_of("currencies", id=1, code="EUR", decimal_places=2, rounding=Decimal("0.01"))
        ],
        "partners": [
            record_of("partners", id=id, name=f"Partner {id}", is_company=True)
            for id in range(1, PARTNER_COUNT + 1)
        ],
        "journals": [
            record_of("journals", id=1, name="Miscellaneous", code="MISC", type="general")
        ],
        "accounts": [
            _account(account_id(type, number), type)
            for type, many in ACCOUNTS.items()
            for number in range(many)
        ],
        "analytic_plans": [record_of("analytic_plans", id=id, name=f"Plan {id}") for id in (1, 2)],
        "analytic_accounts": [
            record_of(
                "analytic_accounts", id=id, name=f"Analytic {id}", plan_id=1 if id <= 10 else 2
            )
            for id in range(1, 16)
        ],
        "journal_entries": entry_records(_entries(trades)),
        "journal_items": item_records(_entries(trades)),
        "reconciliations": (
            record for trade in range(trades) for record in _reconciliations(trade, trades)
        ),
    }


def _company() -> Record:
    year = {"fiscal_year_last_month": 12, "fiscal_year_last_day": 31}
    return record_of("companies", id=1, name="Acme", root_company_id=1, **year)


def _account(id: int, type: str) -> Record:
    values = {"name": f"Account {id}", "codes": {"1": f"{id:06}"}, "reconcile": False}
    return record_of("accounts", id=id, type=type, **values)


def _entries(trades: int) -> Iterator[Entry]:
    """Trade by trade: what is settled is found by its number."""
    for trade in range(trades):
        paid = _paid_trade(trade, trades)
        payer = trade if paid is None else paid
        first, other, bill = _totals(trade)
        received, spent = _paid_amounts(payer)
        day = _day(trade, trades)
        due = day + timedelta(days=DAYS_UNTIL_DUE)
        cash_in = ("asset_cash", received, None), ("asset_receivable", -received, None)
        cash_out = ("liability_payable", spent, None), ("asset_cash", -spent, None)
        for number, partner, due_date, lines in (
            (INVOICE, trade, due, _invoice(first, trade)),
            (OTHER_INVOICE, trade, due, _invoice(other, trade + 1)),
            (BILL, trade, due, _bill(bill, trade)),
            (RECEIPT, payer, day, cash_in),
            (PAYMENT, payer, day, cash_out),
        ):
            ids = count(trade * ITEMS_IN_TRADE + number)
            values = {"partner_id": partner % PARTNER_COUNT + 1, "due_date": due_date}
            items = tuple(_item(id, line, values) for id, line in zip(ids, lines, strict=False))
            yield Entry(1, day, items, journal_id=1, values=OF_EVERY_ENTRY)


def _invoice(total: int, trade: int) -> tuple[Line, ...]:
    tax, rest = total // 6, total // 4
    return (
        ("asset_receivable", total, None),
        ("income", tax + rest - total, _shares(trade)),
        ("income", -rest, _shares(trade + 1)),
        ("liability_current", -tax, None),
    )


def _bill(total: int, trade: int) -> tuple[Line, ...]:
    tax, rest = total // 6, total // 4
    return (
        ("liability_payable", -total, None),
        ("expense", total - tax - rest, _shares(trade)),
        ("expense", rest, _shares(trade + 1)),
        ("liability_current", tax, None),
    )


def _item(id: int, line: Line, values: Values) -> Item:
    type, cents, shares = line
    balance = _euros(cents)
    # The types with many accounts, which differ from item to item; of the others one is in use.
    account = account_id(type, id * 7919 if ACCOUNTS[type] > 2 else 0)
    label = f"Item {id} of an invoice with a label"
    own = {"label": label, "amount_currency": balance}
    return Item(account, balance, shares, {**own, **OF_EVERY_ITEM, **values})


def _reconciliations(trade: int, trades: int) -> Iterator[Record]:
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
        yield record_of(
            "reconciliations",
            id=trade * 3 + number,
            company_id=1,
            debit_item_id=debit_item,
            credit_item_id=credit_item,
            date=day,
            amount=amount,
            debit_amount_currency=amount,
            credit_amount_currency=amount,
        )


def _paid_trade(trade: int, trades: int) -> int | None:
    """The earlier one that this one's receipt and payment settle."""
    earlier = trade - trades * DAYS_UNTIL_PAID // DAYS
    return earlier if earlier >= 0 else None


def _totals(trade: int) -> tuple[int, int, int]:
    """Of both invoices and the bill, in cents."""
    return tuple(100 + (trade + 1) * prime % 1_000_000 for prime in (7919, 6101, 4001))  # type: ignore[return-value]


def _paid_amounts(trade: int) -> tuple[int, int]:
    """What is received of a trade's invoices, and what is spent on its bill."""
    first, other, bill = _totals(trade)
    return first + other // 2, bill


def _shares(number: int) -> Shares | None:
    return SHARES[number % len(SHARES)] if number % ITEMS_WITH_SHARES == 0 else None


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _day(trade: int, trades: int) -> date:
    """Entries come nearly by date, as people book them."""
    return FIRST_DAY + timedelta(days=min(DAYS - 1, trade * DAYS // trades + trade % 7))
