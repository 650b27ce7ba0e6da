"""A statement's mapping as people edit it: its lines, their accounts, and the money of each.

The money is the account's balance in one company, over all its journal items. Accounts that have
journal items and have not arrived are there too, unmapped: so nothing is silently left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.shared.companies import owners_of, with_places
from receiver.accounting.shared.statement_kinds import KINDS, STATEMENTS
from receiver.accounting.structures.line_moves import steps_of
from receiver.accounting.structures.mapping import (
    MappedAccount,
    belongs_to,
    list_mapped,
    map_automatically,
)
from receiver.accounting.structures.structure import Line, Structure, get_line, line_ids_under, walk
from receiver.db.accounting.balances import Range, list_slice_balances
from receiver.db.accounting.ledger import Account, Company, list_accounts, list_companies
from receiver.db.connections.connections import Connection

NOTHING = Decimal(0)


@dataclass(frozen=True)
class SheetAccount:
    id: int
    code: str  # its codes, where companies have several
    name: str | None
    type: str | None  # None: the account has not arrived, so it cannot be mapped yet
    owners: str  # the names of its companies, where others do not have it
    balance: Decimal  # debit less credit
    line: Line | None  # None: unmapped


@dataclass(frozen=True)
class SheetLine:
    line: Line
    level: int  # 0: at the top
    steps: set[str]  # see places
    accounts: list[SheetAccount]  # its own


@dataclass(frozen=True)
class MappingSheet:
    statement: str
    accounts: list[SheetAccount]  # the unmapped first, then by code
    lines: list[SheetLine]  # each before those below it

    @property
    def unmapped(self) -> list[SheetAccount]:
        return [account for account in self.accounts if account.line is None]

    @property
    def unmapped_debit(self) -> Decimal:
        return sum((max(each.balance, NOTHING) for each in self.unmapped), NOTHING)

    @property
    def unmapped_credit(self) -> Decimal:
        return sum((max(-each.balance, NOTHING) for each in self.unmapped), NOTHING)


@dataclass(frozen=True)
class Coverage:
    """How many of a statement's accounts are mapped."""

    statement: str
    mapped_count: int
    unmapped_count: int


@dataclass(frozen=True)
class Proposal:
    statement: str
    account: SheetAccount  # with the line that it would be mapped to
    line: Line


def mapping_sheet(
    db: Database,
    connection: Connection,
    company: Company | None,
    structure: Structure,
    statement: str,
) -> MappingSheet:
    """Without a company, which has not arrived yet, there is no money either."""
    balances = _balances(db, connection, company)
    known, companies = list_accounts(db, connection.id), list_companies(db, connection.id)
    accounts = _sheet_accounts(structure, statement, known, companies, balances)
    accounts += _not_arrived(statement, known, balances)
    accounts.sort(key=lambda each: each.line is not None)
    by_line: defaultdict[int, list[SheetAccount]] = defaultdict(list)
    for account in accounts:
        if account.line:
            by_line[account.line.id].append(account)
    lines = [
        SheetLine(line, level, steps_of(structure, line), by_line[line.id])
        for line, level in walk(structure, statement)
    ]
    return MappingSheet(statement, accounts, lines)


def coverage_of(structure: Structure, accounts: Iterable[Account]) -> list[Coverage]:
    """How much of the accounts each statement covers."""
    accounts = list(accounts)
    covered = []
    for statement in STATEMENTS:
        mapped = list_mapped(structure, statement, accounts)
        counts = Counter(each.line_id is not None for each in mapped)
        covered.append(Coverage(statement, counts[True], counts[False]))
    return covered


def count_unmapped(structure: Structure, accounts: Iterable[Account]) -> int:
    """Count what is unmapped in the two statements that every account belongs to one of."""
    covered = coverage_of(structure, accounts)
    return sum(each.unmapped_count for each in covered if not KINDS[each.statement].by_counterpart)


def proposals_of(
    db: Database, connection: Connection, company: Company | None, structure: Structure
) -> list[Proposal]:
    """What mapping automatically would do, account by account."""
    accounts, companies = list_accounts(db, connection.id), list_companies(db, connection.id)
    after = map_automatically(structure, accounts)
    balances = _balances(db, connection, company)
    return [
        Proposal(statement, account, account.line)
        for statement in STATEMENTS
        for account in _sheet_accounts(after, statement, accounts, companies, balances)
        if account.line and account.id not in structure.mapping[statement]
    ]


def count_below(structure: Structure, line_id: int, accounts: Iterable[Account]) -> tuple[int, int]:
    """How many lines are below it, and how many of the accounts it has with all of them."""
    ids = line_ids_under(structure, line_id)
    statement = get_line(structure, line_id).statement
    mapped = list_mapped(structure, statement, accounts)
    return len(ids) - 1, sum(each.line_id in ids for each in mapped)


def _balances(db: Database, connection: Connection, company: Company | None) -> dict[int, Decimal]:
    """``{account id: balance}``, of each account with journal items."""
    if company is None:
        return {}
    sums = list_slice_balances(db, Range(connection.id, (company.id,), None, date.max, ()))
    return {each.account_id: with_places(each.balance, company.decimal_places) for each in sums}


def _sheet_accounts(
    structure: Structure,
    statement: str,
    accounts: Iterable[Account],
    companies: Sequence[Company],
    balances: dict[int, Decimal],
) -> list[SheetAccount]:
    lines = {line.id: line for line in structure.lines}
    return [
        SheetAccount(
            id=each.id,
            code=", ".join(each.codes),
            name=each.name,
            type=each.type,
            owners=_owners(companies, each),
            balance=balances.get(each.id, NOTHING),
            line=lines[each.line_id] if each.line_id else None,
        )
        for each in list_mapped(structure, statement, accounts)
    ]


def _owners(companies: Sequence[Company], account: MappedAccount) -> str:
    owners = owners_of(companies, account.company_ids)
    names = [each.name or str(each.id) for each in owners]
    return ", ".join(names) if len(owners) < len(companies) else ""


def _not_arrived(
    statement: str, known: Iterable[Account], balances: dict[int, Decimal]
) -> list[SheetAccount]:
    known_ids = {account.id for account in known}
    return [
        SheetAccount(id, "", None, None, "", balance, None)
        for id, balance in balances.items()
        if id not in known_ids and belongs_to(None, statement)
    ]
