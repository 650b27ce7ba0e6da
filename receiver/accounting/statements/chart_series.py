"""What the charts of statements show: sums by type of account, whatever the structure's lines."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from receiver.accounting.shared.amounts import NOTHING
from receiver.accounting.statements.statement_lines import StatementLine
from receiver.accounting.statements.statements import Statement
from receiver.accounting.structures.structure import FIGURES

INCOME, COSTS, RESULT = "income", "costs", "result"
ASSETS, LIABILITIES, EQUITY = "assets", "liabilities", "equity"


@dataclass(frozen=True)
class Series:
    name: str
    amounts: tuple[Decimal, ...]  # one for each of the statement's columns


def result_series(report: Statement) -> list[Series]:
    """Series of a profit and loss. Income less costs is the result."""
    return [
        Series(INCOME, _sums(report, lambda type: type.startswith("income"), sign=1)),
        Series(COSTS, _sums(report, lambda type: type.startswith("expense"), sign=-1)),
        Series(RESULT, report.totals.net.amounts),
    ]


def balance_series(report: Statement) -> list[Series]:
    """Series of a balance sheet. Equity is with the earnings that no account holds yet."""
    return [
        Series(ASSETS, _sums(report, lambda type: type.startswith("asset"), sign=-1)),
        Series(LIABILITIES, _sums(report, lambda type: type.startswith("liability"), sign=1)),
        Series(
            EQUITY,
            _sums(report, lambda type: type.startswith("equity") or type in FIGURES, sign=1),
        ),
    ]


def _sums(report: Statement, is_wanted: Callable[[str], bool], *, sign: int) -> tuple[Decimal, ...]:
    """Credit less debit, times the sign."""
    sums = [NOTHING for _ in report.columns]
    for line in report.lines:
        turned = sign if line.is_credit_positive else -sign
        for amounts in _parts(line, is_wanted):
            sums = [sum + turned * amount for sum, amount in zip(sums, amounts, strict=True)]
    return tuple(sums)


def _parts(line: StatementLine, is_wanted: Callable[[str], bool]) -> list[tuple[Decimal, ...]]:
    if line.kind in FIGURES:
        return [line.amounts] if is_wanted(line.kind) else []
    return [each.amounts for each in line.accounts if is_wanted(each.type or "")]
