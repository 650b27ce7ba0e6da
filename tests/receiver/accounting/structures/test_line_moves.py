"""A line's place, one step at a time."""

import pytest

from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CURRENT_YEAR_EARNINGS,
    PROFIT_AND_LOSS,
    STATEMENTS,
)
from receiver.accounting.structures.line_moves import step_line, steps_of
from receiver.accounting.structures.structure import Line, Structure, get_line, walk
from receiver.errors import InvalidStructure


def line(id: int, parent_id: int | None = None) -> Line:
    return Line(id, PROFIT_AND_LOSS, parent_id, f"Line {id}", is_credit_positive=True)


# 1
#   2
#   3
# 4
TREE = Structure((line(1), line(2, 1), line(3, 1), line(4)), {each: {} for each in STATEMENTS})


def outline(structure: Structure) -> list[tuple[int, int]]:
    return [(line.id, level) for line, level in walk(structure, PROFIT_AND_LOSS)]


@pytest.mark.parametrize(
    ("line_id", "step", "expected"),
    [
        (3, "up", [(1, 0), (3, 1), (2, 1), (4, 0)]),
        (1, "down", [(4, 0), (1, 0), (2, 1), (3, 1)]),
        (4, "in", [(1, 0), (2, 1), (3, 1), (4, 1)]),
        (3, "in", [(1, 0), (2, 1), (3, 2), (4, 0)]),
        (2, "out", [(1, 0), (3, 1), (2, 0), (4, 0)]),
    ],
)
def test_a_line_takes_a_step(line_id: int, step: str, expected: list[tuple[int, int]]) -> None:
    assert outline(step_line(TREE, line_id, step)) == expected


@pytest.mark.parametrize(
    ("line_id", "steps"),
    [(1, {"down"}), (2, {"down", "out"}), (3, {"up", "in", "out"}), (4, {"up", "in"})],
)
def test_it_refuses_what_leads_nowhere(line_id: int, steps: set[str]) -> None:
    assert steps_of(TREE, get_line(TREE, line_id)) == steps
    for step in {"up", "down", "in", "out", "sideways"} - steps:
        with pytest.raises(InvalidStructure, match="Choose another place"):
            step_line(TREE, line_id, step)


def test_no_line_goes_below_computed_earnings() -> None:
    computed = Line(1, BALANCE_SHEET, None, "Result", True, figure=CURRENT_YEAR_EARNINGS)
    after = Line(2, BALANCE_SHEET, None, "Other", True)

    assert steps_of(Structure((computed, after), {}), after) == {"up"}
