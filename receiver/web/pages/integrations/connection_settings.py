"""Behind the gear of a connection: its keys, its rhythm, and taking it away. For administrators."""

from contextlib import suppress
from datetime import UTC, datetime

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from receiver.accounting.shared.closings import (
    choose_closings,
    closing_journals,
    journals_to_choose,
)
from receiver.db.connections.connections import Connection, delete_connection, revoke_secrets
from receiver.db.connections.odoo_accesses import (
    delete_odoo_access,
    get_odoo_access,
    update_pull_schedule,
)
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import cancel_run, find_open_run
from receiver.errors import NothingHidden, PullEnded, PullRunning
from receiver.jobs.letting_go import let_go_of_hidden
from receiver.messages import Sentence
from receiver.monitoring.api_key import describe_left_out, describe_privileges
from receiver.monitoring.connection_status import Standing, find_standing
from receiver.pairing import rotate_connection
from receiver.web.current import current_config, current_engine
from receiver.web.pages.integrations.integrations import key_page
from receiver.web.pages.integrations.sync import ask_for_pull
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.request_fields import Chosen, Stripped, Text, Ticked, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import get_administered_connection

connection_settings = PagesBlueprint("connection_settings", section="integrations")

RHYTHMS = {
    "15": _l("Every 15 minutes"),
    "60": _l("Every hour"),
    "240": _l("Every 4 hours"),
    "1440": _l("Every day"),
    "0": _l("Paused: only when somebody asks"),
}


@connection_settings.get("/connections/<connection>/settings")
def show(connection: str) -> Page:
    return _page(get_administered_connection(connection), {})


@connection_settings.post("/connections/<connection>/sync")
def sync(connection: str) -> Page:
    found, now = get_administered_connection(connection), datetime.now(UTC)
    try:
        ask_for_pull(found, now)
    except PullRunning as error:
        flash(sentence_of(error), "info")
    else:
        flash(_("Odoo is read now. How far it is, is shown here and under Health."), "success")
    return see_other("connection_settings_pages.show", connection=connection)


@connection_settings.post("/connections/<connection>/let-go")
def let_go(connection: str) -> Page:
    """A pull that removes what is hidden from the user of the API key."""
    found, now = get_administered_connection(connection), datetime.now(UTC)
    try:
        with writing(current_engine()) as db:
            let_go_of_hidden(db, found, now)
    except (NothingHidden, PullRunning) as error:
        flash(sentence_of(error), "info")
    else:
        flash(_("Odoo is read now, and what is hidden from the user is removed here."), "success")
    return see_other("connection_settings_pages.show", connection=connection)


@connection_settings.post("/connections/<connection>/cancel")
def cancel(connection: str) -> Page:
    found = get_administered_connection(connection)
    try:
        _cancel_open_run(found)
    except PullEnded as error:
        flash(sentence_of(error), "info")
    else:
        flash(_("The pull is cancelled. What it stored until now stays."), "success")
    return see_other("connection_settings_pages.show", connection=connection)


@connection_settings.post("/connections/<connection>/schedule")
@takes_form(rhythm=Text())
def store_schedule(connection: str, rhythm: str) -> Page:
    found = get_administered_connection(connection)
    with reading(current_engine()) as db:
        access = get_odoo_access(db, found.id, found.name)
    if rhythm not in dict(_rhythms(access.pull_every_minutes)):
        return _page(found, {"rhythm": _("Choose one of these.")})
    with writing(current_engine()) as db:
        update_pull_schedule(db, found.id, int(rhythm))
    flash(_("The schedule is stored."), "success")
    return see_other("connection_settings_pages.show", connection=connection)


