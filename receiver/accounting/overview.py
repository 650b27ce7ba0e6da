"""A company at a glance: its result by month, its cash, and what is still to be paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.open_items.ageing_report import PAYABLE, RECEIVABLE, TrendPoint, open_on
from receiver.accounting.shared.columns import YEAR_TO_DATE, By
from receiver.accounting.shared.companies import with_places
from receiver.accounting.shared.periods import MONTHS_IN_YEAR, month_after
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import CASH, STATEMENTS
from receiver.accounting.statements.statements import profit_and_loss
from receiver.accounting.structures.mapping_overview import count_unmapped
from receiver.accounting.structures.structure import Structure
from receiver.accounting.structures.structure_store import list_structures
from receiver.db.accounting.ledger import Company, list_accounts
from receiver.db.accounting.open_items import Scope, list_account_balances
from receiver.db.connections.connections import Connection

NOTHING = Decimal(0)
NO_LINES = Structure((), {statement: {} for statement in STATEMENTS})  # results need none


@dataclass(frozen=True)
class MonthResult:
    month: date  # its first day
    amount: Decimal  # profit is positive


@dataclass(frozen=True)
class Unmapped:
    structure: str  # its name
    account_count: int


@dataclass(frozen=True)
class Glance:
    """Key figures in the company's currency."""

    day: date
    results: list[MonthResult]  # of a year; the last month up to the day
    year_result: Decimal  # of the fiscal year so far
    year_start: date | None
    cash: Decimal
    receivable: TrendPoint
    payable: TrendPoint  # positive where it is to be paid
    unmapped: list[Unmapped]  # of structures with accounts that have no line


def at_a_glance(db: Database, connection: Connection, company: Company, day: date) -> Glance:
    """Raises InvalidQuery for a day that no report is made of."""
    question = StatementQuestion(month_after(day, 1 - MONTHS_IN_YEAR), day, (company.id,))
    result = profit_and_loss(db, connection, NO_LINES, question)
    columns = [*zip(result.columns, result.totals.net.amounts, strict=True)]
    [(year, year_result)] = [each for each in columns if each[0].kind == YEAR_TO_DATE]
    outstanding = open_on(db, connection, company, day)
    return Glance(
        day=day,
        results=[
            MonthResult(column.from_date, amount)
            for column, amount in columns
            if column.kind == By.MONTH and column.from_date
        ],
        year_result=year_result,
        year_start=year.from_date,
        cash=_cash(db, connection, company, day),
        receivable=outstanding[RECEIVABLE],
        payable=outstanding[PAYABLE],
        unmapped=_unmapped(db, connection),
    )


def _cash(db: Database, connection: Connection, company: Company, day: date) -> Decimal:
    ids = tuple(each.id for each in list_accounts(db, connection.id) if each.type == CASH)
    balances = list_account_balances(db, Scope(connection.id, company.id, day, ids))
    return with_places(sum(balances.values(), NOTHING), company.decimal_places)


def _unmapped(db: Database, connection: Connection) -> list[Unmapped]:
    accounts = list_accounts(db, connection.id)
    counted = [
        Unmapped(each.name, count_unmapped(each.structure, accounts))
        for each in list_structures(db, connection.id)
    ]
    return [each for each in counted if each.account_count]
