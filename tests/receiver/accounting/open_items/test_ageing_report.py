"""What is outstanding: it equals the open items, and the balance sheet, on every day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.ledger.trial_balance import trial_balance
from receiver.accounting.open_items.ageing import AGES, OLDEST
from receiver.accounting.open_items.ageing_report import (
    PAYABLE,
    RECEIVABLE,
    Asked,
    outstanding,
    outstanding_with_trend,
    partner_items,
)
from receiver.accounting.open_items.open_items import ACCOUNT_TYPES, Question, open_items
from receiver.db.accounting.ledger import Company, list_companies
from receiver.db.accounting.open_items import NO_PARTNER, AgedFrom
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.report_books.builder import add_records
from tests.receiver.report_books.small import FIRST_DAY, LAST_DAY, add_books

CUSTOMERS, SUPPLIERS, SALES = 12, 13, 20
BOTH = (RECEIVABLE, PAYABLE)
ZOE = 7
NONE, DUST = Decimal(0), Decimal("1E-13")


@dataclass(frozen=True)
class Book:
    items: list[Record]
    reconciliations: list[Record]
    entries: Sequence[Record] = ()


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Reconciled as Odoo does: never more than is left, and from the day of the later item."""
    items = [
        journal_item(
            id,
            *draw(st.sampled_from([("100", "0"), ("0", "100"), ("70.5", "0"), ("0", "30.25")])),
            account_id=draw(st.sampled_from([CUSTOMERS, SUPPLIERS, SALES])),
            partner_id=draw(st.sampled_from([ZOE, 8, None])),
            date=draw(st.dates(FIRST_DAY, LAST_DAY)),
            due_date=draw(st.none() | st.dates(FIRST_DAY, LAST_DAY)),
            entry_id=id,
        )
        for id in range(1, draw(st.integers(0, 10)) + 1)
    ]
    left = {item["id"]: item["balance"] for item in items}
    reconciliations = []
    for debit in items:
        for credit in items:
            most = min(left[debit["id"]], -left[credit["id"]])
            if debit["account_id"] != credit["account_id"] or most <= 0 or draw(st.booleans()):
                continue
            amount = draw(st.sampled_from([most, round(most / 5, 2)]))
            left[debit["id"]] -= amount
            left[credit["id"]] += amount
            amount += draw(st.sampled_from([NONE, DUST, -DUST]))  # that Odoo 14 stores
            counts_from = max(debit["date"], credit["date"])
            dated = draw(st.sampled_from([counts_from, None]))
            reconciliations.append(_reconciled(debit["id"], credit["id"], amount, dated))
    entries = [
        record_of(
            "journal_entries",
            id=item["id"],
            invoice_date=draw(st.none() | st.dates(FIRST_DAY, LAST_DAY)),
        )
        for item in items
    ]
    return Book(items, reconciliations, entries)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(books(), st.dates(FIRST_DAY, LAST_DAY), st.sampled_from(BOTH), st.sampled_from(AgedFrom))
def test_it_equals_the_open_items_and_the_balance_sheet_on_every_day(
    engine: Engine, book: Book, as_of: date, type: str, aged_from: AgedFrom
) -> None:
    connection = _booked(engine, book)

    with reading(engine) as db:
        asked = Asked(_company(db, connection), type, as_of, aged_from)
        found, points = outstanding_with_trend(db, connection, asked)
        without_trend = outstanding(db, connection, asked)
        expected = open_items(db, connection, Question(1, as_of, type, aged_from=aged_from))
        balance = _balance(db, connection, asked)
        then = [
            outstanding(db, connection, Asked(asked.company, type, each.day)) for each in points
        ]

    assert without_trend == found
    [total] = expected.totals
    ages = ("total", *AGES, OLDEST)
    assert [getattr(found.total, age) for age in ages] == [
        asked.owed(getattr(total, age)) for age in ages
    ]
    assert {each.partner_id: [getattr(each, age) for age in ages] for each in found.partners} == {
        each.partner_id: [asked.owed(getattr(each, age)) for age in ages]
        for each in expected.partners
        if any(getattr(each, age) for age in ages)
    }
    assert found.total.total == found.balance == balance
    assert found.difference == 0
    assert [(each.open_amount, each.not_due) for each in points] == [
        (each.total.total, each.total.not_due) for each in then
    ]


