"""A reporting structure: trees of lines for each statement, and the line of each account.

Every change is a function from one structure to the next. A structure is never half changed: a
change that would break its rules raises InvalidStructure and says why.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from receiver.accounting.shared.statement_kinds import KINDS, STATEMENTS
from receiver.errors import InvalidStructure, NotFound

LONGEST_NAME = 200  # characters
MOST_LINES = 1_000
MOST_LEVELS = 12


@dataclass(frozen=True)
class Line:
    """``types`` and ``code_prefixes`` say which accounts belong here on their own: see mapping."""

    id: int
    statement: str
    parent_id: int | None
    name: str
    is_credit_positive: bool  # shown without a minus where credit is more than debit
    types: tuple[str, ...] = ()
    code_prefixes: tuple[str, ...] = ()
    figure: str | None = None  # one of FIGURES: computed, no account is mapped to it


@dataclass(frozen=True)
class Structure:
    lines: tuple[Line, ...]  # siblings in the order in which they are shown
    mapping: Mapping[str, Mapping[int, int]]  # {statement: {account id: line id}}


def get_line(structure: Structure, line_id: int) -> Line:
    """Raises NotFound."""
    for line in structure.lines:
        if line.id == line_id:
            return line
    raise NotFound("The structure has no such line any more. Reload it.")


def children_of(
    structure: Structure, statement: str, parent_id: int | None = None
) -> tuple[Line, ...]:
    """Lines below a parent in the order in which they are shown; the top lines where no parent is
    named."""
    return tuple(
        line
        for line in structure.lines
        if (line.statement, line.parent_id) == (statement, parent_id)
    )


def walk(
    structure: Structure, statement: str, parent_id: int | None = None, level: int = 0
) -> Iterator[tuple[Line, int]]:
    """Each line with its level, 0 at the top, in the order in which they are shown."""
    for line in children_of(structure, statement, parent_id):
        yield line, level
        yield from walk(structure, statement, line.id, level + 1)


def line_ids_under(structure: Structure, line_id: int) -> set[int]:
    """The line's own id and those of all lines below it. Raises NotFound."""
    line = get_line(structure, line_id)
    return {line_id, *(below.id for below, _ in walk(structure, line.statement, line_id))}


def add_line(
    structure: Structure,
    statement: str,
    name: str,
    *,
    parent_id: int | None = None,
    position: int | None = None,
) -> Structure:
    """Below the parent, whose sign it takes; the last of its siblings unless told otherwise.

    At the top the statement's kind says which: of the balance sheet assets are positive.
    """
    is_credit_positive = KINDS[statement].is_top_credit_positive
    if parent_id is not None:
        is_credit_positive = _get_parent(structure, statement, parent_id).is_credit_positive
    line = Line(_next_id(structure), statement, parent_id, checked_name(name), is_credit_positive)
    return _within_limits(_placed(structure, line, position))


def rename_line(structure: Structure, line_id: int, name: str) -> Structure:
    return _with_line(structure, replace(get_line(structure, line_id), name=checked_name(name)))


def set_sign(structure: Structure, line_id: int, is_credit_positive: bool) -> Structure:
    line = get_line(structure, line_id)
    return _with_line(structure, replace(line, is_credit_positive=is_credit_positive))


def move_line(
    structure: Structure, line_id: int, parent_id: int | None, position: int | None = None
) -> Structure:
    """Move a line to another parent (None: to the top) or another position among its siblings, with
    all that is below it."""
    line = get_line(structure, line_id)
    if parent_id is not None:
        _get_parent(structure, line.statement, parent_id)
    if parent_id in line_ids_under(structure, line_id):
        raise InvalidStructure("A line cannot be moved below itself. Choose another place.")
    others = replace(structure, lines=tuple(each for each in structure.lines if each != line))
    return _within_limits(_placed(others, replace(line, parent_id=parent_id), position))


