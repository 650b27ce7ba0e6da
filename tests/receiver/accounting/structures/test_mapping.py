"""Which line takes an account on its own; the templates take every account that Odoo has."""

import json

import pytest
from monitr_wire.account_types import STANDARD_TYPES

from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CASH_FLOW,
    FIGURES,
    PROFIT_AND_LOSS,
    STATEMENTS,
)
from receiver.accounting.structures.mapping import (
    belongs_to,
    list_mapped,
    map_automatically,
    map_chosen,
)
from receiver.accounting.structures.structure import Structure, add_line, get_line
from receiver.accounting.structures.structure_json import TEMPLATES, from_template, template_name
from receiver.db.accounting.ledger import Account
from receiver.errors import InvalidStructure

TYPES = (*STANDARD_TYPES.values(), "expense_other")
LANGUAGES = ("en", "nl_BE", "fr", "de_DE")


def account(id: int, code: str | None, type: str, **codes: str) -> Account:
    by_company = {**({"1": code} if code else {}), **codes}
    return Account(id, f"Account {id}", json.dumps(by_company), type, "1")


def line_of(structure: Structure, statement: str, account_id: int) -> str | None:
    line_id = structure.mapping[statement].get(account_id)
    return None if line_id is None else get_line(structure, line_id).name


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("type", TYPES)
def test_every_template_takes_an_account_of_every_type(template: str, type: str) -> None:
    structure = map_automatically(from_template(template), [account(1, None, type)])

    for statement in (PROFIT_AND_LOSS, BALANCE_SHEET):
        assert (1 in structure.mapping[statement]) == belongs_to(type, statement)
    assert (1 in structure.mapping[CASH_FLOW]) == (type not in ("asset_cash", "off_balance"))


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_whole_in_every_language(template: str, language: str) -> None:
    structure = from_template(template, language)

    assert template_name(template, language)
    assert all(line.name for line in structure.lines)
    assert {line.statement for line in structure.lines} == set(STATEMENTS)
    assert sorted(line.figure for line in structure.lines if line.figure) == sorted(FIGURES)


def test_names_come_in_the_wanted_language_else_in_english() -> None:
    for language, name in (("fr_BE", "Actif"), ("it", "Assets")):
        assert name in {line.name for line in from_template("belgian", language).lines}


@pytest.mark.parametrize(
    ("code", "type", "name"),
    [
        ("700000", "income", "70 Turnover"),
        ("768000", "income_other", "75/76B Financial income"),
        ("760000", "income_other", "76A Non-recurring operating income"),
        ("620200", "expense", "62 Remuneration and social security"),
        ("999", "expense", "61 Services and other goods"),
    ],
)
def test_the_longest_code_prefix_wins_and_the_type_comes_after(
    code: str, type: str, name: str
) -> None:
    structure = map_automatically(from_template("belgian"), [account(1, code, type)])

    assert line_of(structure, PROFIT_AND_LOSS, 1) == name


def test_a_longer_prefix_wins_over_a_shorter_one_before_it() -> None:
    structure = map_automatically(
        from_template("belgian"),
        [account(1, "491000", "asset_current"), account(2, "492000", "liability_current")],
    )

    assert line_of(structure, BALANCE_SHEET, 1) == "490/1 Deferred charges and accrued income"
    assert line_of(structure, BALANCE_SHEET, 2) == "492/9 Accrued charges and deferred income"


def test_any_of_an_accounts_codes_counts() -> None:
    shared = account(1, "X1", "expense", **{"3": "630000"})

    structure = map_automatically(from_template("belgian"), [shared])

    assert line_of(structure, PROFIT_AND_LOSS, 1) == "63 Depreciation and provisions"


def test_automatic_mapping_leaves_alone_what_is_mapped() -> None:
    accounts = [account(1, "70", "income"), account(2, "70", "income")]
    structure = from_template("international")
    costs = next(line.id for line in structure.lines if line.name == "Operating expenses")
    chosen = map_chosen(structure, costs, [1], accounts)

    mapped = map_automatically(chosen, accounts)

    assert line_of(mapped, PROFIT_AND_LOSS, 1) == "Operating expenses"
    assert line_of(mapped, PROFIT_AND_LOSS, 2) == "Revenue"


def test_the_unmapped_are_listed_first_then_by_code() -> None:
    accounts = [account(1, "3", "income"), account(2, "1", "income"), account(3, "2", "income")]
    accounts.append(account(4, "0", "asset_cash"))
    structure = from_template("international")
    sales = next(line.id for line in structure.lines if line.name == "Revenue")
    structure = map_chosen(structure, sales, [1, 2], accounts)

    listed = list_mapped(structure, PROFIT_AND_LOSS, accounts)

    assert [each.id for each in listed] == [3, 2, 1]
    assert [each.line_id for each in listed] == [None, sales, sales]


@pytest.mark.parametrize(
    ("statement", "type", "sentence"),
    [
        (PROFIT_AND_LOSS, "asset_cash", "not part of the profit and loss"),
        (BALANCE_SHEET, "expense", "not part of the balance sheet"),
        (CASH_FLOW, "asset_cash", "not part of the cash flow"),
    ],
)
def test_it_refuses_an_account_of_another_statement(
    statement: str, type: str, sentence: str
) -> None:
    structure = add_line(Structure((), {each: {} for each in STATEMENTS}), statement, "Line")

    with pytest.raises(InvalidStructure, match=sentence):
        map_chosen(structure, 1, [5], [account(5, "500", type)])


def test_it_refuses_an_account_that_is_not_there() -> None:
    structure = from_template("international")

    with pytest.raises(InvalidStructure, match="no account 5"):
        map_chosen(structure, 1, [5], [])
