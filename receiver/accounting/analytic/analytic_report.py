"""The dimensional report: the result by analytic account, for each analytic plan by itself.

An item's balance goes to the analytic accounts of its shares, so many percent to each. What no
share of a plan takes is the plan's "not allocated" (less than nothing where shares are more than
the whole), so each plan adds up to the profit and loss. A share of an analytic account that is not
there, as Odoo leaves it behind when it deletes one, takes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from monitr_wire.values import decode_shares
from sqlalchemy import Connection as Database

from receiver.accounting.shared.amounts import AccountLine, Amounts, Sheet, Sums, added
from receiver.accounting.shared.closings import ClosingEntries, closing_entries, without_closings
from receiver.accounting.shared.columns import Column
from receiver.accounting.shared.period_balances import in_slices
from receiver.accounting.shared.report_parameters import StatementQuestion, results_asked
from receiver.accounting.statements.statements import head_of, result_accounts
from receiver.db.accounting.analytic import (
    AnalyticAccount,
    AnalyticPlan,
    list_analytic_accounts,
    list_plans,
)
from receiver.db.accounting.balances import SharedBalance, list_shared_balances
from receiver.db.accounting.ledger import Company, list_accounts
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidQuery
from receiver.messages import Sentence

PERCENT = Decimal(100)
NOT_ALLOCATED = None  # in the place of an analytic account's id
WITHOUT_PLAN = None  # in the place of a plan's id

Key = tuple[int | None, int | None, int]  # plan, analytic account, account


@dataclass(frozen=True)
class DimensionLine(Amounts):
    """Positive where credit is more than debit: what was earned."""

    analytic_account_id: int | None  # None: not allocated
    code: str | None
    name: str | None
    accounts: tuple[AccountLine, ...]  # by code


@dataclass(frozen=True)
class Dimension:
    plan_id: int | None  # a plan at the top; None: the analytic accounts without any
    plan: str | None
    lines: tuple[DimensionLine, ...]  # by name; without any amount, left out
    not_allocated: DimensionLine
    total: Amounts  # the result, whatever the plan


@dataclass(frozen=True)
class DimensionalReport:
    companies: tuple[Company, ...]
    currency: str | None
    start_date: date | None  # earlier entries are not here
    columns: tuple[Column, ...]
    compared_columns: tuple[Column, ...]
    dimensions: tuple[Dimension, ...]
    closings: ClosingEntries


def dimensional_report(
    db: Database,
    connection: Connection,
    question: StatementQuestion,
    plan_id: int | None = None,
) -> DimensionalReport:
    """Report of one plan at the top, or of each. Raises InvalidQuery, and DifferentCurrencies."""
    asked = results_asked(db, connection, question)
    plans = Plans(list_plans(db, connection.id), list_analytic_accounts(db, connection.id))
    wanted = plans.chosen(plan_id)
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    results = result_accounts(accounts)
    spans = asked.spans()
    range, closings = without_closings(
        db, connection, asked.range(spans), with_closings=question.with_closings
    )
    found = list_shared_balances(db, range, results)
    sliced = in_slices(range.cuts, _allocated(found, plans, wanted))
    sums = {key: tuple(sliced.over(key, each) for each in spans) for key in sliced.keys}
    sheet = asked.sheet(accounts)
    return DimensionalReport(
        *head_of(asked),
        tuple(_dimension(sheet, plans, id, sums) for id in wanted),
        closing_entries(db, range, closings, results),
    )


@dataclass(frozen=True)
class Plans:
    """Which plan at the top each analytic account is in."""

    plans: Sequence[AnalyticPlan]
    accounts: Sequence[AnalyticAccount]

    @cached_property
    def plan_of(self) -> dict[int, int | None]:
        parent_of = {plan.id: plan.parent_id for plan in self.plans}
        return {account.id: _top(account.plan_id, parent_of) for account in self.accounts}

    @cached_property
    def names(self) -> dict[int, str | None]:
        return {plan.id: plan.name for plan in self.plans}

    def chosen(self, plan_id: int | None) -> list[int | None]:
        """The plan, or where none is named each at the top. Raises InvalidQuery."""
        tops: list[int | None] = [plan.id for plan in self.plans if plan.parent_id is None]
        if plan_id is None:
            return [*tops, WITHOUT_PLAN] if WITHOUT_PLAN in self.plan_of.values() else tops
        if plan_id not in tops:
            known = ", ".join(str(id) for id in tops) or Sentence("none")
            raise InvalidQuery(
                "There is no such plan at the top. The connection has: %(plans)s.",
                path="plan_id",
                plans=known,
            )
        return [plan_id]


def _top(plan_id: int | None, parent_of: Mapping[int, int | None]) -> int | None:
    """The plan above all others; WITHOUT_PLAN where one of them has not arrived."""
    for _ in parent_of:
        if plan_id is None or plan_id not in parent_of:
            return WITHOUT_PLAN
        if parent_of[plan_id] is None:
            return plan_id
        plan_id = parent_of[plan_id]
    return WITHOUT_PLAN


def _allocated(
    results: Iterable[SharedBalance], plans: Plans, wanted: Sequence[int | None]
) -> Iterator[tuple[int, Key, int, Decimal]]:
    """Amounts of a company, a key and a slice. In each plan a result's add up to its balance."""
    parts_of: dict[str | None, list[tuple[int | None, int, Decimal]]] = {}
    for found in results:
        if found.shares not in parts_of:
            parts_of[found.shares] = _parts(found.shares, plans)
        left = dict.fromkeys(wanted, found.balance)
        for plan_id, analytic_account_id, percentage in parts_of[found.shares]:
            if plan_id in left:
                part = found.balance * percentage / PERCENT
                left[plan_id] -= part
                key = (plan_id, analytic_account_id, found.account_id)
                yield found.company_id, key, found.slice, part
        for plan_id, rest in left.items():
            yield found.company_id, (plan_id, NOT_ALLOCATED, found.account_id), found.slice, rest