def duplicate_line(structure: Structure, line_id: int) -> Structure:
    """The copy comes right after it, with all that is below. Accounts stay with the original, and
    so do the rules by which they come to it: an account has one line."""
    line = get_line(structure, line_id)
    siblings = children_of(structure, line.statement, line.parent_id)
    copied = _placed(structure, _copy(structure, line, line.parent_id), siblings.index(line) + 1)
    copies = {line_id: _next_id(structure)}
    for below, _ in walk(structure, line.statement, line_id):
        assert below.parent_id is not None
        copies[below.id] = _next_id(copied)
        copied = _placed(copied, _copy(copied, below, copies[below.parent_id]), None)
    return _within_limits(copied)


def delete_line(structure: Structure, line_id: int) -> Structure:
    """Delete a line with all lines below it. The accounts of all of them become unmapped: they
    stand first in the mapping, and their money in the report's own line, until someone places
    them."""
    gone = line_ids_under(structure, line_id)
    if any(line.figure for line in structure.lines if line.id in gone):
        raise InvalidStructure(
            "Earnings that are not yet allocated are part of every balance sheet, so this line"
            " stays. Rename it or move it to another place."
        )
    mapping = {
        statement: {id: line for id, line in line_of.items() if line not in gone}
        for statement, line_of in structure.mapping.items()
    }
    return Structure(tuple(line for line in structure.lines if line.id not in gone), mapping)


def map_accounts(structure: Structure, line_id: int, account_ids: Collection[int]) -> Structure:
    """Map accounts to this line, whichever line they had before."""
    line = get_line(structure, line_id)
    if line.figure:
        raise InvalidStructure(
            "%(line)s is computed: no account can be mapped to it.", line=line.name
        )
    mapped = {**structure.mapping[line.statement], **dict.fromkeys(account_ids, line_id)}
    return replace(structure, mapping={**structure.mapping, line.statement: mapped})


def unmap_accounts(structure: Structure, statement: str, account_ids: Collection[int]) -> Structure:
    line_of = structure.mapping[statement]
    left = {id: line_id for id, line_id in line_of.items() if id not in set(account_ids)}
    return replace(structure, mapping={**structure.mapping, statement: left})


def checked_name(name: str) -> str:
    """Without needless spaces. Raises InvalidStructure."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidStructure(
            "This is not a name. Write one of at most %(count)s characters.",
            path="/name",
            count=LONGEST_NAME,
        )
    return name


def _get_parent(structure: Structure, statement: str, parent_id: int) -> Line:
    parent = get_line(structure, parent_id)
    if parent.statement != statement:
        raise InvalidStructure("A line cannot be moved to another statement.")
    if parent.figure:
        raise InvalidStructure("%(line)s is computed: no line can be below it.", line=parent.name)
    return parent


def _copy(structure: Structure, line: Line, parent_id: int | None) -> Line:
    return replace(
        line,
        id=_next_id(structure),
        parent_id=parent_id,
        types=(),
        code_prefixes=(),
        figure=None,
    )


def _placed(structure: Structure, line: Line, position: int | None) -> Structure:
    """The line is not in the structure yet."""
    siblings = children_of(structure, line.statement, line.parent_id)
    lines = list(structure.lines)
    is_last = position is None or position >= len(siblings)
    at = len(lines) if is_last else lines.index(siblings[max(position or 0, 0)])
    return replace(structure, lines=(*lines[:at], line, *lines[at:]))


def _with_line(structure: Structure, changed: Line) -> Structure:
    lines = tuple(changed if line.id == changed.id else line for line in structure.lines)
    return replace(structure, lines=lines)


def _next_id(structure: Structure) -> int:
    return max((line.id for line in structure.lines), default=0) + 1


def _within_limits(structure: Structure) -> Structure:
    levels = [level for statement in STATEMENTS for _, level in walk(structure, statement)]
    if len(levels) > MOST_LINES or max(levels, default=0) >= MOST_LEVELS:
        raise InvalidStructure(
            "A structure has at most %(lines)s lines on %(levels)s levels. Delete some lines, or"
            " place this one higher up.",
            lines=MOST_LINES,
            levels=MOST_LEVELS,
        )
    return structure
