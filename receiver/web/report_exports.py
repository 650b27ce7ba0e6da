"""Reports as tables to take away, alike from the API and from the pages."""

from collections.abc import Generator, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection as Database

from receiver.accounting.analytic.analytic_report import DimensionalReport, DimensionLine
from receiver.accounting.ledger.general_ledger import (
    GeneralLedger,
    LedgerQuestion,
    general_ledger,
    ledger_lines,
)
from receiver.accounting.shared.amounts import Amounts
from receiver.accounting.shared.closings import ClosingEntries
from receiver.accounting.shared.columns import BALANCE, Column
from receiver.accounting.shared.statement_kinds import KINDS
from receiver.accounting.statements.statement_lines import StatementLine
from receiver.accounting.statements.statements import Statement
from receiver.db.accounting.general_ledger import Place
from receiver.db.connections.connections import Connection
from receiver.web.exports import Row, Table, table_of

LEDGER_COLUMNS = (
    "account_code",
    "account",
    "date",
    "number",
    "journal",
    "reference",
    "partner",
    "label",
    "debit",
    "credit",
    "running_balance",
    "currency",
    "amount_currency",
    "id",
    "entry_id",
)
TRIAL_BALANCE_COLUMNS = (
    "id",
    "code",
    "name",
    "type",
    "opening_balance",
    "debit",
    "credit",
    "closing_balance",
)


def trial_balance_table(accounts: Iterable[object]) -> Table:
    """Table of the accounts: AccountBalances or LedgerAccounts."""
    return table_of("trial_balance", TRIAL_BALANCE_COLUMNS, accounts)


def ledger_table(
    db: Database,
    connection: Connection,
    question: LedgerQuestion,
    *,
    after: Place | None,
    limit: int | None,
) -> Table:
    """The items, read while they are sent. Raises InvalidQuery and DifferentCurrencies."""
    found = general_ledger(db, connection, question)
    return Table("general_ledger", LEDGER_COLUMNS, _ledger_rows(db, found, after, limit))


def _ledger_rows(
    db: Database, found: GeneralLedger, after: Place | None, limit: int | None
) -> Generator[list[list[Any]]]:
    for part in ledger_lines(db, found, after=after, limit=limit):
        yield [[getattr(line, column) for column in LEDGER_COLUMNS] for line in part]


def statement_table(report: Statement) -> Table:
    columns = ("level", "line", "account_code", "account", *_labels(report))
    rows = [row for line in report.lines for row in _statement_rows(line)]
    rows += [(0, name, None, None, *_cells(amounts)) for name, amounts in _totals(report)]
    if report.off_balance:
        rows.append((0, "off-balance", *[None] * (len(columns) - 2)))
    rows += [row for line in report.off_balance for row in _statement_rows(line)]
    rows += [(0, text, *[None] * (len(columns) - 2)) for text in _left_out(report.closings)]
    return Table(report.statement, columns, [rows])


def _left_out(closings: ClosingEntries) -> Iterator[str]:
    """What is not in the figures."""
    for journal in closings.journals if closings.are_left_out else ():
        yield f"left out: {journal.entry_count} closing entries of {journal.name or journal.id}"


def _totals(report: Statement) -> Iterator[tuple[str, Amounts]]:
    """Totals as below the statement's page; what is unmapped is a line already."""
    for total in KINDS[report.statement].totals:
        if total.exported_as:
            yield total.exported_as, report.total(total.name)


def _statement_rows(line: StatementLine) -> Iterator[Row]:
    name = line.name or line.kind
    yield (line.level, name, None, None, *_cells(line))
    for account in line.accounts:
        yield (line.level, name, account.code, account.name, *_cells(account))


def dimensions_table(report: DimensionalReport) -> Table:
    head = ("plan", "analytic_account", "account_code", "account")
    rows: list[Row] = []
    for dimension in report.dimensions:
        for line in (*dimension.lines, dimension.not_allocated):
            rows += _dimension_rows(dimension.plan, line)
        rows.append((dimension.plan, "total", None, None, *_cells(dimension.total)))
    columns = (*head, *_labels(report))
    rows += [(text, *[None] * (len(columns) - 1)) for text in _left_out(report.closings)]
    return Table("dimensions", columns, [rows])


def _dimension_rows(plan: str | None, line: DimensionLine) -> Iterator[Row]:
    name = "not allocated" if line.analytic_account_id is None else line.name
    yield (plan, name, None, None, *_cells(line))
    for account in line.accounts:
        yield (plan, name, account.code, account.name, *_cells(account))


def _cells(amounts: Amounts) -> Row:
    compared = (*amounts.compared, *amounts.differences, *amounts.percentages)
    return (*amounts.amounts, *compared)


def _labels(report: Statement | DimensionalReport) -> list[str]:
    labels = [_label(column) for column in report.columns]
    if not report.compared_columns:
        return labels
    return [
        *labels,
        *(f"compared {_label(column)}" for column in report.compared_columns),
        *(f"difference {label}" for label in labels),
        *(f"difference % {label}" for label in labels),
    ]


def _label(column: Column) -> str:
    """Alike for programs and people: dates as ISO has them."""
    if column.kind == BALANCE:
        return column.to_date.isoformat()
    return f"{column.kind} {column.from_date or ''}/{column.to_date}"
