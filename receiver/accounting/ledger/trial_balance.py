"""The trial balance: per account, what was there before a period, what moved in it, what is left.

Every account's opening balance is cumulative, income and expense accounts too: it holds all that
was booked before the period, over year ends as well. The closing balances of a period are the
opening balances of the next, and the total of balances is zero in complete books.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.shared.companies import code_order, get_company, own_code, with_places
from receiver.db.accounting.ledger import (
    AccountSums,
    Company,
    LedgerScope,
    find_period,
    sum_by_account,
)
from receiver.db.connections.connections import Connection


@dataclass(frozen=True)
class Balances:
    """Balances of an account in the company's currency, each with its decimals. Balances are debit
    less credit."""

    opening_balance: Decimal
    debit: Decimal
    credit: Decimal
    closing_balance: Decimal


@dataclass(frozen=True)
class AccountBalances(Balances):
    id: int
    code: str | None  # the company's own: that of its root company
    name: str | None
    type: str | None


@dataclass(frozen=True)
class TrialBalance:
    company: Company
    from_date: date | None  # None where the company has no journal items
    to_date: date | None
    start_date: date | None  # earlier entries are not here: openings lack them
    accounts: list[AccountBalances]  # by code; without movement and balance, left out
    totals: Balances


def trial_balance(
    db: Database,
    connection: Connection,
    company_id: int | None,
    from_date: date | None,
    to_date: date | None,
) -> TrialBalance:
    """Make the trial balance from one day to another, both included; of all days where none is
    given.

    Raises InvalidQuery where the connection has no such company, or several and none is named.
    """
    company = get_company(db, connection, company_id)
    first, last = find_period(db, connection.id, (company.id,))
    from_date, to_date = from_date or first, to_date or last
    accounts: list[AccountBalances] = []
    if from_date and to_date:
        scope = LedgerScope(connection.id, (company.id,), from_date, to_date)
        sums = sum_by_account(db, scope)
        accounts = [_account(company, sum) for sum in sums if sum.has_amounts]
        accounts.sort(key=lambda account: code_order(account.code, account.id))
    return TrialBalance(
        company, from_date, to_date, connection.start_date, accounts, _total(company, accounts)
    )


def _account(company: Company, sums: AccountSums) -> AccountBalances:
    return AccountBalances(
        id=sums.account_id,
        code=own_code(company, sums.codes),
        name=sums.name,
        type=sums.type,
        **_amounts(company, sums.opening, sums.debit, sums.credit),
    )


def _total(company: Company, accounts: list[AccountBalances]) -> Balances:
    opening = sum((account.opening_balance for account in accounts), Decimal(0))
    debit = sum((account.debit for account in accounts), Decimal(0))
    credit = sum((account.credit for account in accounts), Decimal(0))
    return Balances(**_amounts(company, opening, debit, credit))


def _amounts(
    company: Company, opening: Decimal, debit: Decimal, credit: Decimal
) -> dict[str, Decimal]:
    places = company.decimal_places
    return {
        "opening_balance": with_places(opening, places),
        "debit": with_places(debit, places),
        "credit": with_places(credit, places),
        "closing_balance": with_places(opening + debit - credit, places),
    }
