"""A statement's lines, from the sums of its accounts: what is below a line is part of it.

Every account with an amount is in the line that it is mapped to, else in the line "unmapped". So
the lines at the top add up to the sum of all accounts, whatever the structure. What is unmapped is
neither asset nor liability until someone says so: it is in neither total, but beside them.

Off-balance accounts are no part of that: what they have is in lines of its own, named as those that
they are mapped to, and in no total.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from receiver.accounting.shared.amounts import AccountLine, Amounts, Sheet, Sums, added
from receiver.accounting.structures.structure import Line, Structure, walk

LINE = "line"
UNMAPPED = "unmapped"
UNMAPPED_ID = 0  # of no line in a structure


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
    """Totals below a statement. Of a balance sheet, debit equals credit and unmapped together."""

    debit: Amounts  # of the top lines that are positive by debit: assets
    credit: Amounts  # of the others: liabilities and equity
    unmapped: Amounts  # credit less debit, as its line; in neither of the two
    net: Amounts  # credit and unmapped less debit: the result; of a balance sheet zero


def statement_lines(
    sheet: Sheet,
    structure: Structure,
    statement: str,
    by_account: Mapping[int, Sums],
    figures: Mapping[str, Sums],
) -> tuple[tuple[StatementLine, ...], Totals]:
    """Each line before those below it, the unmapped last; and what the top lines add up to."""
    own = _accounts_by_line(structure.mapping[statement], by_account)
    unmapped = Line(UNMAPPED_ID, statement, None, "", is_credit_positive=True)
    shown = [*walk(structure, statement), (unmapped, 0)]
    sums = _sums_by_line(sheet, own, figures, [line for line, _ in shown])
    lines = tuple(
        _statement_line(sheet, line, level, sums[line.id], own[line.id]) for line, level in shown
    )
    tops = [(line, sums[line.id]) for line, level in walk(structure, statement) if not level]
    return lines, _totals(sheet, tops, sums[UNMAPPED_ID])


def apart_lines(
    sheet: Sheet, structure: Structure, statement: str, by_account: Mapping[int, Sums]
) -> tuple[StatementLine, ...]:
    """The same lines for accounts that stand apart: only those that have some of them."""
    lines, _ = statement_lines(sheet, structure, statement, by_account, {})
    filled: set[int] = set()
    for line in reversed(lines):  # what is below a line is looked at before the line itself
        if (line.accounts or line.line_id in filled) and line.parent_id is not None:
            filled.add(line.parent_id)
    return tuple(line for line in lines if line.accounts or line.line_id in filled)


def _accounts_by_line(
    line_of: Mapping[int, int], by_account: Mapping[int, Sums]
) -> defaultdict[int, dict[int, Sums]]:
    own: defaultdict[int, dict[int, Sums]] = defaultdict(dict)
    for account_id, sums in by_account.items():
        if any(sums):
            own[line_of.get(account_id, UNMAPPED_ID)][account_id] = sums
    return own


def _sums_by_line(
    sheet: Sheet,
    own: Mapping[int, Mapping[int, Sums]],
    figures: Mapping[str, Sums],
    lines: Sequence[Line],
) -> dict[int, Sums]:
    sums = {
        line.id: added([figures.get(line.figure or "", sheet.zero), *own.get(line.id, {}).values()])
        for line in lines
    }
    for line in reversed(lines):  # what is below a line is added before the line itself is
        if line.parent_id is not None:
            sums[line.parent_id] = added([sums[line.parent_id], sums[line.id]])
    return sums


def _statement_line(
    sheet: Sheet, line: Line, level: int, sums: Sums, own: Mapping[int, Sums]
) -> StatementLine:
    sign = line.is_credit_positive
    return StatementLine(
        **vars(sheet.amounts(sums, is_credit_positive=sign)),
        line_id=line.id or None,
        kind=line.figure or (LINE if line.id else UNMAPPED),
        name=line.name or None,
        parent_id=line.parent_id,
        level=level,
        is_credit_positive=sign,
        accounts=sheet.account_lines(own, is_credit_positive=sign),
    )


def _totals(sheet: Sheet, tops: Sequence[tuple[Line, Sums]], unmapped: Sums) -> Totals:
    debit, credit = (
        added([sheet.zero, *(sums for line, sums in tops if line.is_credit_positive == sign)])
        for sign in (False, True)
    )
    return Totals(
        debit=sheet.amounts(debit, is_credit_positive=False),
        credit=sheet.amounts(credit, is_credit_positive=True),
        unmapped=sheet.amounts(unmapped, is_credit_positive=True),
        net=sheet.amounts(added([debit, credit, unmapped]), is_credit_positive=True),
    )
