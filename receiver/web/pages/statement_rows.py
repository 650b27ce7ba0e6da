"""A statement as the rows of a page: what is opened, what is left away, and where figures lead."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from receiver.report.cash_flow import CashFlow
from receiver.report.columns import BALANCE, TOTAL, YEAR_TO_DATE, By, Column
from receiver.report.periods import DAY, fiscal_year_start, month_after
from receiver.report.sheet import AccountLine, Amounts
from receiver.report.statement_lines import UNMAPPED, StatementLine
from receiver.report.statements import Statement
from receiver.report.structure import CASH_FLOW, FIGURES, PROFIT_AND_LOSS
from receiver.web.pages.formats import day, month
from receiver.web.pages.report_query import ACCOUNTS, TOP, Asked

LEDGER = "reports_pages.show_general_ledger"


@dataclass(frozen=True)
class Cell:
    amount: Decimal
    href: str | None = None  # what the figure is made of


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    cells: Sequence[Cell]
    level: int = 0
    code: str | None = None
    kind: str = "part"  # "top", "part", "account", "unmapped", "rest", "total"
    is_open: bool | None = None  # None: there is nothing below it
    turn: str = ""  # the address that opens or closes it


@dataclass(frozen=True)
class Grid:
    """``columns`` are those shown: numbers of the report's. Compared ones have three cells each."""

    report: Statement
    columns: Sequence[int]
    rows: Sequence[Row]
    totals: Sequence[Row]

    @property
    def heads(self) -> list[str]:
        return [column_label(self.report.columns[number]) for number in self.columns]

    @property
    def compared_heads(self) -> list[str]:
        if not self.report.compared_columns:
            return []
        return [column_label(self.report.compared_columns[number]) for number in self.columns]


def statement_grid(report: Statement, asked: Asked) -> Grid:
    columns = shown_columns(report.columns)
    rows = _Rows(report, asked, columns)
    return Grid(report, columns, rows.shown(), rows.totals())


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
    is_whole = first.day == 1 and last + DAY == month_after(last, 1)
    if column.kind == By.MONTH and is_whole:
        return month(first)
    if is_whole:
        return f"{month(first)} \N{EN DASH} {month(last)}"
    return f"{day(first)} \N{EN DASH} {day(last)}"


def cells_of(
    amounts: Amounts, columns: Sequence[int], href: Callable[[int, bool], str | None]
) -> list[Cell]:
    """Of each column the figure; where it is compared also the other one and the difference."""
    cells = []
    for number in columns:
        cells.append(Cell(amounts.amounts[number], href(number, False)))
        if amounts.compared:
            compared = amounts.compared[number]
            cells.append(Cell(compared, href(number, True)))
            cells.append(Cell(amounts.amounts[number] - compared))
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

    def shown(self) -> list[Row]:
        return [row for line in self.parents.get(None, []) for row in self._with_below(line)]

    def totals(self) -> list[Row]:
        totals = self.report.totals
        if self.report.statement == PROFIT_AND_LOSS:
            return [self._total(_("Result"), totals.net)]
        if isinstance(self.report, CashFlow):
            return [
                self._total(_("Cash at the beginning"), self.report.opening),
                self._total(_("Change in cash"), totals.net),
                self._total(_("Cash at the end"), self.report.closing),
            ]
        unmapped = [] if is_nothing(totals.unmapped) else [totals.unmapped]
        return [
            self._total(_("Total assets"), totals.debit),
            self._total(_("Total liabilities and equity"), totals.credit),
            *(self._total(_("Unmapped"), each) for each in unmapped),
            self._total(_("Difference"), totals.net),
        ]

    def _with_below(self, line: StatementLine) -> Iterator[Row]:
        if is_nothing(line) and ("zeros" not in self.asked.query or line.kind == UNMAPPED):
            return
        yield self._row(line)
        if line.line_id is None or self._is_open(line):
            for below in self._below(line):
                yield from self._with_below(below)
            for account in line.accounts:
                yield self._account_row(line, account)

    def _below(self, line: StatementLine) -> list[StatementLine]:
        return self.parents.get(line.line_id, []) if line.line_id else []

    def _row(self, line: StatementLine) -> Row:
        cells = cells_of(line, self.columns, lambda number, old: self._opens(line, number, old))
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
            turn=self._turn(line.line_id),
        )

    def _account_row(self, line: StatementLine, account: AccountLine) -> Row:
        def href(number: int, is_compared: bool) -> str | None:
            if self.report.statement == CASH_FLOW:
                return self._opens(line, number, is_compared)  # the account is among its line's
            return self._ledger(number, is_compared, account_id=str(account.id))

        return Row(
            key=f"account-{account.id}",
            name=account.name or _("Account %(id)s, not arrived yet", id=account.id),
            cells=cells_of(account, self.columns, href),
            level=line.level + 1,
            code=account.code,
            kind="account",
        )

    def _total(self, name: str, amounts: Amounts) -> Row:
        return Row("total", name, cells_of(amounts, self.columns, lambda *_: None), kind="total")

    def _is_open(self, line: StatementLine) -> bool:
        detail = self.asked.query.get("detail")
        usual = detail == ACCOUNTS or (detail != TOP and bool(self._below(line)))
        return usual != (line.line_id in self.asked.query.get("turned", ()))

    def _turn(self, id: int) -> str:
        turned = set(self.asked.query.get("turned", ())) ^ {id}
        return self.asked.address_here(turned=",".join(map(str, sorted(turned))) or None)

    def _opens(self, line: StatementLine, number: int, is_compared: bool) -> str | None:
        if line.kind == UNMAPPED:
            return self._ledger(number, is_compared, unmapped=self.report.statement)
        if line.kind not in FIGURES and self._has_figures(line):
            return None
        return self._ledger(number, is_compared, line_id=line.line_id)

    def _has_figures(self, line: StatementLine) -> bool:
        """Earnings below a line are of days of their own."""
        return any(each.kind in FIGURES or self._has_figures(each) for each in self._below(line))

    def _ledger(self, number: int, is_compared: bool, **what: object) -> str | None:
        columns = self.report.compared_columns if is_compared else self.report.columns
        column = columns[number]
        first = column.from_date
        if column.kind == BALANCE:
            first = fiscal_year_start(self.asked.company, column.to_date)
        if first is None:
            return None
        days = {"from": first.isoformat(), "to": column.to_date.isoformat()}
        if self.asked.structure:
            what["structure_id"] = self.asked.structure.structure_id
        return self.asked.address(LEDGER, **days, **what)
