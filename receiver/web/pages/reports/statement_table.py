"""A statement as the rows of a page: what is opened, what is left away, and where figures lead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import ceil

from flask_babel import gettext as _

from receiver.accounting.shared.amounts import AccountLine, Amounts
from receiver.accounting.shared.columns import BALANCE, TOTAL, YEAR_TO_DATE, By, Column
from receiver.accounting.shared.periods import fiscal_year_start, is_last_of_month
from receiver.accounting.shared.statement_kinds import (
    KINDS,
    PROFIT_AND_LOSS,
    TOTAL_TITLES,
    StatementKind,
    Total,
)
from receiver.accounting.statements.drill_down import OFF_BALANCE_TOTAL
from receiver.accounting.statements.statement_lines import UNMAPPED, StatementLine
from receiver.accounting.statements.statements import Statement
from receiver.web.pages.reports.report_request import ACCOUNTS, TOP, Asked
from receiver.web.pages.shared.jinja_filters import day, days, month, months
from receiver.web.pages.shared.sentences import words

LEDGER = "reports_pages.show_general_ledger"
RESULT = f"{PROFIT_AND_LOSS}.net"
COMPARED_CELLS = 4  # of a column: the figure, the other one, the difference, percent
PAPER_WIDTH = 200  # characters of amounts beside the lines' names, on A4 landscape
GAP = 2  # characters between two columns


@dataclass(frozen=True)
class Cell:
    amount: Decimal | None  # None: nothing is shown, as there is no percentage of zero
    href: str | None = None  # what the figure is made of
    is_percentage: bool = False


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    cells: Sequence[Cell]
    level: int = 0
    code: str | None = None
    kind: str = "part"  # "top", "part", "account", "unmapped", "rest", "total", "section"
    is_open: bool | None = None  # None: there is nothing below it
    turn: str = ""  # the address that opens or closes it


@dataclass(frozen=True)
class Grid:
    """``columns`` are those shown: numbers of the report's. Compared ones have four cells each."""

    report: Statement
    columns: Sequence[int]
    rows: Sequence[Row]
    totals: Sequence[Row]
    off_balance: Sequence[Row]

    @property
    def is_empty(self) -> bool:
        """Cash that did not move is at the beginning and at the end all the same."""
        has_totals = any(cell.amount for row in self.totals for cell in row.cells)
        return not (self.rows or self.off_balance or has_totals)

    @property
    def sheets(self) -> list["Grid"]:
        """Grids with as many columns in each as there is room for on a sheet of paper."""
        rows = (*self.rows, *self.totals, *self.off_balance)
        longest = max(
            (
                len(f"{cell.amount:,}")
                for row in rows
                for cell in row.cells
                if cell.amount is not None
            ),
            default=0,
        )
        width = (longest + GAP) * self.cells_per_column
        count = ceil(len(self.columns) * width / PAPER_WIDTH)
        size = ceil(len(self.columns) / max(count, 1))
        return [self._sheet(first, first + size) for first in range(0, len(self.columns), size)]

    @property
    def cells_per_column(self) -> int:
        return COMPARED_CELLS if self.report.compared_columns else 1

    @property
    def heads(self) -> list[str]:
        return [column_label(self.report.columns[number]) for number in self.columns]

    @property
    def compared_heads(self) -> list[str]:
        if not self.report.compared_columns:
            return []
        return [compared_label(self.report.compared_columns[number]) for number in self.columns]

    def _sheet(self, first: int, after: int) -> "Grid":
        part = slice(first * self.cells_per_column, after * self.cells_per_column)
        rows, totals, off_balance = (
            [replace(row, cells=row.cells[part], is_open=None) for row in rows]
            for rows in (self.rows, self.totals, self.off_balance)
        )
        return Grid(self.report, self.columns[first:after], rows, totals, off_balance)


def statement_grid(report: Statement, asked: Asked) -> Grid:
    columns = shown_columns(report.columns)
    rows = _Rows(report, asked, columns)
    return Grid(report, columns, rows.shown(), rows.totals(), rows.off_balance())


def shown_columns(columns: Sequence[Column]) -> list[int]:
    """Without those that say again what another one says."""
    seen: set[tuple[date | None, date]] = set()
    shown = []
    for number, column in enumerate(columns):
        days = (column.from_date, column.to_date)
        if days not in seen:
            shown.append(number)
        seen.add(days)
    return shown


def column_label(column: Column) -> str:
    first, last = column.from_date, column.to_date
    if column.kind == BALANCE:
        return day(last)
    if column.kind == YEAR_TO_DATE:
        return _("Year to date")
    if column.kind == TOTAL or first is None:
        return _("Total")
    is_whole = first.day == 1 and is_last_of_month(last)
    if column.kind == By.MONTH and is_whole:
        return month(first)
    if is_whole:
        return months(first, last)
    return days(first, last)


def compared_label(column: Column) -> str:
    """Label with its days, where it would be called as what it is compared with."""
    if column.kind in (TOTAL, YEAR_TO_DATE) and column.from_date is not None:
        return days(column.from_date, column.to_date)
    return column_label(column)


