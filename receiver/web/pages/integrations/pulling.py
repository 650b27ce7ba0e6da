"""Reading an Odoo with an API key: the four values, then language and companies.

For a new connection, or for one that there is: then it changes over to being read, or is read
otherwise.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import flash, render_template
from flask_babel import gettext as _

from receiver.db.connections.connections import get_connection, revoke_secrets
from receiver.db.connections.odoo_accesses import find_odoo_access
from receiver.db.engine import reading, writing
from receiver.errors import (
    InvalidName,
    MonitrError,
    NameTaken,
    NoAccess,
    NotFound,
    PullRunning,
    RetryLater,
)
from receiver.messages import Sentence
from receiver.monitoring.api_key import describe_left_out, describe_privileges
from receiver.pull.setup.connect import FoundOdoo
from receiver.pull.setup.credentials import (
    Choice,
    add_pulled_connection,
    change_access,
    find_odoo,
    set_access,
)
from receiver.pull.transport.login import Access
from receiver.web.current import current_config, current_engine
from receiver.web.pages.integrations.hosting import ODOO_ONLINE, SELF_HOSTED, Hosting, get_hosting
from receiver.web.pages.integrations.integrations import check_name
from receiver.web.pages.integrations.sealed_credentials import seal, unseal
from receiver.web.pages.integrations.sync import ask_for_pull
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.request_fields import Chosen, Stripped, Text, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import (
    current_viewer,
    get_administered_connection,
    require_administrator,
)

pulling = PagesBlueprint("pulling", section="integrations")

VALUES = {name: Text() for name in ("url", "database", "username", "api_key")}
CHOICE: dict[str, ma.fields.Field[Any]] = {
    "language": ma.fields.String(load_default=None),
    "company_ids": Chosen(),
}
FIELDS = ("name", *VALUES, *CHOICE)
WRONG = (NoAccess, RetryLater, InvalidName, NameTaken)  # of what was entered


@pulling.get("/integrations/odoo/<slug>/pull")
def show(slug: str) -> Page:
    require_administrator()
    return _form(get_hosting(slug), None, {}, {})


@pulling.post("/integrations/odoo/<slug>/pull")
@takes_form(name=Stripped(), **VALUES)
def find(slug: str, name: str, **values: str) -> Page:
    require_administrator()
    hosting = get_hosting(slug)
    try:
        check_name(name)
        _check_free(name)
        found = find_odoo(current_config(), Access(**values))
    except WRONG as error:
        return _form(hosting, None, {"name": name, **values}, _at_field(error))
    return _choice(hosting, name, found, is_new=True)


@pulling.post("/integrations/odoo/<slug>/pull/choice")
@takes_form(draft=Text(), **CHOICE)
def add(slug: str, draft: str, language: str | None, company_ids: list[str]) -> Page:
    require_administrator()
    hosting = get_hosting(slug)
    opened = unseal(current_config(), current_viewer().user, draft)
    if opened is None:
        return _form(hosting, None, {}, _too_old())
    name, access = opened
    chosen = Choice(language, company_ids)
    try:
        found = find_odoo(current_config(), access)
        if not chosen.companies:
            return _choice(hosting, name, found, chosen, is_new=True)
        add_pulled_connection(current_engine(), current_config(), name, found, chosen)
    except WRONG as error:
        return _form(hosting, None, {"name": name, **_shown(access)}, _at_field(error))
    return _go_to_onboarding(name)


@pulling.get("/connections/<connection>/odoo")
def show_other(connection: str) -> Page:
    """The values of now, but the key."""
    found = get_administered_connection(connection)
    with reading(current_engine()) as db:
        stored = find_odoo_access(db, found.id)
    values = {"url": found.odoo_url or "", "database": found.database_name or ""}
    if stored:
        values = _shown(Access(stored.url, stored.database_name, stored.username, ""))
    return _form(SELF_HOSTED, found.name, values, {})


@pulling.post("/connections/<connection>/odoo")
@takes_form(**VALUES)
def find_other(connection: str, **values: str) -> Page:
    name = get_administered_connection(connection).name
    try:
        found = find_odoo(current_config(), Access(**values))
    except WRONG as error:
        return _form(SELF_HOSTED, name, values, _at_field(error))
    return _choice(SELF_HOSTED, name, found, is_new=False)


@pulling.post("/connections/<connection>/odoo/choice")
@takes_form(draft=Text(), **CHOICE)
def change_over(connection: str, draft: str, language: str | None, company_ids: list[str]) -> Page:
    name = get_administered_connection(connection).name
    opened = unseal(current_config(), current_viewer().user, draft)
    if opened is None or opened[0] != name:
        return _form(SELF_HOSTED, name, {}, _too_old())
    chosen = Choice(language, company_ids)
    try:
        found = find_odoo(current_config(), opened[1])
        if not chosen.companies:
            return _choice(SELF_HOSTED, name, found, chosen, is_new=False)
        set_access(current_engine(), current_config(), name, found, chosen)
        _stop_pushes(name)
    except WRONG as error:
        return _form(SELF_HOSTED, name, _shown(opened[1]), _at_field(error))
    return _go_to_onboarding(name)


@pulling.get("/connections/<connection>/api-key")
def show_api_key(connection: str) -> Page:
    get_administered_connection(connection)
    return render_template("pages/api_key.html", errors={})


@pulling.post("/connections/<connection>/api-key")
@takes_form(api_key=Text())
def replace_api_key(connection: str, api_key: str) -> Page:
    """The old one stays where the new one does not do."""
    name = get_administered_connection(connection).name
    try:
        change_access(current_engine(), current_config(), name, api_key=api_key)
    except (NoAccess, RetryLater) as error:
        errors = {"api_key": sentence_of(error)}  # the only thing that was entered
        return render_template("pages/api_key.html", errors=errors), 422
    flash(_("Odoo accepts the new API key, and it is used from now on."), "success")
    return see_other("connection_settings_pages.show", connection=name)


def _choice(
    hosting: Hosting, name: str, found: FoundOdoo, chosen: Choice | None = None, *, is_new: bool
) -> Page:
    """What is read of it: ``chosen`` was no company, which would mean all of them to those below;
    None: nothing was chosen yet."""
    every = [str(each.id) for each in found.companies]
    errors = {"company_ids": _("Choose at least one company.")} if chosen else {}
    page = render_template(
        "pages/pulling_choice.html",
        hosting=hosting,
        name=name,
        is_new=is_new,
        found=found,
        languages_there=[(each.code, each.name) for each in found.languages],
        draft=seal(current_config(), current_viewer().user, name, found.access),
        notes=_notes(found),
        chosen_language=(chosen and chosen.language) or _likely_language(found),
        chosen_ids=chosen.companies if chosen else every,
        errors=errors,
    )
    return page, 422 if errors else 200


def _notes(found: FoundOdoo) -> list[Sentence]:
    username = found.access.username
    note = describe_privileges(username, ",".join(found.writable))
    notes = [note] if note else []
    return notes if found.is_analytic_readable else [*notes, describe_left_out(username)]


def _likely_language(found: FoundOdoo) -> str:
    """The viewer's own, where Odoo has it."""
    own = current_viewer().user.language or ""
    codes = [language.code for language in found.languages]
    likely = [code for code in codes if own and code.startswith(own)]
    return next(iter(likely + codes), "")


