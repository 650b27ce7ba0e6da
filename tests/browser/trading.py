"""The books of a company that trades: what the pages show of a year and a half, always the same.

Customers and suppliers with names, invoices every few days, most paid, some late, some in part,
some in dollars. It ends on the day on which the test runs, as books do.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from receiver.db.connections.connections import get_connection
from receiver.db.engine import make_engine, writing
from receiver.db.store.store import store
from receiver.db.tables import connections
from tests.odoo.receiver import Receiver
from tests.receiver.batches import incoming_of
from tests.receiver.records import Record, journal_item, record_of

BANK, CUSTOMERS, SUPPLIERS, SALES, COSTS, RENT, CAPITAL = 1, 2, 3, 4, 5, 6, 7
ACCOUNTS = {
    BANK: ("550000", "Bank", "asset_cash"),
    CUSTOMERS: ("400000", "Customers", "asset_receivable"),
    SUPPLIERS: ("440000", "Suppliers", "liability_payable"),
    SALES: ("700000", "Sales", "income"),
    COSTS: ("600000", "Purchases", "expense_direct_cost"),
    RENT: ("610000", "Rent", "expense"),
    CAPITAL: ("100000", "Capital", "equity"),
}
CUSTOMER_NAMES = (
    "Bakkerij De Smet",
    "Lumière & Cie",
    "Nordwind Logistik GmbH",
    "Atelier Verhaegen",
    "Port of Calls BV",
    "Harlow & Finch Ltd",
    "Café Central",
    "Studio Ombre",
    "Van den Broeck Bouw",
    "Green Acre Farms",
    "Delta Instruments Inc.",
    "Pharmacie du Parc",
    "Rederij Schelde",
    "Brouwerij Het Anker",
    "Cycles Martin",
    "Ostend Charter Co.",
)
SUPPLIER_NAMES = (
    "Papierfabriek Maas",
    "EuroTrans NV",
    "Ateliers Dubois",
    "CloudNine Hosting",
    "Kantoor & Co",
    "Energie Direct",
)
EUR, USD = 1, 2
DAYS = 540
FIRST_SUPPLIER = 101


class _Books:
    """Records by stream; ids count up."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.random = Random(7)
        self.records: defaultdict[str, list[Record]] = defaultdict(list)

    def enter(self, number: str, day: date, **of_entry: object) -> int:
        id = len(self.records["journal_entries"]) + 1
        entry = record_of("journal_entries", id=id, number=number, date=day, **of_entry)
        self.records["journal_entries"].append(entry)
        return id

    def item(self, entry_id: int, account_id: int, balance: Decimal, **values: object) -> int:
        id = len(self.records["journal_items"]) + 1
        debit, credit = str(max(balance, Decimal(0))), str(max(-balance, Decimal(0)))
        day = self.records["journal_entries"][entry_id - 1]["date"]
        values = {"currency_id": EUR, "amount_currency": balance, **values}
        self.records["journal_items"].append(
            journal_item(
                id, debit, credit, entry_id=entry_id, account_id=account_id, date=day, **values
            )
        )
        return id

    def invoice(self, number: str, day: date, partner_id: int, amount: Decimal) -> None:
        """A customer's where the amount is positive, else a supplier's."""
        is_sale = amount > 0
        account, other = (CUSTOMERS, SALES) if is_sale else (SUPPLIERS, COSTS)
        due_date = day + timedelta(days=self.random.choice((14, 30, 30, 60)))
        entry = self.enter(number, day, invoice_date=day, reference=f"Order {day:%y%m}{partner_id}")
        is_in_dollars = partner_id == 11
        currency = {"currency_id": USD, "amount_currency": amount * 2} if is_in_dollars else {}
        item = self.item(
            entry, account, amount, partner_id=partner_id, due_date=due_date, **currency
        )
        self.item(entry, other, -amount)
        self._pay(item, due_date, currency)

    def _pay(self, invoice: int, due_date: date, currency: dict[str, object]) -> None:
        """Around the due date; one in forty never, one in twelve by half."""
        day = due_date + timedelta(days=self.random.choice((-10, -3, 0, 2, 8, 20, 45, 80)))
        luck = self.random.random()
        if day > self.today or luck < 1 / 40:
            return
        billed = self.records["journal_items"][invoice - 1]
        share = Decimal("0.5") if luck < 1 / 12 else Decimal(1)
        amount = (billed["balance"] * share).quantize(Decimal("0.01"))
        in_currency = amount * 2 if currency else amount
        more = {**currency, "amount_currency": -in_currency} if currency else {}
        number = len(self.records["reconciliations"]) + 1
        entry = self.enter(f"BNK1/{day.year}/{number:05}", day)
        payment = self.item(
            entry, billed["account_id"], -amount, partner_id=billed["partner_id"], **more
        )
        self.item(entry, BANK, amount)
        debit, credit = (invoice, payment) if amount > 0 else (payment, invoice)
        self.records["reconciliations"].append(
            record_of(
                "reconciliations",
                id=number,
                debit_item_id=debit,
                credit_item_id=credit,
                amount=abs(amount),
                debit_amount_currency=abs(in_currency),
                credit_amount_currency=abs(in_currency),
                date=day,
            )
        )