@connection_settings.post("/connections/<connection>/closings")
@takes_form(leaves_out=Ticked(), journal_ids=Chosen())
def store_closings(connection: str, leaves_out: bool, journal_ids: list[str]) -> Page:
    """What reports of results leave out, of the journals that the page offers."""
    found = get_administered_connection(connection)
    with writing(current_engine()) as db:
        offered = [each.id for each in journals_to_choose(db, found)]
        ids = [id for id in offered if str(id) in journal_ids]
        choose_closings(db, found, leaves_out, ids)
    flash(_("It is stored. Reports follow it from now on."), "success")
    return see_other("connection_settings_pages.show", connection=connection)


@connection_settings.post("/connections/<connection>/connection-key")
def make_key(connection: str) -> Page:
    """For the addon, which pushes from then on. Its answer shows the key, this once."""
    found = get_administered_connection(connection)
    _stop_reading(found)
    with writing(current_engine()) as db:
        key = rotate_connection(db, current_config(), found.name, datetime.now(UTC))
    return key_page(found.name, key)


@connection_settings.post("/connections/<connection>/remove")
def remove(connection: str) -> Page:
    """Nothing comes any more; what came stays."""
    found = get_administered_connection(connection)
    _stop_reading(found)
    with writing(current_engine()) as db:
        revoke_secrets(db, found.id, datetime.now(UTC))
    flash(_("%(name)s is disconnected. Its data is kept.", name=found.name), "success")
    return see_other("integrations_pages.show")


@connection_settings.get("/connections/<connection>/delete")
def show_delete(connection: str) -> Page:
    return _delete_page(get_administered_connection(connection), {})


@connection_settings.post("/connections/<connection>/delete")
@takes_form(name=Stripped())
def delete(connection: str, name: str) -> Page:
    """All of it, for good."""
    found = get_administered_connection(connection)
    if name != found.name:
        errors = {"name": _("That is not its name, so nothing was deleted.")}
        return _delete_page(found, errors)
    with writing(current_engine()) as db:
        delete_connection(db, found.id)
    flash(_("%(name)s and all its data are deleted.", name=found.name), "success")
    return see_other("integrations_pages.show")


def _page(connection: Connection, errors: dict[str, str]) -> Page:
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        standing = find_standing(db, connection, now)
        journals = journals_to_choose(db, connection)
    page = render_template(
        "pages/connection_settings.html",
        standing=standing,
        notes=_notes(standing),
        rhythms=_rhythms(standing.pulls.every_minutes if standing.pulls else 0),
        journals=journals,
        closing_journals=closing_journals(connection),
        is_of_companies=len({each.company for each in journals}) > 1,
        errors=errors,
        now=now,
    )
    return page, 422 if errors else 200


def _notes(standing: Standing) -> list[Sentence]:
    """On the user whose API key is in use."""
    access = standing.access
    if access is None:
        return []
    privileges = describe_privileges(access.username, access.writable)
    left_out = describe_left_out(access.username) if access.lacks_analytic else None
    return [note for note in (privileges, left_out) if note]


def _rhythms(every_minutes: int) -> list[tuple[str, object]]:
    """Intervals to choose from: the one that is set too, if the command line set another one."""
    every = str(every_minutes)
    own = {every: _("Every %(minutes)s minutes", minutes=every)}
    return list((own | RHYTHMS if every not in RHYTHMS else RHYTHMS).items())


def _delete_page(connection: Connection, errors: dict[str, str]) -> Page:
    page = render_template("pages/delete_connection.html", errors=errors)
    return page, 422 if errors else 200


def _stop_reading(connection: Connection) -> None:
    """Forgets the API key, if there is one. What was read stays."""
    with suppress(PullEnded):
        _cancel_open_run(connection)
    with writing(current_engine()) as db:
        delete_odoo_access(db, connection.id)


def _cancel_open_run(connection: Connection) -> None:
    """Raises PullEnded."""
    with writing(current_engine()) as db:
        run = find_open_run(db, connection.id)
        if run is None:
            raise PullEnded
        cancel_run(db, connection.id, run.run_id, datetime.now(UTC))
