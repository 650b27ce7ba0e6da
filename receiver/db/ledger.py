"""The ledger in sums: what reports ask the database, one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.amounts import exact_sum
from receiver.db.tables import STREAM_TABLES

companies = STREAM_TABLES["companies"].c
currencies = STREAM_TABLES["currencies"].c
accounts = STREAM_TABLES["accounts"].c
entries = STREAM_TABLES["journal_entries"].c
items = STREAM_TABLES["journal_items"].c


@dataclass(frozen=True)
class Company:
    id: int
    name: str | None
    root_company_id: int
    currency: str | None  # ISO 4217; None until the currency has arrived
    decimal_places: int | None


@dataclass(frozen=True)
class Account:
    id: int
    name: str | None
    codes: str | None  # a JSON object {root company id: code}


@dataclass(frozen=True)
class AccountSums:
    """What an account's journal items add up to. An account that has not arrived has no name."""

    account_id: int
    name: str | None
    codes: str | None  # a JSON object {root company id: code}
    type: str | None
    opening: Decimal  # balance of everything before the period
    debit: Decimal
    credit: Decimal


def list_companies(db: Database, connection_id: int) -> list[Company]:
    query = (
        sa.select(
            companies.id,
            companies.name,
            companies.root_company_id,
            currencies.code.label("currency"),
            currencies.decimal_places,
        )
        .outerjoin_from(
            STREAM_TABLES["companies"],
            STREAM_TABLES["currencies"],
            sa.and_(
                currencies.connection_id == companies.connection_id,
                currencies.id == companies.currency_id,
            ),
        )
        .where(companies.connection_id == connection_id)
        .order_by(companies.id)
    )
    return [Company(**row._mapping) for row in db.execute(query)]


def list_accounts(db: Database, connection_id: int) -> list[Account]:
    query = sa.select(accounts.id, accounts.name, accounts.codes).where(
        accounts.connection_id == connection_id
    )
    return [Account(**row._mapping) for row in db.execute(query)]


def list_first_entries(
    db: Database, connection_id: int, company_ids: Sequence[int], limit: int
) -> dict[int, date]:
    """``{id: accounting date}`` of the journal entries with the lowest ids."""
    query = (
        sa.select(entries.id, entries.date)
        .where(entries.connection_id == connection_id, entries.company_id.in_(company_ids))
        .order_by(entries.id)
        .limit(limit)
    )
    return {row.id: row.date for row in db.execute(query)}


def has_entries(db: Database, connection_id: int) -> bool:
    query = sa.select(entries.id).where(entries.connection_id == connection_id).limit(1)
    return db.execute(query).first() is not None


def find_period(
    db: Database, connection_id: int, company_id: int
) -> tuple[date | None, date | None]:
    """The first and the last date of the company's journal items."""
    query = sa.select(sa.func.min(items.date), sa.func.max(items.date)).where(
        items.connection_id == connection_id, items.company_id == company_id
    )
    first, last = db.execute(query).one()
    return first, last


def sum_by_account(
    db: Database, connection_id: int, company_id: int, from_date: date, to_date: date
) -> list[AccountSums]:
    """Every account with journal items up to and including ``to_date``, in one grouped query."""
    sums = _sums(connection_id, company_id, from_date, to_date)
    query = sa.select(sums, accounts.name, accounts.codes, accounts.type).outerjoin_from(
        sums,
        STREAM_TABLES["accounts"],
        sa.and_(accounts.connection_id == connection_id, accounts.id == sums.c.account_id),
    )
    return [AccountSums(**row._mapping) for row in db.execute(query)]


def _sums(connection_id: int, company_id: int, from_date: date, to_date: date) -> sa.Subquery:
    nothing: sa.ColumnElement[Decimal] = sa.literal_column("0")
    before = items.date < from_date
    return (
        sa.select(
            items.account_id,
            exact_sum(sa.case((before, items.balance), else_=nothing)).label("opening"),
            exact_sum(sa.case((before, nothing), else_=items.debit)).label("debit"),
            exact_sum(sa.case((before, nothing), else_=items.credit)).label("credit"),
        )
        .where(
            items.connection_id == connection_id,
            items.company_id == company_id,
            items.date <= to_date,
        )
        .group_by(items.account_id)
        .subquery()
    )