def test_the_trend_is_a_year_of_month_ends_and_the_day(engine: Engine) -> None:
    connection = _booked(engine, Book([], []))

    with reading(engine) as db:
        asked = Asked(_company(db, connection), RECEIVABLE, date(2024, 3, 15))
        days = [point.day for point in outstanding_with_trend(db, connection, asked)[1]]

    assert (days[0], days[-2], days[-1], len(days)) == (
        date(2023, 4, 30),
        date(2024, 2, 29),
        date(2024, 3, 15),
        12,
    )


@pytest.mark.parametrize("dated", [date(2026, 3, 5), None])
def test_an_invoice_is_overdue_until_the_day_of_its_payment(
    engine: Engine, dated: date | None
) -> None:
    paid = date(2026, 3, 5)
    invoice = _item(1, "100", CUSTOMERS, date(2026, 1, 10), due_date=date(2026, 2, 10))
    payment = _item(2, "-100", CUSTOMERS, paid)
    reconciled = _reconciled(1, 2, Decimal(100), dated)
    connection = _booked(engine, Book([invoice, payment], [reconciled]))

    with reading(engine) as db:
        company = _company(db, connection)
        asked = Asked(company, RECEIVABLE, date(2026, 4, 1))
        _, points = outstanding_with_trend(db, connection, asked)
        before, then = (
            outstanding(db, connection, Asked(company, RECEIVABLE, day)).total.total
            for day in (date(2026, 3, 4), paid)
        )

    amounts = [(each.open_amount, each.not_due, each.overdue) for each in points]
    assert amounts[-5:-2] == [(0, 0, 0), (100, 100, 0), (100, 0, 100)]
    assert amounts[-2:] == [(0, 0, 0)] * 2
    assert (before, then) == (100, 0)


def test_an_account_without_a_balance_is_there_where_an_item_is_open(engine: Engine) -> None:
    """The payment is of something else, which is not here; so the invoice is open still."""
    day = date(2026, 1, 31)
    items = [_item(1, "100", CUSTOMERS, day), _item(2, "-100", CUSTOMERS, day)]
    connection = _booked(engine, Book(items, [_reconciled(99, 2, Decimal(100), day)]))

    with reading(engine) as db:
        found = outstanding(db, connection, Asked(_company(db, connection), RECEIVABLE, day))

    assert [(each.id, each.balance, each.difference) for each in found.accounts] == [
        (CUSTOMERS, 0, 100)
    ]


def test_the_largest_debtors_and_creditors_come_first(engine: Engine) -> None:
    connection = _booked(
        engine,
        Book(
            [
                journal_item(1, "5", account_id=CUSTOMERS, partner_id=8),
                journal_item(2, "9", account_id=CUSTOMERS, partner_id=ZOE),
                journal_item(3, "0", "5", account_id=SUPPLIERS, partner_id=8),
                journal_item(4, "0", "9", account_id=SUPPLIERS, partner_id=None),
            ],
            [],
        ),
    )

    with reading(engine) as db:
        company = _company(db, connection)
        found = {
            type: outstanding(db, connection, Asked(company, type, date(2026, 3, 1))).partners
            for type in BOTH
        }

    assert [(each.partner, each.total) for each in found[RECEIVABLE]] == [("Zoe", 9), (None, 5)]
    assert [(each.partner_id, each.total) for each in found[PAYABLE]] == [(None, 9), (8, 5)]


