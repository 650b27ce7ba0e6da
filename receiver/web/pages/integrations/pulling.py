"""Reading an Odoo with an API key: the four values, then language and companies.

For a new connection, or for one that there is: then it changes over to being read, or is read
otherwise.
"""

from contextlib import suppress
from datetime import UTC, datetime

from flask import flash, render_template, request
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
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import (
    current_viewer,
    get_administered_connection,
    require_administrator,
)

pulling = PagesBlueprint("pulling", section="integrations")

FIELDS = ("name", "url", "database", "username", "api_key", "language", "company_ids")
WRONG = (NoAccess, RetryLater, InvalidName, NameTaken)  # of what was entered


@pulling.get("/integrations/odoo/<slug>/pull")
def show(slug: str) -> Page:
    require_administrator()
    return _form(get_hosting(slug), None, {}, {})


@pulling.post("/integrations/odoo/<slug>/pull")
def find(slug: str) -> Page:
    require_administrator()
    hosting = get_hosting(slug)
    name = request.form.get("name", "").strip()
    try:
        check_name(name)
        _check_free(name)
        return _find(hosting, name, is_new=True)
    except WRONG as error:
        return _form(hosting, None, request.form.to_dict(), _at_field(error))


@pulling.post("/integrations/odoo/<slug>/pull/choice")
def add(slug: str) -> Page:
    require_administrator()
    hosting = get_hosting(slug)
    draft = unseal(current_config(), current_viewer().user, request.form.get("draft", ""))
    if draft is None:
        return _form(hosting, None, {}, _too_old())
    name, access = draft
    try:
        found = find_odoo(current_config(), access)
        if errors := _check_choice():
            return _choice(hosting, name, found, errors, is_new=True)
        add_pulled_connection(current_engine(), current_config(), name, found, _chosen())
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
def find_other(connection: str) -> Page:
    name = get_administered_connection(connection).name
    try:
        return _find(SELF_HOSTED, name, is_new=False)
    except WRONG as error:
        return _form(SELF_HOSTED, name, request.form.to_dict(), _at_field(error))


@pulling.post("/connections/<connection>/odoo/choice")
def change_over(connection: str) -> Page:
    name = get_administered_connection(connection).name
    draft = unseal(current_config(), current_viewer().user, request.form.get("draft", ""))
    if draft is None or draft[0] != name:
        return _form(SELF_HOSTED, name, {}, _too_old())
    try:
        found = find_odoo(current_config(), draft[1])
        if errors := _check_choice():
            return _choice(SELF_HOSTED, name, found, errors, is_new=False)
        set_access(current_engine(), current_config(), name, found, _chosen())
        _stop_pushes(name)
    except WRONG as error:
        return _form(SELF_HOSTED, name, _shown(draft[1]), _at_field(error))
    return _go_to_onboarding(name)


@pulling.get("/connections/<connection>/api-key")
def show_api_key(connection: str) -> Page:
    get_administered_connection(connection)
    return render_template("pages/api_key.html", errors={})


@pulling.post("/connections/<connection>/api-key")
def replace_api_key(connection: str) -> Page:
    """The old one stays where the new one does not do."""
    name = get_administered_connection(connection).name
    api_key = request.form.get("api_key", "")
    try:
        change_access(current_engine(), current_config(), name, api_key=api_key)
    except (NoAccess, RetryLater) as error:
        errors = {"api_key": sentence_of(error)}  # the only thing that was entered
        return render_template("pages/api_key.html", errors=errors), 422
    flash(_("Odoo accepts the new API key, and it is used from now on."), "success")
    return see_other("connection_settings_pages.show", connection=name)


def _find(hosting: Hosting, name: str, *, is_new: bool) -> Page:
    """Raises a NoAccess or a RetryLater."""
    form = request.form
    values = [form.get(field, "") for field in ("url", "database", "username", "api_key")]
    found = find_odoo(current_config(), Access(*values))
    return _choice(hosting, name, found, {}, is_new=is_new)


def _choice(
    hosting: Hosting, name: str, found: FoundOdoo, errors: dict[str, str], *, is_new: bool
) -> Page:
    every = [str(each.id) for each in found.companies]
    page = render_template(
        "pages/pulling_choice.html",
        hosting=hosting,
        name=name,
        is_new=is_new,
        found=found,
        languages_there=[(each.code, each.name) for each in found.languages],
        draft=seal(current_config(), current_viewer().user, name, found.access),
        notes=_notes(found),
        chosen_language=request.form.get("language") or _likely_language(found),
        chosen_ids=request.form.getlist("company_ids") if errors else every,
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


def _check_choice() -> dict[str, str]:
    """None chosen would mean all of them to those below."""
    if request.form.getlist("company_ids"):
        return {}
    return {"company_ids": _("Choose at least one company.")}


def _chosen() -> Choice:
    return Choice(request.form.get("language"), request.form.getlist("company_ids"))


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
