"""Changes to a reporting structure: each leaves a whole tree, and every account in one line."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CASH_FLOW,
    CURRENT_YEAR_EARNINGS,
    FIGURES,
    PROFIT_AND_LOSS,
    STATEMENTS,
)
from receiver.accounting.structures.structure import (
    Line,
    Structure,
    add_line,
    delete_line,
    duplicate_line,
    get_line,
    line_ids_under,
    map_accounts,
    move_line,
    rename_line,
    set_sign,
    unmap_accounts,
    walk,
)
from receiver.accounting.structures.structure_json import (
    decode_structure,
    encode_structure,
    from_template,
)
from receiver.errors import InvalidStructure, MonitrError, NotFound

EMPTY = Structure((), {statement: {} for statement in STATEMENTS})


def names(structure: Structure, statement: str = PROFIT_AND_LOSS) -> list[tuple[str, int]]:
    return [(line.name, level) for line, level in walk(structure, statement)]


def id_of(structure: Structure, name: str) -> int:
    return next(line.id for line in structure.lines if line.name == name)


@pytest.fixture
def result() -> Structure:
    """Income with Sales and Services below it, then Costs."""
    structure = add_line(EMPTY, PROFIT_AND_LOSS, "Income")
    structure = add_line(structure, PROFIT_AND_LOSS, "Costs")
    for name in ("Sales", "Services"):
        structure = add_line(structure, PROFIT_AND_LOSS, name, parent_id=id_of(structure, "Income"))
    return structure


def test_it_adds_a_line_where_it_is_wanted(result: Structure) -> None:
    added = add_line(result, PROFIT_AND_LOSS, " Rent  received ", parent_id=1, position=1)

    assert names(added) == [
        ("Income", 0),
        ("Sales", 1),
        ("Rent received", 1),
        ("Services", 1),
        ("Costs", 0),
    ]


def test_it_moves_a_line_with_all_below_it(result: Structure) -> None:
    moved = move_line(result, id_of(result, "Income"), id_of(result, "Costs"))

    assert names(moved) == [("Costs", 0), ("Income", 1), ("Sales", 2), ("Services", 2)]


def test_it_moves_a_line_among_its_siblings(result: Structure) -> None:
    moved = move_line(result, id_of(result, "Costs"), None, 0)

    assert [name for name, level in names(moved) if not level] == ["Costs", "Income"]


def test_it_duplicates_a_line_with_those_below_and_without_accounts(result: Structure) -> None:
    mapped = map_accounts(result, id_of(result, "Sales"), [7])

    doubled = duplicate_line(mapped, id_of(result, "Income"))

    tree = [("Income", 0), ("Sales", 1), ("Services", 1)]
    assert names(doubled) == [*tree, *tree, ("Costs", 0)]
    assert doubled.mapping == mapped.mapping


def test_accounts_of_a_deleted_line_become_unmapped(result: Structure) -> None:
    mapped = map_accounts(result, id_of(result, "Sales"), [7])
    mapped = map_accounts(mapped, id_of(result, "Costs"), [8])

    left = delete_line(mapped, id_of(result, "Income"))

    assert names(left) == [("Costs", 0)]
    assert left.mapping[PROFIT_AND_LOSS] == {8: id_of(result, "Costs")}


def test_an_account_has_one_line_in_each_statement(result: Structure) -> None:
    structure = add_line(result, CASH_FLOW, "Operations")
    for name in ("Sales", "Services", "Operations"):
        structure = map_accounts(structure, id_of(structure, name), [7])

    assert structure.mapping[PROFIT_AND_LOSS] == {7: id_of(structure, "Services")}
    assert structure.mapping[CASH_FLOW] == {7: id_of(structure, "Operations")}
    assert unmap_accounts(structure, CASH_FLOW, [7]).mapping[CASH_FLOW] == {}


def test_a_new_line_shows_amounts_as_its_parent_does(result: Structure) -> None:
    turned = set_sign(result, id_of(result, "Costs"), is_credit_positive=False)

    added = add_line(turned, PROFIT_AND_LOSS, "Rent", parent_id=id_of(result, "Costs"))

    assert not get_line(added, id_of(added, "Rent")).is_credit_positive


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_new_line_at_the_top_has_the_sign_of_the_first_one_of_the_templates(
    statement: str,
) -> None:
    """Received and earned money, and assets, are shown without a minus."""
    template = from_template("international")
    first = next(line for line, _ in walk(template, statement))

    added = add_line(EMPTY, statement, "New")

    assert added.lines[0].is_credit_positive == first.is_credit_positive


def earnings_line(structure: Structure) -> int:
    return next(line.id for line in structure.lines if line.figure == CURRENT_YEAR_EARNINGS)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda s: move_line(s, id_of(s, "Operating result"), id_of(s, "Revenue")), "below itself"),
        (lambda s: move_line(s, id_of(s, "Assets"), id_of(s, "Revenue")), "another statement"),
        (lambda s: delete_line(s, earnings_line(s)), "part of every balance sheet"),
        (lambda s: delete_line(s, id_of(s, "Equity")), "part of every balance sheet"),
        (lambda s: map_accounts(s, earnings_line(s), [1]), "is computed"),
        (lambda s: add_line(s, BALANCE_SHEET, "x", parent_id=earnings_line(s)), "is computed"),
        (lambda s: rename_line(s, 1, "  "), "not a name"),
        (lambda s: rename_line(s, 1, "x" * 201), "not a name"),
        (lambda s: rename_line(s, 1, "a\0b"), "not a name"),
    ],
)
def test_it_refuses_what_breaks_the_tree(
    change: Callable[[Structure], Structure], error: str
) -> None:
    with pytest.raises(InvalidStructure, match=error):
        change(from_template("international"))


def test_it_refuses_a_line_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="Reload"):
        rename_line(EMPTY, 1, "x")


def test_it_refuses_a_tree_too_high() -> None:
    structure = add_line(EMPTY, PROFIT_AND_LOSS, "1")
    for number in range(1, 12):
        structure = add_line(structure, PROFIT_AND_LOSS, "Below", parent_id=number)

    with pytest.raises(InvalidStructure, match="12 levels"):
        add_line(structure, PROFIT_AND_LOSS, "Too low", parent_id=12)


LINE_IDS = st.integers(1, 45)
CHANGES = st.one_of(
    st.tuples(st.just(rename_line), LINE_IDS, st.just("Renamed")),
    st.tuples(st.just(move_line), LINE_IDS, st.none() | LINE_IDS, st.none() | st.integers(0, 9)),
    st.tuples(st.just(duplicate_line), LINE_IDS),
    st.tuples(st.just(delete_line), LINE_IDS),
    st.tuples(st.just(map_accounts), LINE_IDS, st.lists(st.integers(1, 9))),
)


@given(st.sampled_from(["international", "belgian", "dutch"]), st.lists(CHANGES, max_size=12))
def test_after_any_changes_every_line_is_in_the_tree_and_every_account_in_a_line(
    template: str, changes: list[tuple[object, ...]]
) -> None:
    structure = from_template(template)
    for change, *arguments in changes:
        try:
            structure = change(structure, *arguments)  # type: ignore[operator]
        except MonitrError:
            continue

    shown = [line for statement in STATEMENTS for line, _ in walk(structure, statement)]
    assert sorted(line.id for line in shown) == sorted(line.id for line in structure.lines)
    assert sorted(filter(None, (line.figure for line in shown))) == sorted(FIGURES)
    for statement, line_of in structure.mapping.items():
        lines = {line.id for line, _ in walk(structure, statement) if not line.figure}
        assert set(line_of.values()) <= lines
    assert decode_structure(encode_structure(structure)) == structure


def test_the_ids_below_a_line_are_those_of_its_subtree(result: Structure) -> None:
    income = id_of(result, "Income")

    below = line_ids_under(result, income)

    assert below == {income, id_of(result, "Sales"), id_of(result, "Services")}


def test_a_line_comes_back_from_text_as_it_was() -> None:
    line = Line(1, PROFIT_AND_LOSS, None, "Ventes é", True, ("income",), ("70",), None)
    structure = Structure((line,), {PROFIT_AND_LOSS: {7: 1}, BALANCE_SHEET: {}, CASH_FLOW: {}})

    assert decode_structure(encode_structure(structure)) == structure
