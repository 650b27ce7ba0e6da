"""The editor of a reporting structure: the line of each account, and the lines."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import marshmallow as ma
from flask import flash, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection as Database

from receiver.accounting.shared.statement_kinds import (
    KINDS,
    PROFIT_AND_LOSS,
    STATEMENTS,
)
from receiver.accounting.structures.mapping import map_automatically, map_chosen
from receiver.accounting.structures.mapping_overview import (
    Coverage,
    SheetAccount,
    coverage_of,
    mapping_sheet,
    proposals_of,
)
from receiver.accounting.structures.structure import Structure, add_line, unmap_accounts
from receiver.accounting.structures.structure_store import (
    Change,
    change_structure,
    get_structure,
    require_state,
    undo_change,
)
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.errors import ChangedMeanwhile, InvalidStructure, NotFound
from receiver.web.current import current_engine
from receiver.web.pages.mapping.account_types import account_type
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.companies import choose_company
from receiver.web.pages.shared.request_fields import (
    Chosen,
    Stripped,
    Text,
    Ticked,
    read_query,
    takes_form,
)
from receiver.web.pages.shared.sentences import sentence_of, words
from receiver.web.pages.shared.viewer import (
    current_viewer,
    get_administered_connection,
    get_viewed_connection,
)
from receiver.web.query import id_in_path

mapping_editor = PagesBlueprint("mapping_editor", section="mapping")
mapping_editor.add_app_template_filter(account_type)

ONE = "/mapping/<connection>/<structure_id>/"

MOST_SHOWN = 200  # accounts at once, so that the page stays quick; all can be mapped at once
EVERY, MAPPED, UNMAPPED = "", "mapped", "unmapped"

Store = Callable[[Database, int, int, datetime], Structure]
Again = Callable[[dict[str, str]], str]  # the page again, with what is wrong by field


@dataclass(frozen=True)
class Wanted:
    """What the address says is looked at."""

    statement: str
    q: str  # begins a code, or is part of a name
    type: str
    show: str  # EVERY, MAPPED or UNMAPPED

    def has(self, account: SheetAccount) -> bool:
        is_shown = self.show in (EVERY, MAPPED if account.line else UNMAPPED)
        return is_shown and self.type in ("", account.type) and self._finds(account)

    def _finds(self, account: SheetAccount) -> bool:
        sought = self.q.casefold()
        codes = account.code.casefold().split(", ")
        is_by_code = any(code.startswith(sought) for code in codes)
        return is_by_code or sought in (account.name or "").casefold()


QUERY = ma.Schema.from_dict(
    {"statement": Text(), "q": Stripped(), "type": Text(), "show": Text()}
)()


class ParentId(ma.fields.Field[int]):
    """The number of a line; None where the top is chosen."""

    def __init__(self) -> None:
        super().__init__(load_default=None)

    def _deserialize(self, value: str, *_: object, **__: object) -> Any:
        return number_of(value) if value else None


@mapping_editor.get(ONE)
def edit(connection: str, structure_id: str) -> Page:
    return edited(get_viewed_connection(connection), structure_id, {})


@mapping_editor.post(f"{ONE}accounts")
@takes_form(
    account_ids=Chosen(data_key="account_id"),
    are_all=Ticked(data_key="all"),
    target=Text(data_key="line_id"),
)
def store_accounts(
    connection: str, structure_id: str, account_ids: list[str], are_all: bool, target: str
) -> Page:
    """Maps the chosen accounts to the chosen line, or unmaps them; ``are_all`` is each that the
    address finds."""
    chosen = get_administered_connection(connection)
    ids = _found_ids(chosen, structure_id) if are_all else [number_of(each) for each in account_ids]
    if not ids or not target:
        flash(_("Choose accounts and a line first."), "error")
        return back(connection, structure_id)
    count = len(ids)
    if target == UNMAPPED:
        change: Change = partial(unmap_accounts, statement=_wanted().statement, account_ids=ids)
        done = ngettext("%(num)d account is unmapped.", "%(num)d accounts are unmapped.", count)
        return changed(chosen, structure_id, change, done)
    with reading(current_engine()) as db:
        accounts = list_accounts(db, chosen.id)
        structure = get_structure(db, chosen.id, id_in_path(structure_id)).structure
    line_id = number_of(target)
    names = [line.name for line in structure.lines if line.id == line_id]
    done = ngettext(
        "%(num)d account is mapped to %(line)s.",
        "%(num)d accounts are mapped to %(line)s.",
        count,
        line="".join(names),
    )
    change = partial(map_chosen, line_id=line_id, account_ids=ids, accounts=accounts)
    return changed(chosen, structure_id, change, done)


@mapping_editor.get(f"{ONE}automatic")
def show_automatic(connection: str, structure_id: str) -> Page:
    """What mapping automatically would do."""
    chosen = get_administered_connection(connection)
    with reading(current_engine()) as db:
        found = get_structure(db, chosen.id, id_in_path(structure_id))
        proposals = proposals_of(db, chosen, choose_company(db, chosen), found.structure)
        covered = coverage_of(found.structure, list_accounts(db, chosen.id))
    return render_template(
        "pages/mapping_automatic.html",
        found=found,
        proposals=proposals,
        left_count=sum(each.unmapped_count for each in covered) - len(proposals),
        labels={kind.name: words(kind.title) for kind in KINDS.values()},
        kept=kept(),
    )


@mapping_editor.post(f"{ONE}automatic")
def map_rest(connection: str, structure_id: str) -> Page:
    chosen = get_administered_connection(connection)
    with reading(current_engine()) as db:
        accounts = list_accounts(db, chosen.id)
    change = partial(map_automatically, accounts=accounts)
    return changed(chosen, structure_id, change, _("What could be mapped by itself is mapped."))


@mapping_editor.post(f"{ONE}undo")
def undo(connection: str, structure_id: str) -> Page:
    chosen = get_administered_connection(connection)
    done = _("The last change is undone. Undo once more to bring it back.")
    return _stored(chosen, structure_id, undo_change, done)


@mapping_editor.post(f"{ONE}lines")
@takes_form(name=Text(), parent_id=ParentId())
def store_new_line(connection: str, structure_id: str, name: str, parent_id: int | None) -> Page:
    chosen = get_administered_connection(connection)
    statement = _wanted().statement
    change = partial(add_line, statement=statement, name=name, parent_id=parent_id)
    done = _("The line %(name)s is added.", name=" ".join(name.split()))
    return changed(chosen, structure_id, change, done, again=partial(edited, chosen, structure_id))


def changed(
    connection: Connection,
    structure_id: str,
    change: Change,
    done: str,
    *,
    again: Again | None = None,
) -> Page:
    """The editor after a change, or with what is wrong; a wrong name is said at its field by
    ``again``."""

    def store(db: Database, connection_id: int, id: int, now: datetime) -> Structure:
        return change_structure(db, connection_id, id, change, now)

    return _stored(connection, structure_id, store, done, again)


def back(connection: str, structure_id: str) -> Page:
    """Lead back to the editor as it was looked at, and to the line that was changed."""
    line_id = (request.view_args or {}).get("line_id")
    return see_other(
        "mapping_editor_pages.edit",
        connection=connection,
        structure_id=structure_id,
        _anchor=f"line-{line_id}" if line_id else None,
        **kept(),
    )


def kept() -> dict[str, Any]:
    """What of the address the next one keeps."""
    wanted = {**asdict(_wanted()), "company_id": g.chosen_company_id}
    return {name: value for name, value in wanted.items() if value}


def number_of(text: str) -> int:
    """0, which no line has, where it is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def edited(connection: Connection, structure_id: str, errors: dict[str, str]) -> str:
    """The editor of a structure."""
    wanted = _wanted()
    with reading(current_engine()) as db:
        found = get_structure(db, connection.id, id_in_path(structure_id))
        company = choose_company(db, connection)
        sheet = mapping_sheet(db, connection, company, found.structure, wanted.statement)
        covered = coverage_of(found.structure, list_accounts(db, connection.id))
    return render_template(
        "pages/mapping_editor.html",
        found=found,
        sheet=sheet,
        tabs=[_tab(connection, structure_id, each, wanted) for each in covered],
        found_accounts=[account for account in sheet.accounts if wanted.has(account)],
        most_shown=MOST_SHOWN,
        types=sorted({account.type for account in sheet.accounts if account.type}),
        wanted=wanted,
        kept=kept(),
        errors=errors,
        may_change=current_viewer().administers(connection),
    )


