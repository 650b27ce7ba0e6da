"""One page of the general ledger, account by account: what it begins with, its items, its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from receiver.accounting.ledger.general_ledger import LedgerAccount, LedgerLine
from receiver.accounting.ledger.paging import LedgerPage
from receiver.accounting.shared.companies import code_in, owners_of
from receiver.db.accounting.ledger import Account, Company


@dataclass(frozen=True)
class LedgerGroup:
    account: LedgerAccount
    brought: Decimal  # its balance before the first item of this page
    is_continued: bool  # from the page before
    lines: Sequence[LedgerLine]
    is_ended: bool  # no further item of it follows


def ledger_groups(page: LedgerPage) -> list[LedgerGroup]:
    """Accounts without items of the period are where they come by their code."""
    lines = {id: list(each) for id, each in groupby(page.items, lambda line: line.account_id)}
    return [_group(page, account, lines.get(account.id, [])) for account in _accounts_on(page)]


def account_options(
    accounts: Iterable[Account], companies: Sequence[Company]
) -> list[tuple[str, str, int]]:
    """``(code, name, id)`` by code, of the accounts that these companies or their roots have."""
    return sorted(
        (code_in(companies, each.codes) or "", each.name or "", each.id)
        for each in accounts
        if owners_of(companies, map(int, each.company_ids.split(",")))
    )


def _accounts_on(page: LedgerPage) -> Sequence[LedgerAccount]:
    """Accounts on a page, from where the page before ended up to that of the last item: each is on
    one page at least, and only one whose items are on several is on more."""
    first, end = 0, len(page.accounts)
    if page.after is not None:
        first = page.account_ids.index(page.after.account_id) + (not _is_continued(page))
    if page.next_account_id is not None:
        end = page.account_ids.index(page.items[-1].account_id) + 1
    return page.accounts[first:end]


def _group(page: LedgerPage, account: LedgerAccount, own: Sequence[LedgerLine]) -> LedgerGroup:
    is_first_item_here = bool(own) and own[0] == page.items[0]
    return LedgerGroup(
        account,
        brought=own[0].running_balance - own[0].balance if own else account.opening_balance,
        is_continued=is_first_item_here and _is_continued(page),
        lines=own,
        is_ended=account.id != page.next_account_id,
    )


def _is_continued(page: LedgerPage) -> bool:
    """Whether the first item is on the same account as the last one of the page before."""
    if page.after is None or not page.items:
        return False
    return page.items[0].account_id == page.after.account_id
