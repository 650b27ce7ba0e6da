"""Account mapping: the connection's reporting structures, made, renamed and deleted."""

from datetime import UTC, datetime

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection as Database

from receiver.accounting.structures.mapping_overview import coverage_of
from receiver.accounting.structures.structure_json import EMPTY
from receiver.accounting.structures.structure_store import (
    Starter,
    copy_structure,
    create_structure,
    delete_structure,
    list_structures,
    rename_structure,
)
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.errors import InvalidStructure, NameTaken
from receiver.web.current import current_engine
from receiver.web.pages.mapping.mapping_editor import ONE, back, edited, number_of
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.languages import choose_language
from receiver.web.pages.shared.request_fields import Stripped, Text, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import (
    choose_connection,
    current_viewer,
    get_administered_connection,
)
from receiver.web.query import id_in_path

mapping = PagesBlueprint("mapping", label=_l("Account mapping"), icon="mapping")

ALL = "/mapping/<connection>/"

STARTERS = {
    "international": _l("Template: international"),
    "belgian": _l("Template: Belgian minimal scheme"),
    "dutch": _l("Template: Dutch minimal scheme"),
    EMPTY: _l("Empty"),
}
COPY = "copy-"  # and the structure's id


@mapping.get("/mapping/", defaults={"connection": None})
@mapping.get(ALL)
def show(connection: str | None) -> Page:
    return _listed(choose_connection(connection), {})


@mapping.post(f"{ALL}new")
@takes_form(starter=Text(), name=Stripped())
def add(connection: str, starter: str, name: str) -> Page:
    chosen = get_administered_connection(connection)
    try:
        with writing(current_engine()) as db:
            id = _start(db, chosen.id, starter, name)
    except (InvalidStructure, NameTaken) as error:
        return _listed(chosen, {"name": sentence_of(error)}), 422
    flash(_("The structure is there. Look at what is unmapped first."), "success")
    return see_other("mapping_editor_pages.edit", connection=connection, structure_id=id)


@mapping.post(f"{ONE}rename")
@takes_form(new_name=Text())
def rename(connection: str, structure_id: str, new_name: str) -> Page:
    chosen = get_administered_connection(connection)
    try:
        with writing(current_engine()) as db:
            rename_structure(db, chosen.id, id_in_path(structure_id), new_name)
    except (InvalidStructure, NameTaken) as error:
        return edited(chosen, structure_id, {"new_name": sentence_of(error)}), 422
    flash(_("The structure has its new name."), "success")
    return back(connection, structure_id)


@mapping.post(f"{ONE}delete")
def delete(connection: str, structure_id: str) -> Page:
    chosen = get_administered_connection(connection)
    with writing(current_engine()) as db:
        delete_structure(db, chosen.id, id_in_path(structure_id))
    flash(_("The structure is deleted."), "success")
    return see_other("mapping_pages.show", connection=connection)


def _listed(connection: Connection | None, errors: dict[str, str]) -> str:
    if connection is None:
        return render_template("pages/mapping.html", listed=[], may_change=False)
    with reading(current_engine()) as db:
        accounts = list_accounts(db, connection.id)
        found = list_structures(db, connection.id)
    copies = {f"{COPY}{each.structure_id}": _("Copy of %(name)s", name=each.name) for each in found}
    return render_template(
        "pages/mapping.html",
        listed=[(each, coverage_of(each.structure, accounts)) for each in found],
        starters={**STARTERS, **copies},
        errors=errors,
        may_change=current_viewer().administers(connection),
    )


def _start(db: Database, connection_id: int, starter: str, name: str) -> int:
    now = datetime.now(UTC)
    if starter.startswith(COPY):
        copied_id = number_of(starter.removeprefix(COPY))
        return copy_structure(db, connection_id, copied_id, name, now)
    return create_structure(
        db, connection_id, Starter(starter, name or None, choose_language()), now
    )