def _parts(shares: str | None, plans: Plans) -> list[tuple[int | None, int, Decimal]]:
    """Plan, analytic account and percentage of each analytic account that is there."""
    return [
        (plans.plan_of[id], id, percentage)
        for ids, percentage in (decode_shares(shares) if shares else ())
        for id in ids
        if id in plans.plan_of
    ]


def _dimension(
    sheet: Sheet, plans: Plans, plan_id: int | None, sums: Mapping[Key, Sums]
) -> Dimension:
    by_analytic_account: dict[int | None, dict[int, Sums]] = defaultdict(dict)
    for (plan, analytic_account_id, account_id), amounts in sums.items():
        if plan == plan_id and any(amounts):
            by_analytic_account[analytic_account_id][account_id] = amounts
    everything = [each for by_id in by_analytic_account.values() for each in by_id.values()]
    rest = by_analytic_account.pop(NOT_ALLOCATED, {})
    lines = [
        _line(sheet, account, by_analytic_account[account.id])
        for account in sorted(plans.accounts, key=lambda each: (each.name or "", each.id))
        if account.id in by_analytic_account
    ]
    return Dimension(
        plan_id,
        None if plan_id is None else plans.names[plan_id],
        tuple(lines),
        _line(sheet, None, rest),
        sheet.amounts(added([sheet.zero, *everything]), is_credit_positive=True),
    )


def _line(
    sheet: Sheet, analytic_account: AnalyticAccount | None, by_account: Mapping[int, Sums]
) -> DimensionLine:
    total = added([sheet.zero, *by_account.values()])
    return DimensionLine(
        **vars(sheet.amounts(total, is_credit_positive=True)),
        analytic_account_id=analytic_account.id if analytic_account else None,
        code=analytic_account.code if analytic_account else None,
        name=analytic_account.name if analytic_account else None,
        accounts=sheet.account_lines(by_account, is_credit_positive=True),
    )
