"""What a figure of a statement is made of: the journal items that it opens.

The items of a figure add up to it: what is on other days is not among them, so its accounts begin
with nothing, or with what they had before the days that are looked at.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection as Database

from receiver.accounting.ledger.general_ledger import LedgerQuestion
from receiver.accounting.shared.closings import closings_of
from receiver.accounting.shared.companies import get_companies
from receiver.accounting.shared.periods import days_before, fiscal_year_start
from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CASH,
    CURRENT_YEAR_EARNINGS,
    KINDS,
    OFF_BALANCE,
    PREVIOUS_YEARS_EARNINGS,
    PROFIT_AND_LOSS,
    STATEMENTS,
    Days,
)
from receiver.accounting.statements.statement_lines import UNMAPPED_ID
from receiver.accounting.structures.mapping import belongs_to
from receiver.accounting.structures.structure import (
    Structure,
    children_of,
    get_line,
    line_ids_under,
)
from receiver.db.accounting.ledger import (
    Company,
    ItemsOf,
    LedgerScope,
    list_accounts,
    sum_by_account,
)
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidQuery

Types = Mapping[int, str | None]  # {account id: type}; one that has not arrived has none


@dataclass(frozen=True)
class Figure:
    """``line_ids`` are the lines whose accounts it has; or it has all of a type, mapped or not.

    With both it has the off-balance accounts of the lines.
    """

    statement: str
    days: Days
    is_credit_positive: bool
    line_ids: frozenset[int] = frozenset()  # UNMAPPED_ID: the accounts without a line
    earnings: frozenset[str] = frozenset()  # those of structure.FIGURES that are in it
    account_type: str | None = None


OFF_BALANCE_TOTAL = f"{BALANCE_SHEET}.off_balance"
# Of the statements' totals those that are of a type; the others are of top lines by their sign.
TYPE_TOTALS = {
    f"{kind.name}.{total.name}": Figure(
        kind.name, total.days, is_credit_positive=False, account_type=total.account_type
    )
    for kind in KINDS.values()
    for total in (*kind.totals, *([kind.apart] if kind.apart else []))
    if total.account_type
}
SIGNS = {"debit": (False,), "credit": (True,), "net": (False, True)}
FIGURE_PARAMETERS = ("line_id", "unmapped", "total")  # which figure is asked for
TOTALS = (*(f"{statement}.{sign}" for statement in STATEMENTS for sign in SIGNS), *TYPE_TOTALS)


def find_figure(structure: Structure, query: Mapping[str, Any]) -> Figure | None:
    """Figure to be opened; None where accounts are. Raises InvalidQuery and NotFound."""
    chosen = [name for name in FIGURE_PARAMETERS if name in query]
    if query.get("total") == OFF_BALANCE_TOTAL and len(chosen) == 2:
        others = {name: query[name] for name in chosen if name != "total"}
        figure = find_figure(structure, others)
        return figure and off_balance_of(figure)
    if len(chosen) > 1:
        raise InvalidQuery("Ask for one figure at a time.", path=chosen[1])
    if "line_id" in query:
        return figure_of_line(structure, query["line_id"])
    if "unmapped" in query:
        return figure_of_unmapped(structure, query["unmapped"])
    return figure_of_total(structure, query["total"]) if "total" in query else None


def figure_of_line(structure: Structure, line_id: int) -> Figure:
    """Raises NotFound."""
    line = get_line(structure, line_id)
    ids = line_ids_under(structure, line_id)
    return _figure_of(structure, line.statement, ids, is_credit_positive=line.is_credit_positive)


def figure_of_unmapped(structure: Structure, statement: str) -> Figure:
    return _figure_of(structure, statement, {UNMAPPED_ID}, is_credit_positive=True)


def figure_of_total(structure: Structure, total: str) -> Figure:
    """``total`` is one of TOTALS."""
    if total in TYPE_TOTALS:
        return TYPE_TOTALS[total]
    statement, name = total.split(".")
    ids = {UNMAPPED_ID} if name == "net" else set()
    for top in children_of(structure, statement):
        if top.is_credit_positive in SIGNS[name]:
            ids |= line_ids_under(structure, top.id)
    return _figure_of(structure, statement, ids, is_credit_positive=name != "debit")


def off_balance_of(figure: Figure) -> Figure:
    """The off-balance accounts of a figure's lines, which the figure itself is without."""
    return replace(figure, account_type=OFF_BALANCE, earnings=frozenset())


