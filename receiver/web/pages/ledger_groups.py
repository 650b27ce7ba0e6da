"""One page of the general ledger, account by account: what it begins with, its items, its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from receiver.report.general_ledger import LedgerAccount, LedgerLine
from receiver.web.general_ledger import LedgerPage


@dataclass(frozen=True)
class LedgerGroup:
    account: LedgerAccount
    brought: Decimal  # its balance before the first item of this page
    is_continued: bool  # from the page before
    lines: Sequence[LedgerLine]
    is_ended: bool  # no further item of it follows


def ledger_groups(page: LedgerPage, *, is_first: bool) -> list[LedgerGroup]:
    """Accounts without items of the period are where they come by their code."""
    lines = {id: list(each) for id, each in groupby(page.items, lambda line: line.account_id)}
    return list(_groups(page, lines, is_first=is_first))


def _groups(
    page: LedgerPage, lines: dict[int, list[LedgerLine]], *, is_first: bool
) -> Iterator[LedgerGroup]:
    last_id = page.items[-1].account_id if page.items and page.next_cursor else None
    has_begun = is_first
    for account in page.accounts:
        own = lines.get(account.id, [])
        has_begun = has_begun or bool(own)
        if has_begun:
            brought = own[0].running_balance - own[0].balance if own else account.opening_balance
            end = own[-1].running_balance if own else account.closing_balance
            yield LedgerGroup(
                account,
                brought,
                is_continued=not is_first and bool(own) and account.id == page.items[0].account_id,
                lines=own,
                is_ended=account.id != last_id or end == account.closing_balance,
            )
        if account.id == last_id:
            return
