"""What a figure of a report is made of: the journal items that it opens."""

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.ledger import LedgerScope, list_accounts, sum_by_account
from receiver.errors import InvalidQuery
from receiver.report.companies import get_companies
from receiver.report.general_ledger import LedgerQuestion
from receiver.report.mapping import CASH, belongs_to
from receiver.report.periods import DAY, FIRST_YEAR, common_fiscal_year_start
from receiver.report.structure import (
    CASH_FLOW,
    CURRENT_YEAR_EARNINGS,
    PROFIT_AND_LOSS,
    Structure,
    get_line,
    line_ids_under,
)

LONG_AGO = date(FIRST_YEAR, 1, 1)


def items_of_line(
    db: Database, connection: Connection, structure: Structure, line_id: int, asked: LedgerQuestion
) -> LedgerQuestion:
    """What the general ledger is to be asked so that its items add up to the line's figure.

    ``asked`` has the days of the report's column: of a balance sheet only the last one. Raises
    NotFound, and InvalidQuery where the line is no sum of whole accounts over the same days.
    """
    line = get_line(structure, line_id)
    if line.figure:
        return _items_of_earnings(db, connection, line.figure, asked)
    ids = line_ids_under(structure, line_id)
    if any(each.figure for each in structure.lines if each.id in ids):
        raise InvalidQuery(
            "Earnings below this line are of days of their own. Open the lines below it one by"
            " one.",
            path="line_id",
        )
    types = _types(db, connection)
    account_ids = tuple(
        id
        for id, of in structure.mapping[line.statement].items()
        if of in ids and belongs_to(types.get(id), line.statement)  # its type may have changed
    )
    return replace(_asked_of(db, connection, line.statement, asked), account_ids=account_ids)


def unmapped_items(
    db: Database,
    connection: Connection,
    structure: Structure,
    statement: str,
    asked: LedgerQuestion,
) -> LedgerQuestion:
    """The same for the line "unmapped"."""
    mapped = structure.mapping[statement]
    ids = _account_ids(db, connection, statement, asked)
    account_ids = tuple(id for id in ids if id not in mapped)
    return replace(_asked_of(db, connection, statement, asked), account_ids=account_ids)


def _asked_of(
    db: Database, connection: Connection, statement: str, asked: LedgerQuestion
) -> LedgerQuestion:
    """Of the cash flow the items that cash was exchanged for."""
    if statement != CASH_FLOW:
        return asked
    types = _types(db, connection)
    return replace(asked, opposite_ids=tuple(id for id, type in types.items() if type == CASH))


def _items_of_earnings(
    db: Database, connection: Connection, figure: str, asked: LedgerQuestion
) -> LedgerQuestion:
    if asked.to_date is None:
        raise InvalidQuery("Name the day of the balance sheet.", path="to")
    companies = get_companies(db, connection, asked.company_ids)
    year_start = common_fiscal_year_start(companies, asked.to_date)
    if year_start is None:
        raise InvalidQuery(
            "The fiscal years of these companies differ. Ask for one company.", path="company_id"
        )
    ids = tuple(_account_ids(db, connection, PROFIT_AND_LOSS, asked))
    if figure == CURRENT_YEAR_EARNINGS:
        return replace(asked, account_ids=ids, from_date=year_start)
    return replace(asked, account_ids=ids, from_date=None, to_date=year_start - DAY)


def _account_ids(
    db: Database, connection: Connection, statement: str, asked: LedgerQuestion
) -> list[int]:
    """Accounts of the statement with journal items; one that has not arrived has no type."""
    companies = get_companies(db, connection, asked.company_ids)
    company_ids = tuple(company.id for company in companies)
    types = _types(db, connection)
    last = asked.to_date or date.max
    scope = LedgerScope(connection.id, company_ids, LONG_AGO, last)
    ids = [sums.account_id for sums in sum_by_account(db, scope)]
    return [id for id in ids if belongs_to(types.get(id), statement)]


def _types(db: Database, connection: Connection) -> dict[int, str | None]:
    return {account.id: account.type for account in list_accounts(db, connection.id)}
