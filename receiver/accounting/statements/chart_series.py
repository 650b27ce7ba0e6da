"""What the charts of statements show: sums by type of account, whatever the structure's lines."""

from dataclasses import dataclass
from decimal import Decimal

from receiver.accounting.shared.amounts import NOTHING
from receiver.accounting.shared.statement_kinds import FIGURES, KINDS, Series
from receiver.accounting.statements.statement_lines import StatementLine
from receiver.accounting.statements.statements import Statement


@dataclass(frozen=True)
class ChartSeries:
    series: Series
    amounts: tuple[Decimal, ...]  # one for each of the statement's columns


def chart_series(report: Statement) -> list[ChartSeries]:
    """Series of the chart that the statement's kind has; none where it has no chart."""
    return [ChartSeries(each, _sums(report, each)) for each in KINDS[report.statement].series]


def _sums(report: Statement, series: Series) -> tuple[Decimal, ...]:
    if not series.types:
        return report.totals.net.amounts
    sums = [NOTHING for _ in report.columns]
    for line in report.lines:
        sign = 1 if line.is_credit_positive == series.is_credit_positive else -1
        for amounts in _parts(line, series.types):
            sums = [sum + sign * amount for sum, amount in zip(sums, amounts, strict=True)]
    return tuple(sums)


def _parts(line: StatementLine, types: tuple[str, ...]) -> list[tuple[Decimal, ...]]:
    if line.kind in FIGURES:
        return [line.amounts] if line.kind.startswith(types) else []
    return [each.amounts for each in line.accounts if (each.type or "").startswith(types)]