def cells_of(
    amounts: Amounts, columns: Sequence[int], href: Callable[[int, bool], str | None]
) -> list[Cell]:
    """Cells of a line: of each column the figure; where it is compared also the other one, the
    difference, and how much that is in percent."""
    cells = []
    for number in columns:
        cells.append(Cell(amounts.amounts[number], href(number, False)))
        if amounts.compared:
            cells.append(Cell(amounts.compared[number], href(number, True)))
            cells.append(Cell(amounts.differences[number]))
            cells.append(Cell(amounts.percentages[number], is_percentage=True))
    return cells


def is_nothing(amounts: Amounts) -> bool:
    return not any(amounts.amounts) and not any(amounts.compared)


@dataclass(frozen=True)
class _Rows:
    report: Statement
    asked: Asked
    columns: Sequence[int]
    parents: dict[int | None, list[StatementLine]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.report.lines:
            self.parents.setdefault(line.parent_id, []).append(line)

    @property
    def kind(self) -> StatementKind:
        return KINDS[self.report.statement]

    def shown(self) -> list[Row]:
        return [row for line in self.parents.get(None, []) for row in self._with_below(line)]

    def totals(self) -> list[Row]:
        """Totals of the kind; what is unmapped only where there is something."""
        shown = [(each, self.report.total(each.name)) for each in self.kind.totals]
        return [
            self._total(total, amounts)
            for total, amounts in shown
            if total.name != UNMAPPED or not is_nothing(amounts)
        ]

    def off_balance(self) -> list[Row]:
        """All of it, below a heading."""
        if not self.report.off_balance:
            return []
        empty = [Cell(None)] * len(self._cells(self.report.totals.net))
        heading = Row("off-balance", words(TOTAL_TITLES[OFF_BALANCE_TOTAL]), empty, kind="section")
        return [heading, *(row for line in self.report.off_balance for row in self._apart(line))]

    def _apart(self, line: StatementLine) -> Iterator[Row]:
        figure = {**self._figure(line), "total": OFF_BALANCE_TOTAL}
        yield Row(
            key=f"off-balance-{line.line_id}",
            name=line.name or _("Unmapped"),
            cells=self._cells(line, **figure),
            level=line.level,
        )
        for account in line.accounts:
            yield self._account_row(line, account, **figure)

    def _with_below(self, line: StatementLine) -> Iterator[Row]:
        if self._is_empty(line) and ("zeros" not in self.asked.query or line.kind == UNMAPPED):
            return
        yield self._row(line)
        if line.line_id is None or self._is_open(line):
            for below in self._below(line):
                yield from self._with_below(below)
            for account in line.accounts:
                yield self._account_row(line, account, **self._figure(line))

    def _is_empty(self, line: StatementLine) -> bool:
        """Amounts below it that make nothing together are worth seeing."""
        return (
            is_nothing(line) and not line.accounts and all(map(self._is_empty, self._below(line)))
        )

    def _below(self, line: StatementLine) -> list[StatementLine]:
        return self.parents.get(line.line_id, []) if line.line_id else []

    def _row(self, line: StatementLine) -> Row:
        cells = self._cells(line, **self._figure(line))
        if line.line_id is None:
            return Row("unmapped", _("Unmapped"), cells, kind="unmapped")
        has_below = bool(line.accounts or self._below(line))
        return Row(
            key=f"line-{line.line_id}",
            name=line.name or "",
            cells=cells,
            level=line.level,
            kind="part" if line.level or not has_below else "top",
            is_open=self._is_open(line) if has_below else None,
            turn=self.asked.turn(line.line_id),
        )

    def _account_row(self, line: StatementLine, account: AccountLine, **figure: object) -> Row:
        return Row(
            key=f"account-{account.id}",
            name=account.name or _("Account %(id)s, not arrived yet", id=account.id),
            cells=self._cells(account, **figure, account_id=account.id),
            level=line.level + 1,
            code=account.code,
            kind="account",
        )

    def _total(self, total: Total, amounts: Amounts) -> Row:
        name = self.report.statement
        figure = {UNMAPPED: name} if total.name == UNMAPPED else {"total": f"{name}.{total.name}"}
        return Row("total", words(total.title), self._cells(amounts, **figure), kind="total")

    def _figure(self, line: StatementLine) -> dict[str, object]:
        """Query of a figure as the general ledger is asked for it."""
        if line.line_id is None:
            return {"unmapped": self.report.statement}
        return {"line_id": line.line_id}

    def _is_open(self, line: StatementLine) -> bool:
        detail = self.asked.query.get("detail")
        usual = detail == ACCOUNTS or (detail != TOP and bool(self._below(line)))
        return usual != (line.line_id in self.asked.query.get("turned", ()))

    def _cells(self, amounts: Amounts, **figure: object) -> list[Cell]:
        def opens(number: int, is_compared: bool) -> str | None:
            columns = self.report.compared_columns if is_compared else self.report.columns
            return self._ledger(columns[number], figure)

        return cells_of(amounts, self.columns, opens)

    def _ledger(self, column: Column, figure: Mapping[str, object]) -> str | None:
        """None where the column has no first day: each company's fiscal year has its own."""
        first = column.from_date
        if column.kind == BALANCE:
            first = fiscal_year_start(self.asked.company, column.to_date)
        if first is None or self.asked.structure is None:
            return None
        return self.asked.address(
            LEDGER,
            **{"from": first.isoformat(), "to": column.to_date.isoformat()},
            **{"structure_id": self.asked.structure.structure_id, **figure},
        )