def _tab(
    connection: Connection, structure_id: str, covered: Coverage, wanted: Wanted
) -> tuple[str, str, bool]:
    label = words(KINDS[covered.statement].title)
    if covered.unmapped_count:
        label = _(
            "%(statement)s: %(count)s unmapped", statement=label, count=covered.unmapped_count
        )
    address = url_for(
        "mapping_editor_pages.edit",
        connection=connection.name,
        structure_id=structure_id,
        statement=covered.statement,
    )
    return label, address, covered.statement == wanted.statement


def _found_ids(connection: Connection, structure_id: str) -> list[int]:
    """Ids of the accounts that the address finds: that needs no money."""
    wanted = _wanted()
    with reading(current_engine()) as db:
        found = get_structure(db, connection.id, id_in_path(structure_id))
        sheet = mapping_sheet(db, connection, None, found.structure, wanted.statement)
    return [each.id for each in sheet.accounts if each.type and wanted.has(each)]


def _wanted() -> Wanted:
    wanted = Wanted(**read_query(QUERY))
    return wanted if wanted.statement in STATEMENTS else replace(wanted, statement=PROFIT_AND_LOSS)


def _stored(
    connection: Connection,
    structure_id: str,
    store: Store,
    done: str,
    again: Again | None = None,
) -> Page:
    id = id_in_path(structure_id)
    try:
        with writing(current_engine()) as db:
            require_state(db, connection.id, id, request.form.get("seen", ""))
            store(db, connection.id, id, datetime.now(UTC))
    except (ChangedMeanwhile, InvalidStructure, NotFound) as error:
        if again and error.path:
            return again({error.path.removeprefix("/"): sentence_of(error)}), 422
        flash(sentence_of(error), "error")
    else:
        flash(done, "success")
    return back(connection.name, structure_id)
