"""The ledger in sums: what reports ask the database, one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.accounting.closings import Closings, is_of
from receiver.db.among import is_among
from receiver.db.amounts import exact_sum, shown_places
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
    fiscal_year_last_month: int
    fiscal_year_last_day: int


@dataclass(frozen=True)
class Account:
    id: int
    name: str | None
    codes: str | None  # a JSON object {root company id: code}
    type: str
    company_ids: str  # "1,3"


@dataclass(frozen=True)
class ItemsOf:
    """The journal items of these accounts, in these companies and on these days."""

    company_ids: tuple[int, ...]
    account_ids: tuple[int, ...]
    from_date: date | None  # None: from the first one on
    to_date: date | None  # included; None: to the last one


@dataclass(frozen=True)
class LedgerScope:
    """Which journal items are looked at."""

    connection_id: int
    company_ids: tuple[int, ...]
    from_date: date
    to_date: date  # included
    account_ids: tuple[int, ...] | None = None  # None is every one
    shares: tuple[str | None, ...] | None = None  # as the wire writes them; None is whatever
    opposite_ids: tuple[int, ...] | None = None  # of entries that have an item on one of these
    parts: tuple[ItemsOf, ...] | None = None  # all that is in one of them; None is whatever
    without: Closings | None = None  # whose items are left out


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

    @property
    def has_amounts(self) -> bool:
        return bool(self.opening or self.debit or self.credit)


def list_companies(db: Database, connection_id: int) -> list[Company]:
    return list_companies_of(db, [connection_id])[connection_id]


def list_companies_of(db: Database, connection_ids: Sequence[int]) -> dict[int, list[Company]]:
    """``{connection id: companies}`` of every one, also where none has arrived yet."""
    query = (
        sa.select(
            companies.connection_id,
            companies.id,
            companies.name,
            companies.root_company_id,
            currencies.code.label("currency"),
            shown_places(currencies.decimal_places),
            companies.fiscal_year_last_month,
            companies.fiscal_year_last_day,
        )
        .outerjoin_from(
            STREAM_TABLES["companies"],
            STREAM_TABLES["currencies"],
            sa.and_(
                currencies.connection_id == companies.connection_id,
                currencies.id == companies.currency_id,
            ),
        )
        .where(is_among(db, companies.connection_id, connection_ids))
        .order_by(companies.id)
    )
    found: dict[int, list[Company]] = {id: [] for id in connection_ids}
    for connection_id, *values in db.execute(query):
        found[connection_id].append(Company(*values))
    return found


def list_accounts(db: Database, connection_id: int) -> list[Account]:
    columns = (accounts.id, accounts.name, accounts.codes, accounts.type, accounts.company_ids)
    query = sa.select(*columns).where(accounts.connection_id == connection_id)
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
    db: Database, connection_id: int, company_ids: Sequence[int]
) -> tuple[date | None, date | None]:
    """The first and the last date of the companies' journal items."""
    ends = (sa.func.min(items.date), sa.func.max(items.date))
    firsts, lasts = (_each_date(db, end, connection_id, company_ids) for end in ends)
    return min(firsts, default=None), max(lasts, default=None)


def find_last_date(
    db: Database, connection_id: int, company_ids: Sequence[int], up_to: date
) -> date | None:
    """The last date of the companies' journal items up to and including that day."""
    lasts = _each_date(db, sa.func.max(items.date), connection_id, company_ids, items.date <= up_to)
    return max(lasts, default=None)


def _each_date(
    db: Database,
    wanted: sa.ColumnElement[date],
    connection_id: int,
    company_ids: Sequence[int],
    *more: sa.ColumnElement[bool],
) -> list[date]:
    """The date of each company that has one. Asked one by one, the index tells them without
    counting on."""
    of_company = [
        sa.select(wanted)
        .where(items.connection_id == connection_id, items.company_id == id, *more)
        .scalar_subquery()
        for id in company_ids
    ]
    return [found for found in db.execute(sa.select(*of_company)).one() if found]


def sum_by_account(db: Database, scope: LedgerScope) -> list[AccountSums]:
    """Every account with journal items up to and including the last day, in one grouped query."""
    sums = _sums(db, scope)
    query = sa.select(sums, accounts.name, accounts.codes, accounts.type).outerjoin_from(
        sums,
        STREAM_TABLES["accounts"],
        sa.and_(accounts.connection_id == scope.connection_id, accounts.id == sums.c.account_id),
    )
    return [AccountSums(**row._mapping) for row in db.execute(query)]


def up_to_last_day(db: Database, scope: LedgerScope) -> list[sa.ColumnElement[bool]]:
    conditions = _until(scope)
    if scope.account_ids is not None:
        conditions.append(is_among(db, items.account_id, scope.account_ids))
    if scope.shares is not None:
        conditions.append(_has_shares(db, scope.shares))
    if scope.parts is not None:
        conditions.append(sa.or_(sa.false(), *(_is_of(db, part) for part in scope.parts)))
    if scope.opposite_ids is not None:
        is_opposite = is_among(db, items.account_id, scope.opposite_ids)
        entry_ids = sa.select(items.entry_id).where(*_until(scope), is_opposite)
        conditions += [sa.not_(is_opposite), items.entry_id.in_(entry_ids)]
    if scope.without is not None:
        conditions.append(sa.not_(is_of(db, scope.without)))
    return conditions


def _until(scope: LedgerScope) -> list[sa.ColumnElement[bool]]:
    return [
        items.connection_id == scope.connection_id,
        items.company_id.in_(scope.company_ids),
        items.date <= scope.to_date,
    ]


def _is_of(db: Database, part: ItemsOf) -> sa.ColumnElement[bool]:
    return sa.and_(
        items.company_id.in_(part.company_ids),
        is_among(db, items.account_id, part.account_ids),
        sa.true() if part.from_date is None else items.date >= part.from_date,
        sa.true() if part.to_date is None else items.date <= part.to_date,
    )


def _has_shares(db: Database, shares: Sequence[str | None]) -> sa.ColumnElement[bool]:
    is_one = is_among(db, items.shares, [each for each in shares if each is not None])
    return sa.or_(items.shares.is_(None), is_one) if None in shares else is_one


def _sums(db: Database, scope: LedgerScope) -> sa.Subquery:
    nothing: sa.ColumnElement[Decimal] = sa.literal_column("0")
    before = items.date < scope.from_date
    return (
        sa.select(
            items.account_id,
            exact_sum(sa.case((before, items.balance), else_=nothing)).label("opening"),
            exact_sum(sa.case((before, nothing), else_=items.debit)).label("debit"),
            exact_sum(sa.case((before, nothing), else_=items.credit)).label("credit"),
        )
        .where(*up_to_last_day(db, scope))
        .group_by(items.account_id)
        .subquery()
    )
