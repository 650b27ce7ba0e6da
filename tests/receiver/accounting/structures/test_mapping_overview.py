"""A mapping as people edit it: nothing is left out of it, whatever the structure."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from receiver.accounting.ledger.trial_balance import trial_balance
from receiver.accounting.shared.statement_kinds import BALANCE_SHEET, CASH_FLOW, PROFIT_AND_LOSS
from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.mapping_overview import (
    MappingSheet,
    count_below,
    count_unmapped,
    coverage_of,
    mapping_sheet,
    proposals_of,
)
from receiver.accounting.structures.structure import Structure, unmap_accounts
from receiver.accounting.structures.structure_json import EMPTY, from_template
from receiver.db.accounting.ledger import list_accounts, list_companies
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from tests.receiver.report_books.builder import add_records
from tests.receiver.report_books.small import COMPANIES, account_record, add_books, entry

DAY = date(2024, 3, 1)
SALES, COSTS, BANK, NOT_ARRIVED = 20, 22, 10, 91


@pytest.fixture
def books(engine: Engine) -> Connection:
    entries = [
        entry(DAY, (BANK, "100.25"), (SALES, "-100.25")),
        entry(DAY, (COSTS, "40"), (NOT_ARRIVED, "-40")),
        entry(DAY, (BANK, "7"), (SALES, "-7"), company_id=2),
    ]
    return add_books(engine, entries)


def sheet_of(
    engine: Engine, books: Connection, structure: Structure, statement: str
) -> MappingSheet:
    with reading(engine) as db:
        company = list_companies(db, books.id)[0]
        return mapping_sheet(db, books, company, structure, statement)


def mapped(engine: Engine, books: Connection, template: str) -> Structure:
    with reading(engine) as db:
        return map_automatically(from_template(template), list_accounts(db, books.id))


@pytest.mark.parametrize("template", ["international", "belgian", "dutch", EMPTY])
def test_mapped_and_unmapped_money_is_all_of_the_trial_balance(
    engine: Engine, books: Connection, template: str
) -> None:
    structure = mapped(engine, books, template)
    sheets = [sheet_of(engine, books, structure, each) for each in (PROFIT_AND_LOSS, BALANCE_SHEET)]

    shown = {each.id: each.balance for sheet in sheets for each in sheet.accounts if each.balance}
    with reading(engine) as db:
        accounts = trial_balance(db, books, 1, None, None).accounts

    assert shown == {each.id: each.closing_balance for each in accounts}
    assert sum(shown.values()) == 0


def test_unmapped_money_is_counted_on_both_sides(engine: Engine, books: Connection) -> None:
    sheet = sheet_of(engine, books, from_template(EMPTY), PROFIT_AND_LOSS)

    assert (sheet.unmapped_debit, sheet.unmapped_credit) == (Decimal(40), Decimal("100.25"))


def test_an_account_that_has_not_arrived_is_unmapped(engine: Engine, books: Connection) -> None:
    sheet = sheet_of(engine, books, mapped(engine, books, "dutch"), BALANCE_SHEET)

    [account] = [each for each in sheet.unmapped if each.balance]
    assert (account.id, account.type, account.balance) == (NOT_ARRIVED, None, Decimal(-40))


def test_an_account_that_not_every_company_has_says_whose_it_is(
    engine: Engine, books: Connection
) -> None:
    accounts = [
        {**account_record(SALES, "income"), "company_ids": tuple(COMPANIES)},
        {**account_record(COSTS, "expense"), "company_ids": (2,)},
    ]
    add_records(engine, books.id, "accounts", accounts)

    sheet = sheet_of(engine, books, from_template(EMPTY), PROFIT_AND_LOSS)

    owners = {each.id: each.owners for each in sheet.accounts}
    assert (owners[SALES], owners[COSTS]) == ("", "Company 2")


def test_proposals_are_what_mapping_automatically_does(engine: Engine, books: Connection) -> None:
    full = mapped(engine, books, "international")
    less = unmap_accounts(full, PROFIT_AND_LOSS, [SALES])

    with reading(engine) as db:
        company = list_companies(db, books.id)[0]
        [proposal] = proposals_of(db, books, company, less)
        covered = coverage_of(less, list_accounts(db, books.id))

    assert (proposal.account.id, proposal.line.id) == (SALES, full.mapping[PROFIT_AND_LOSS][SALES])
    assert [each.unmapped_count for each in covered[:2]] == [1, 0]


def test_an_unmapped_account_counts_once_though_the_cash_flow_lacks_it_too(
    engine: Engine, books: Connection
) -> None:
    full = mapped(engine, books, "international")
    less = unmap_accounts(unmap_accounts(full, PROFIT_AND_LOSS, [SALES]), CASH_FLOW, [SALES])

    with reading(engine) as db:
        assert count_unmapped(less, list_accounts(db, books.id)) == 1


def test_a_line_counts_what_is_below_it(engine: Engine, books: Connection) -> None:
    structure = mapped(engine, books, "international")
    top = structure.lines[0]

    with reading(engine) as db:
        counted = count_below(structure, top.id, list_accounts(db, books.id))

    assert counted == (5, 4)


def test_an_account_that_left_the_statement_is_not_counted(
    engine: Engine, books: Connection
) -> None:
    structure = mapped(engine, books, "international")
    add_records(engine, books.id, "accounts", [account_record(SALES, "liability_payable")])

    with reading(engine) as db:
        counted = count_below(structure, structure.lines[0].id, list_accounts(db, books.id))

    assert counted == (5, 3)