def test_a_dust_that_odoo_14_leaves_is_owed_by_nobody(engine: Engine) -> None:
    """And what was taken off an item is shown without it."""
    day = date(2026, 1, 31)
    items = [
        _item(1, "1000", CUSTOMERS, day),
        _item(2, "-1000", CUSTOMERS, day + timedelta(9), partner_id=8),
    ]
    paid = _reconciled(1, 2, 1000 - DUST, day + timedelta(9))
    connection = _booked(engine, Book(items, [paid]))

    with reading(engine) as db:
        company = _company(db, connection)
        asked = Asked(company, RECEIVABLE, day + timedelta(9))
        found, points = outstanding_with_trend(db, connection, asked)
        [item] = partner_items(db, connection, Asked(company, RECEIVABLE, day), ZOE).items

    assert (found.total.total, found.partners, found.accounts) == (0, [], [])
    assert (points[-1].open_amount, points[-1].overdue) == (0, 0)
    assert [each.amount for each in item.later] == [1000]


def test_a_partners_items_say_what_settled_them_since(engine: Engine) -> None:
    """A payment of a customer, and one to a supplier; what counted by the day is not repeated."""
    day = date(2026, 1, 31)
    items = [
        _item(1, "100", CUSTOMERS, day),
        _item(2, "-60", CUSTOMERS, day + timedelta(9)),
        _item(3, "-10", CUSTOMERS, day),
        _item(4, "-50", SUPPLIERS, day, partner_id=None),
        _item(5, "50", SUPPLIERS, day + timedelta(9), entry_id=9),
    ]
    later = [
        _reconciled(1, 3, Decimal(10), day),
        _reconciled(1, 2, Decimal(60), None),
        _reconciled(5, 4, Decimal(50), day + timedelta(9)),
    ]
    connection = _booked(engine, Book(items, later))
    paid = record_of("journal_entries", id=9, number="BNK/9")
    add_records(engine, connection.id, "journal_entries", [paid])

    with reading(engine) as db:
        company = _company(db, connection)
        [invoice] = partner_items(db, connection, Asked(company, RECEIVABLE, day), ZOE).items
        [bill] = partner_items(db, connection, Asked(company, PAYABLE, day), NO_PARTNER).items

    assert (invoice.amount, invoice.open_amount) == (100, 90)
    assert [(each.amount, each.date) for each in invoice.later] == [(60, day + timedelta(9))]
    assert (bill.open_amount, [each.number for each in bill.later]) == (50, ["BNK/9"])


def _booked(engine: Engine, book: Book) -> Connection:
    connection = add_books(engine, [])
    partners = [record_of("partners", id=ZOE, name="Zoe")]
    add_records(engine, connection.id, "partners", partners)
    add_records(engine, connection.id, "journal_items", book.items)
    add_records(engine, connection.id, "reconciliations", book.reconciliations)
    add_records(engine, connection.id, "journal_entries", book.entries)
    return connection


def _item(id: int, balance: str, account_id: int, day: date, **values: object) -> Record:
    amount = Decimal(balance)
    debit, credit = str(max(amount, Decimal(0))), str(max(-amount, Decimal(0)))
    values = {"partner_id": ZOE, "entry_id": 1, "amount_currency": amount, **values}
    return journal_item(id, debit, credit, account_id=account_id, date=day, **values)


def _company(db: Database, connection: Connection) -> Company:
    return list_companies(db, connection.id)[0]


def _balance(db: Database, connection: Connection, asked: Asked) -> Decimal:
    """Of the accounts of the type, in the trial balance."""
    accounts = trial_balance(db, connection, asked.company.id, FIRST_DAY, asked.as_of).accounts
    return sum(
        (
            asked.owed(account.closing_balance)
            for account in accounts
            if account.type == ACCOUNT_TYPES[asked.type]
        ),
        Decimal(0),
    )


def _reconciled(debit: int, credit: int, amount: Decimal, day: date | None) -> Record:
    return record_of(
        "reconciliations",
        id=debit * 1000 + credit,
        debit_item_id=debit,
        credit_item_id=credit,
        amount=amount,
        debit_amount_currency=amount,
        credit_amount_currency=amount,
        date=day,
    )
