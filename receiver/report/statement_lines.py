"""A statement's lines, from the sums of its accounts: what is below a line is part of it.

Every account with an amount is in the line that it is mapped to, else in the line "unmapped". So
the lines at the top add up to the sum of all accounts, whatever the structure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from receiver.db.ledger import Account, Company
from receiver.report.companies import code_in, code_order, with_places
from receiver.report.structure import BALANCE_SHEET, Line, Structure, walk

NOTHING = Decimal(0)
LINE = "line"
UNMAPPED = "unmapped"
UNMAPPED_ID = 0  # of no line in a structure

Sums = tuple[Decimal, ...]  # debit less credit: of each column, then of each that is compared


@dataclass(frozen=True)
class Amounts:
    """In the companies' currency, with its decimals; one for each of the report's columns."""

    amounts: tuple[Decimal, ...]
    compared: tuple[Decimal, ...]  # of the compared columns; empty where nothing is compared


@dataclass(frozen=True)
class AccountLine(Amounts):
    """Signed as the line that it is in."""

    id: int
    code: str | None
    name: str | None  # None: the account has not arrived
    type: str | None


@dataclass(frozen=True)
class StatementLine(Amounts):
    """``is_credit_positive``: an amount is positive where credit is more than debit."""

    line_id: int | None  # of the structure; None: unmapped
    kind: str  # "line", "unmapped", or one of structure.FIGURES
    name: str | None  # None: unmapped
    parent_id: int | None
    level: int  # 0: at the top
    is_credit_positive: bool
    accounts: tuple[AccountLine, ...]  # its own, by code; those without any amount left out


@dataclass(frozen=True)
class Totals:
    debit: Amounts  # of the top lines that are positive by debit: assets
    credit: Amounts  # of the others: liabilities and equity
    net: Amounts  # credit less debit: the result; of a balance sheet zero


@dataclass(frozen=True)
class Layout:
    """What a statement is written by."""

    structure: Structure
    statement: str
    companies: tuple[Company, ...]
    accounts: Mapping[int, Account]
    column_count: int  # the sums that follow those of the columns are of compared ones
    sum_count: int

    def amounts(self, sums: Sums, *, is_credit_positive: bool) -> Amounts:
        places = self.companies[0].decimal_places
        signed = [NOTHING - amount if is_credit_positive else amount for amount in sums]
        shown = tuple(with_places(amount, places) for amount in signed)
        return Amounts(shown[: self.column_count], shown[self.column_count :])


def statement_lines(
    layout: Layout, by_account: Mapping[int, Sums], figures: Mapping[str, Sums]
) -> tuple[tuple[StatementLine, ...], Totals]:
    """Each line before those below it, the unmapped last; and what the top lines add up to."""
    own = _accounts_by_line(layout, by_account)
    shown = [*walk(layout.structure, layout.statement), (_unmapped(layout.statement), 0)]
    sums = _sums_by_line(layout, own, figures, [line for line, _ in shown])
    lines = tuple(
        StatementLine(
            line_id=line.id or None,
            kind=line.figure or (LINE if line.id else UNMAPPED),
            name=line.name or None,
            parent_id=line.parent_id,
            level=level,
            is_credit_positive=line.is_credit_positive,
            accounts=_account_lines(layout, own[line.id], line),
            **vars(layout.amounts(sums[line.id], is_credit_positive=line.is_credit_positive)),
        )
        for line, level in shown
    )
    return lines, _totals(layout, [(line, sums[line.id]) for line, level in shown if not level])


def _accounts_by_line(
    layout: Layout, by_account: Mapping[int, Sums]
) -> defaultdict[int, dict[int, Sums]]:
    line_of = layout.structure.mapping[layout.statement]
    own: defaultdict[int, dict[int, Sums]] = defaultdict(dict)
    for account_id, sums in by_account.items():
        if any(sums):
            own[line_of.get(account_id, UNMAPPED_ID)][account_id] = sums
    return own


def _unmapped(statement: str) -> Line:
    return Line(UNMAPPED_ID, statement, None, "", statement != BALANCE_SHEET)


def _sums_by_line(
    layout: Layout,
    own: Mapping[int, Mapping[int, Sums]],
    figures: Mapping[str, Sums],
    lines: Sequence[Line],
) -> dict[int, Sums]:
    zero = (NOTHING,) * layout.sum_count
    sums = {
        line.id: added([figures.get(line.figure or "", zero), *own.get(line.id, {}).values()])
        for line in lines
    }
    for line in reversed(lines):  # what is below a line is added before the line itself is
        if line.parent_id is not None:
            sums[line.parent_id] = added([sums[line.parent_id], sums[line.id]])
    return sums


def added(rows: Iterable[Sums]) -> Sums:
    """Column by column; there is at least one row."""
    return tuple(sum(column, NOTHING) for column in zip(*rows, strict=True))


def _account_lines(layout: Layout, own: Mapping[int, Sums], line: Line) -> tuple[AccountLine, ...]:
    lines = [
        AccountLine(
            **_described(layout, id),
            **vars(layout.amounts(sums, is_credit_positive=line.is_credit_positive)),
        )
        for id, sums in own.items()
    ]
    return tuple(sorted(lines, key=lambda each: code_order(each.code, each.id)))


def _described(layout: Layout, id: int) -> dict[str, Any]:
    account = layout.accounts.get(id)
    if account is None:
        return {"id": id, "code": None, "name": None, "type": None}
    code = code_in(layout.companies, account.codes)
    return {"id": id, "code": code, "name": account.name, "type": account.type}


def _totals(layout: Layout, tops: Sequence[tuple[Line, Sums]]) -> Totals:
    zero = (NOTHING,) * layout.sum_count
    by_sign = {
        sign: added([zero, *(sums for line, sums in tops if line.is_credit_positive == sign)])
        for sign in (False, True)
    }
    return Totals(
        debit=layout.amounts(by_sign[False], is_credit_positive=False),
        credit=layout.amounts(by_sign[True], is_credit_positive=True),
        net=layout.amounts(added(by_sign.values()), is_credit_positive=True),
    )
