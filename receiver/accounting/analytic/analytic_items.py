"""What a figure of the dimensional report is made of: journal items, each with its share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from monitr_wire.values import decode_shares
from sqlalchemy import Connection as Database

from receiver.accounting.analytic.analytic_report import NOT_ALLOCATED, PERCENT, Plans
from receiver.accounting.ledger.general_ledger import LedgerQuestion
from receiver.accounting.shared.closings import without_closings
from receiver.accounting.shared.companies import get_companies, with_places
from receiver.accounting.shared.statement_kinds import PROFIT_AND_LOSS
from receiver.accounting.structures.mapping import belongs_to
from receiver.db.accounting.analytic import list_analytic_accounts, list_plans
from receiver.db.accounting.balances import Range, list_shared_balances
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.errors import InvalidQuery


@dataclass(frozen=True)
class DimensionItems:
    question: LedgerQuestion  # of the general ledger, which has the items
    percentages: Mapping[str | None, Decimal]  # of an item, by its shares
    total: Decimal  # of all items, credit less debit: the figure

    def allocated(self, shares: str | None, balance: Decimal) -> Decimal:
        """What of an item's balance is in the figure, credit less debit."""
        return _part(balance, self.percentages[shares])


def dimension_items(
    db: Database,
    connection: Connection,
    asked: LedgerQuestion,
    plan_id: int | None,
    analytic_account_id: int | None,
) -> DimensionItems:
    """Items of an analytic account, or where none is named of what the plan does not allocate.

    ``asked`` has the days of the report's column. Raises InvalidQuery, and DifferentCurrencies.
    """
    if asked.from_date is None or asked.to_date is None:
        raise InvalidQuery("Name the days.", path="from")
    companies = get_companies(db, connection, asked.company_ids)
    plans = Plans(list_plans(db, connection.id), list_analytic_accounts(db, connection.id))
    wanted = asked.account_ids
    account_ids = [
        account.id
        for account in list_accounts(db, connection.id)
        if belongs_to(account.type, PROFIT_AND_LOSS) and (wanted is None or account.id in wanted)
    ]
    company_ids = tuple(company.id for company in companies)
    days = Range(connection.id, company_ids, asked.from_date, asked.to_date, ())
    range, _ = without_closings(db, connection, days, with_closings=asked.with_closings)
    found = list_shared_balances(db, range, account_ids)
    percentages = {
        shares: _percentage(shares, plans, plan_id, analytic_account_id)
        for shares in {each.shares for each in found}
    }
    total = sum((_part(each.balance, percentages[each.shares]) for each in found), Decimal(0))
    shares = tuple(shares for shares, percentage in percentages.items() if percentage)
    return DimensionItems(
        replace(asked, account_ids=tuple(account_ids), shares=shares, without=range.without),
        percentages,
        with_places(total, companies[0].decimal_places),
    )


def _percentage(
    shares: str | None, plans: Plans, plan_id: int | None, analytic_account_id: int | None
) -> Decimal:
    """What is not allocated is what no account of the plan takes."""
    of_plan = [
        (id, percentage)
        for ids, percentage in (decode_shares(shares) if shares else ())
        for id in ids
        if id in plans.plan_of and plans.plan_of[id] == plan_id
    ]
    if analytic_account_id is NOT_ALLOCATED:
        return PERCENT - sum((percentage for _, percentage in of_plan), Decimal(0))
    return sum((each for id, each in of_plan if id == analytic_account_id), Decimal(0))


def _part(balance: Decimal, percentage: Decimal) -> Decimal:
    return -balance * percentage / PERCENT
