"""Each kind of statement, added up."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection as Database

from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import BALANCE_SHEET, CASH_FLOW, PROFIT_AND_LOSS
from receiver.accounting.statements.cash_flow import cash_flow
from receiver.accounting.statements.statements import Statement, balance_sheet, profit_and_loss
from receiver.accounting.structures.structure import Structure
from receiver.db.connections.connections import Connection

ADDED_UP_BY: Mapping[
    str, Callable[[Database, Connection, Structure, StatementQuestion], Statement]
] = {
    PROFIT_AND_LOSS: profit_and_loss,
    BALANCE_SHEET: balance_sheet,
    CASH_FLOW: cash_flow,
}


def report_statement(
    db: Database,
    connection: Connection,
    statement: str,
    structure: Structure,
    question: StatementQuestion,
) -> Statement:
    """``statement`` is one of STATEMENTS. Raises InvalidQuery, and DifferentCurrencies."""
    return ADDED_UP_BY[statement](db, connection, structure, question)