def items_of(
    db: Database,
    connection: Connection,
    structure: Structure,
    figure: Figure,
    asked: LedgerQuestion,
) -> LedgerQuestion:
    """What the general ledger is to be asked so that its items add up to the figure.

    ``asked`` has the days of the report's column, and accounts where only what the figure has of
    these is wanted. Raises InvalidQuery for companies that are not there, and where a day that the
    figure needs is not named.
    """
    companies = get_companies(db, connection, asked.company_ids)
    company_ids = tuple(company.id for company in companies)
    types = {account.id: account.type for account in list_accounts(db, connection.id)}
    known: Iterable[int] = structure.mapping[figure.statement]
    if UNMAPPED_ID in figure.line_ids:
        known = _with_items(db, connection, company_ids)
    own = tuple(_account_ids(structure, figure, types, known))
    parts = [ItemsOf(company_ids, own, *_days(figure, asked))] if own else []
    parts += _earnings(figure, companies, types, asked)
    kind = KINDS[figure.statement]
    is_exchange = kind.by_counterpart and figure.account_type is None
    is_without = kind.leaves_out_closings and not asked.with_closings
    return replace(
        _within_reach(asked, parts),
        parts=tuple(parts),
        opposite_ids=_of_type(CASH, types) if is_exchange else None,
        without=closings_of(db, connection, company_ids) if is_without else None,
    )


def _figure_of(
    structure: Structure, statement: str, line_ids: Collection[int], *, is_credit_positive: bool
) -> Figure:
    return Figure(
        statement,
        KINDS[statement].days,
        is_credit_positive=is_credit_positive,
        line_ids=frozenset(line_ids),
        earnings=frozenset(
            line.figure for line in structure.lines if line.figure and line.id in line_ids
        ),
    )


def _account_ids(
    structure: Structure, figure: Figure, types: Types, known: Iterable[int]
) -> Iterator[int]:
    """Ids of the accounts of its lines, or of its type."""
    if figure.account_type is not None and not figure.line_ids:
        yield from _of_type(figure.account_type, types)
        return
    line_of, apart = structure.mapping[figure.statement], KINDS[figure.statement].apart
    is_apart = figure.account_type == OFF_BALANCE
    for id in known:
        is_of_statement = belongs_to(types.get(id), figure.statement)  # its type may have changed
        stands_apart = apart is not None and types.get(id) == apart.account_type
        is_meant = is_of_statement and stands_apart is is_apart
        if is_meant and line_of.get(id, UNMAPPED_ID) in figure.line_ids:
            yield id


def _with_items(db: Database, connection: Connection, company_ids: tuple[int, ...]) -> set[int]:
    """Accounts that have not arrived can be among them."""
    scope = LedgerScope(connection.id, company_ids, date.min, date.max)
    return {sums.account_id for sums in sum_by_account(db, scope)}


def _of_type(type: str, types: Types) -> tuple[int, ...]:
    return tuple(id for id, of in types.items() if of == type)


def _days(figure: Figure, asked: LedgerQuestion) -> tuple[date | None, date | None]:
    if figure.days is Days.WITHIN:
        return asked.from_date, asked.to_date
    if figure.days is Days.UNTIL:
        return None, asked.to_date
    if asked.from_date is None:
        raise InvalidQuery("Name the first day of the column.", path="from")
    return days_before(asked.from_date)


def _earnings(
    figure: Figure, companies: Sequence[Company], types: Types, asked: LedgerQuestion
) -> list[ItemsOf]:
    """Each company's, by its fiscal year."""
    if not figure.earnings:
        return []
    if asked.to_date is None:
        raise InvalidQuery("Name the day of the balance sheet.", path="to")
    ids = tuple(id for id, type in types.items() if belongs_to(type, PROFIT_AND_LOSS))
    parts = []
    for company in companies:
        year_start = fiscal_year_start(company, asked.to_date)
        if CURRENT_YEAR_EARNINGS in figure.earnings:
            parts.append(ItemsOf((company.id,), ids, year_start, asked.to_date))
        if PREVIOUS_YEARS_EARNINGS in figure.earnings:
            parts.append(ItemsOf((company.id,), ids, *days_before(year_start)))
    return parts


def _within_reach(asked: LedgerQuestion, parts: Sequence[ItemsOf]) -> LedgerQuestion:
    """The days asked for; where the figure ends before them, all of its own."""
    ends = [part.to_date for part in parts if part.to_date]
    if not ends or len(ends) < len(parts) or not asked.from_date or asked.from_date <= max(ends):
        return asked
    return replace(asked, from_date=None, to_date=max(ends))
