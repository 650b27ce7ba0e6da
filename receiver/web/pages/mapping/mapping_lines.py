"""One line of a reporting structure: its name, its place, a copy of it, and its end."""

from functools import partial

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from receiver.accounting.structures.line_moves import step_line, steps_of
from receiver.accounting.structures.mapping_overview import count_below
from receiver.accounting.structures.structure import (
    Structure,
    delete_line,
    duplicate_line,
    get_line,
    line_ids_under,
    move_line,
    rename_line,
    set_sign,
    walk,
)
from receiver.accounting.structures.structure_store import get_structure
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.web.current import current_engine
from receiver.web.pages.mapping.mapping_editor import ONE, ParentId, changed, kept, number_of
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint
from receiver.web.pages.shared.request_fields import Text, takes_form
from receiver.web.pages.shared.viewer import get_administered_connection
from receiver.web.query import id_in_path

mapping_lines = PagesBlueprint("mapping_lines", section="mapping")

LINE = f"{ONE}lines/<line_id>"


@mapping_lines.get(LINE)
def show(connection: str, structure_id: str, line_id: str) -> Page:
    return _shown(get_administered_connection(connection), structure_id, line_id, {})


@mapping_lines.post(LINE)
@takes_form(name=Text(), sign=Text())
def store(connection: str, structure_id: str, line_id: str, name: str, sign: str) -> Page:
    chosen, id = get_administered_connection(connection), number_of(line_id)

    def change(structure: Structure) -> Structure:
        return set_sign(rename_line(structure, id, name), id, sign == "credit")

    again = partial(_shown, chosen, structure_id, line_id)
    return changed(chosen, structure_id, change, _("The line is changed."), again=again)


@mapping_lines.post(f"{LINE}/step")
@takes_form(where=Text(data_key="step"))
def step(connection: str, structure_id: str, line_id: str, where: str) -> Page:
    chosen = get_administered_connection(connection)
    change = partial(step_line, line_id=number_of(line_id), step=where)
    return changed(chosen, structure_id, change, _("The line is moved."))


@mapping_lines.post(f"{LINE}/move")
@takes_form(parent_id=ParentId())
def move(connection: str, structure_id: str, line_id: str, parent_id: int | None) -> Page:
    chosen = get_administered_connection(connection)
    change = partial(move_line, line_id=number_of(line_id), parent_id=parent_id)
    return changed(chosen, structure_id, change, _("The line is moved."))


@mapping_lines.post(f"{LINE}/duplicate")
def duplicate(connection: str, structure_id: str, line_id: str) -> Page:
    chosen = get_administered_connection(connection)
    change = partial(duplicate_line, line_id=number_of(line_id))
    done = _("The copy comes right after the line. Accounts stayed with the original.")
    return changed(chosen, structure_id, change, done)


@mapping_lines.post(f"{LINE}/delete")
def delete(connection: str, structure_id: str, line_id: str) -> Page:
    chosen = get_administered_connection(connection)
    change = partial(delete_line, line_id=number_of(line_id))
    return changed(chosen, structure_id, change, _("The line is deleted."))


def _shown(connection: Connection, structure_id: str, line_id: str, errors: dict[str, str]) -> str:
    with reading(current_engine()) as db:
        found = get_structure(db, connection.id, id_in_path(structure_id))
        known = list_accounts(db, connection.id)
    structure = found.structure
    line = get_line(structure, number_of(line_id))
    own = line_ids_under(structure, line.id)
    places = [
        (each, level)
        for each, level in walk(structure, line.statement)
        if each.id not in own and not each.figure
    ]
    line_count, account_count = count_below(structure, line.id, known)
    return render_template(
        "pages/mapping_line.html",
        found=found,
        line=line,
        steps=steps_of(structure, line),
        places=places,
        has_figure=any(each.figure for each in structure.lines if each.id in own),
        deletion=_deletion(line_count, account_count),
        kept={**kept(), "statement": line.statement},
        errors=errors,
    )


def _deletion(line_count: int, account_count: int) -> list[str]:
    """What deleting a line does, said before it is done."""
    lines = ngettext(
        "%(num)d line below it is deleted too.",
        "%(num)d lines below it are deleted too.",
        line_count,
    )
    accounts = ngettext(
        "%(num)d account becomes unmapped: its money moves to the line Unmapped of the report.",
        "%(num)d accounts become unmapped: their money moves to the line Unmapped of the report.",
        account_count,
    )
    none = _("No account is mapped to it.")
    return [*([lines] if line_count else []), accounts if account_count else none]
