"""The mapping: which statement an account belongs to, and which line takes it on its own.

Income and expense accounts make the profit and loss, all others the balance sheet. In the cash
flow an account stands for what cash was exchanged for: every account but those that hold cash.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from receiver.accounting.shared.statement_kinds import KINDS
from receiver.accounting.structures.structure import (
    Line,
    Structure,
    get_line,
    map_accounts,
)
from receiver.db.accounting.ledger import Account
from receiver.errors import InvalidStructure


@dataclass(frozen=True)
class MappedAccount:
    id: int
    name: str | None
    codes: tuple[str, ...]  # one a root company, each once
    type: str | None
    company_ids: tuple[int, ...]
    line_id: int | None  # None: unmapped


def belongs_to(account_type: str | None, statement: str) -> bool:
    """An account whose type is not known is in the balance sheet: it is no result."""
    return KINDS[statement].takes(account_type or "")


def list_mapped(
    structure: Structure, statement: str, accounts: Iterable[Account]
) -> list[MappedAccount]:
    """Every account of the statement: the unmapped first, then by code."""
    line_of = structure.mapping[statement]
    mapped = [
        MappedAccount(
            id=account.id,
            name=account.name,
            codes=codes_of(account),
            type=account.type,
            company_ids=tuple(int(id) for id in account.company_ids.split(",")),
            line_id=line_of.get(account.id),
        )
        for account in accounts
        if belongs_to(account.type, statement)
    ]
    return sorted(mapped, key=lambda each: (each.line_id is not None, each.codes, each.id))


def codes_of(account: Account) -> tuple[str, ...]:
    """The account's codes in the root companies, each once."""
    by_root_company: dict[str, str] = json.loads(account.codes or "{}")
    return tuple(sorted(set(by_root_company.values())))


def map_chosen(
    structure: Structure, line_id: int, account_ids: Sequence[int], accounts: Iterable[Account]
) -> Structure:
    """These of the accounts to that line. Raises NotFound for a line that is not there, and
    InvalidStructure for an account that is not there or not part of the line's statement."""
    line = get_line(structure, line_id)
    known = {account.id: account for account in accounts}
    for id in account_ids:
        if id not in known:
            raise InvalidStructure(
                "There is no account %(account)s. Reload the accounts.", account=str(id)
            )
        if not belongs_to(known[id].type, line.statement):
            codes = ", ".join(codes_of(known[id])) or str(id)
            raise InvalidStructure(
                "Account %(account)s is of type %(type)s, which is not part of %(statement)s."
                " Choose a line of another statement.",
                account=codes,
                type=known[id].type,
                statement=KINDS[line.statement].phrase,
            )
    return map_accounts(structure, line_id, account_ids)


def map_automatically(structure: Structure, accounts: Iterable[Account]) -> Structure:
    """What is unmapped goes to the line with the longest code prefix that it begins with, else to
    the first line that takes its type. Where there is neither, it stays unmapped."""
    accounts = list(accounts)
    for statement, line_of in structure.mapping.items():
        lines = [line for line in structure.lines if line.statement == statement]
        for account in accounts:
            if account.id in line_of or not belongs_to(account.type, statement):
                continue
            line = _line_by_code(lines, account) or _line_by_type(lines, account)
            if line:
                structure = map_accounts(structure, line.id, [account.id])
    return structure


def _line_by_code(lines: Sequence[Line], account: Account) -> Line | None:
    """The line whose prefix fits the code best; the first of two lines with the same prefix."""
    found = max(_fitting(lines, account), key=lambda each: len(each[0]), default=None)
    return found[1] if found else None


def _fitting(lines: Sequence[Line], account: Account) -> Iterator[tuple[str, Line]]:
    codes = codes_of(account)
    for line in lines:
        for prefix in line.code_prefixes:
            if any(code.startswith(prefix) for code in codes):
                yield prefix, line


def _line_by_type(lines: Sequence[Line], account: Account) -> Line | None:
    return next((line for line in lines if account.type in line.types), None)
