"""Open items as of a date, and the balances they must add up to, each in one grouped query."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, shown_places, sums_to_zero
from receiver.db.tables import STREAM_TABLES

entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c
partners = STREAM_TABLES["partners"].c
currencies = STREAM_TABLES["currencies"].c
reconciliations = STREAM_TABLES["reconciliations"].c


NO_PARTNER = 0  # Odoo's ids begin at 1


class AgedFrom(StrEnum):
    """The day that an item's age counts from; where it has none, that is its accounting date."""

    DUE_DATE = "due_date"
    INVOICE_DATE = "invoice_date"


@dataclass(frozen=True)
class Scope:
    """Which journal items are looked at: those of a company up to a date, on some accounts."""

    connection_id: int
    company_id: int
    as_of: date
    account_ids: tuple[int, ...]
    partner_id: int | None = None  # NO_PARTNER: of items without one


@dataclass(frozen=True)
class OpenAmounts:
    """A journal item and what is open of it. Amounts are debit less credit: what is owed to others
    is negative. What has not arrived has no name."""

    id: int
    entry_id: int
    number: str | None
    reference: str | None
    invoice_date: date | None
    due_date: date | None
    date: date
    partner_id: int | None
    partner: str | None
    account_id: int
    label: str | None
    amount: Decimal
    open_amount: Decimal
    currency: str | None  # the item's own, of the two amounts that follow
    decimal_places: int | None
    amount_currency: Decimal
    open_amount_currency: Decimal


def list_open_items(db: Database, scope: Scope) -> list[OpenAmounts]:
    """An item is open by its balance, less the reconciliations up to the date that it is part of.

    It is left out when that is nothing in the company's currency and nothing in its own: where
    just one of them is left, something still has to be paid or written off.
    """
    columns = (
        items.id,
        items.entry_id,
        items.due_date,
        items.date,
        items.partner_id,
        items.account_id,
        items.label,
        items.balance,
        items.currency_id,
        items.amount_currency,
    )
    found = sa.select(*columns).where(*within(db, scope)).cte("found")
    item, left = found.c, _left_of_items(scope, found)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            item.id,
            item.entry_id,
            entries.number,
            entries.reference,
            entries.invoice_date,
            item.due_date,
            item.date,
            item.partner_id,
            partners.name,
            item.account_id,
            item.label,
            item.balance,
            left.c.open_amount,
            currencies.code,
            shown_places(currencies.decimal_places),
            item.amount_currency,
            left.c.open_amount_currency,
        )
        .select_from(left)
        .join(found, item.id == left.c.item_id)
        .outerjoin(STREAM_TABLES["journal_entries"], _referred(entries, item.entry_id, scope))
        .outerjoin(STREAM_TABLES["partners"], _referred(partners, item.partner_id, scope))
        .outerjoin(STREAM_TABLES["currencies"], _referred(currencies, item.currency_id, scope))
    )
    return [OpenAmounts(*row) for row in db.execute(query).all()]


def _left_of_items(scope: Scope, found: sa.CTE) -> sa.Subquery:
    """``item_id``, ``open_amount`` and ``open_amount_currency`` of what is not settled."""
    counted = _reconciled_by(scope).c
    item_id = found.c.id.label("item_id")
    changes = sa.union_all(
        sa.select(item_id, found.c.balance.label("amount"), found.c.amount_currency),
        sa.select(item_id, -counted.amount, -counted.debit_amount_currency).where(
            found.c.id == counted.debit_item_id
        ),
        sa.select(item_id, counted.amount, counted.credit_amount_currency).where(
            found.c.id == counted.credit_item_id
        ),
    ).subquery()
    amount, amount_currency = changes.c.amount, changes.c.amount_currency
    is_settled = sa.and_(sums_to_zero(amount), sums_to_zero(amount_currency))
    return (
        sa.select(
            changes.c.item_id,
            exact_sum(amount).label("open_amount"),
            exact_sum(amount_currency).label("open_amount_currency"),
        )
        .group_by(changes.c.item_id)
        .having(sa.not_(is_settled))
        .subquery()
    )


def _reconciled_by(scope: Scope) -> sa.CTE:
    """The reconciliations that count: those both of whose items are there by then.

    Every series stores that date; where it is missing all the same, the items tell it. These are
    asked apart, for speed.
    """
    columns = (
        reconciliations.debit_item_id,
        reconciliations.credit_item_id,
        reconciliations.amount,
        reconciliations.debit_amount_currency,
        reconciliations.credit_amount_currency,
    )
    mine = sa.select(*columns).where(reconciliations.connection_id == scope.connection_id)
    has_later_item = sa.exists().where(
        items.connection_id == scope.connection_id,
        items.id.in_([reconciliations.debit_item_id, reconciliations.credit_item_id]),
        items.date > scope.as_of,
    )
    return sa.union_all(
        mine.where(reconciliations.date <= scope.as_of),
        mine.where(reconciliations.date.is_(None), ~has_later_item),
    ).cte("counted")


def list_account_balances(db: Database, scope: Scope) -> dict[int, Decimal]:
    """``{account id: balance}`` of every account with journal items: from these alone,
    reconciliations play no part."""
    query = (
        sa.select(items.account_id, exact_sum(items.balance))
        .where(*within(db, scope))
        .group_by(items.account_id)
    )
    return {account_id: balance for account_id, balance in db.execute(query)}


def within(db: Database, scope: Scope) -> list[sa.ColumnElement[bool]]:
    conditions = [
        items.connection_id == scope.connection_id,
        items.company_id == scope.company_id,
        items.date <= scope.as_of,
        is_among(db, items.account_id, scope.account_ids),
    ]
    if scope.partner_id == NO_PARTNER:
        conditions.append(items.partner_id.is_(None))
    elif scope.partner_id is not None:
        conditions.append(items.partner_id == scope.partner_id)
    return conditions


def _referred(
    columns: sa.ColumnCollection[str, sa.Column[object]],
    id: sa.ColumnElement[object],
    scope: Scope,
) -> sa.ColumnElement[bool]:
    return sa.and_(columns.connection_id == scope.connection_id, columns.id == id)