def _form(
    hosting: Hosting, name: str | None, values: dict[str, str], errors: dict[str, str]
) -> Page:
    """``name`` is that of a connection which there is. The API key must be entered again."""
    page = render_template(
        "pages/pulling.html",
        hosting=hosting,
        is_online=hosting is ODOO_ONLINE,
        name=name,
        values=values,
        errors=errors,
    )
    return page, 422 if errors else 200


def _check_free(name: str) -> None:
    """Before Odoo is asked. Raises NameTaken."""
    with reading(current_engine()) as db:
        try:
            get_connection(db, name)
        except NotFound:
            return
    raise NameTaken("There is already a connection named %(name)s.", name=name)


def _shown(access: Access) -> dict[str, str]:
    return {"url": access.url, "database": access.database, "username": access.username}


def _at_field(error: MonitrError) -> dict[str, str]:
    field = error.path.removeprefix("/")
    return {field if field in FIELDS else "form": sentence_of(error)}


def _too_old() -> dict[str, str]:
    return {"form": _("The page was open for too long. Enter the values again.")}


def _stop_pushes(name: str) -> None:
    """One way at a time: the addon is not let in any more."""
    with writing(current_engine()) as db:
        revoke_secrets(db, get_connection(db, name).id, datetime.now(UTC))


def _go_to_onboarding(name: str) -> Page:
    with reading(current_engine()) as db:
        connection = get_connection(db, name)
    with suppress(PullRunning):
        ask_for_pull(connection, datetime.now(UTC))
    return see_other("onboarding_pages.show", connection=name)
