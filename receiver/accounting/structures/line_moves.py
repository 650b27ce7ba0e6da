"""Where a line stands among the others, changed one step at a time."""

from receiver.accounting.structures.structure import (
    Line,
    Structure,
    children_of,
    get_line,
    move_line,
)
from receiver.errors import InvalidStructure

UP = "up"
DOWN = "down"
IN = "in"  # below the line before it
OUT = "out"  # right after the line that it is below


def step_line(structure: Structure, line_id: int, step: str) -> Structure:
    """Raises NotFound, and InvalidStructure where there is no such place."""
    line = get_line(structure, line_id)
    siblings = children_of(structure, line.statement, line.parent_id)
    if step not in steps_of(structure, line):
        raise InvalidStructure("The line cannot be moved there. Choose another place.")
    at = siblings.index(line)
    if step == IN:
        return move_line(structure, line_id, siblings[at - 1].id)
    if step != OUT:
        return move_line(structure, line_id, line.parent_id, at + (1 if step == DOWN else -1))
    parent = get_line(structure, line.parent_id or 0)
    aunts = children_of(structure, line.statement, parent.parent_id)
    return move_line(structure, line_id, parent.parent_id, aunts.index(parent) + 1)


def steps_of(structure: Structure, line: Line) -> set[str]:
    """Steps that the line can take from where it is."""
    siblings = children_of(structure, line.statement, line.parent_id)
    at = siblings.index(line)
    possible = {
        UP: at > 0,
        DOWN: at < len(siblings) - 1,
        IN: at > 0 and not siblings[at - 1].figure,
        OUT: line.parent_id is not None,
    }
    return {step for step, is_possible in possible.items() if is_possible}