def add_trading_company(receiver: Receiver, connection: str) -> None:
    """Acme Trading NV, in the connection's books; Odoo says that it is at odoo.acme.example."""
    engine = make_engine(receiver.database_url)
    with writing(engine) as db:
        id = get_connection(db, connection).id
        for stream, records in _records(datetime.now(UTC).date()):
            store(db, id, incoming_of(stream, records))
        known = {"series": "18.0", "odoo_url": "https://odoo.acme.example"}
        db.execute(sa.update(connections).where(connections.c.id == id).values(known))
    engine.dispose()


def _records(today: date) -> Iterator[tuple[str, list[Record]]]:
    yield (
        "currencies",
        [
            record_of("currencies", id=EUR, code="EUR", decimal_places=2),
            record_of("currencies", id=USD, code="USD", decimal_places=2),
        ],
    )
    company = {"fiscal_year_last_month": 12, "fiscal_year_last_day": 31}
    yield "companies", [record_of("companies", id=1, name="Acme Trading NV", **company)]
    yield (
        "accounts",
        [
            record_of("accounts", id=id, name=name, codes={"1": code}, type=type)
            for id, (code, name, type) in ACCOUNTS.items()
        ],
    )
    named = [*enumerate(CUSTOMER_NAMES, 1), *enumerate(SUPPLIER_NAMES, FIRST_SUPPLIER)]
    yield "partners", [record_of("partners", id=id, name=name) for id, name in named]
    yield from _trade(today).records.items()


def _trade(today: date) -> _Books:
    books = _Books(today)
    first = today - timedelta(days=DAYS)
    capital = books.enter("MISC/1", first)
    books.item(capital, BANK, Decimal(40_000))
    books.item(capital, CAPITAL, Decimal(-40_000))
    for number, offset in enumerate(range(0, DAYS, 2), 1):
        day = first + timedelta(days=offset)
        customer = books.random.randint(1, len(CUSTOMER_NAMES))
        amount = Decimal(books.random.randint(20_000, 650_000)) / 100
        books.invoice(f"INV/{day.year}/{number:05}", day, customer, amount)
        if offset % 3 == 0:
            supplier = FIRST_SUPPLIER + books.random.randrange(len(SUPPLIER_NAMES))
            books.invoice(
                f"BILL/{day.year}/{number:05}",
                day,
                supplier,
                -(amount / 2).quantize(Decimal("0.01")),
            )
        if day.day in (1, 2):
            rent = books.enter(f"MISC/{number}", day)
            books.item(rent, RENT, Decimal(4_200))
            books.item(rent, BANK, Decimal(-4_200))
    return books
