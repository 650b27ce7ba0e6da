"""What is connected, and adding an Odoo whose addon pushes. Reading one: ``pulling.py``."""

from datetime import UTC, datetime

from flask import render_template
from flask_babel import lazy_gettext as _l

from receiver.db.connections.connections import Connection
from receiver.db.connections.heartbeat import Keys, get_keys
from receiver.db.engine import reading, writing
from receiver.errors import InvalidName, NameTaken, NotFound
from receiver.monitoring.connection_status import find_standing, list_standings
from receiver.names import WRONG_NAME, is_name
from receiver.pairing import add_connection
from receiver.web.current import current_config, current_engine
from receiver.web.pages.integrations.hosting import HOSTINGS, SELF_HOSTED, Hosting, get_hosting
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint
from receiver.web.pages.shared.connection_filter import find
from receiver.web.pages.shared.polling import seconds_between_looks
from receiver.web.pages.shared.request_fields import Stripped, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import (
    current_viewer,
    get_administered_connection,
    require_administrator,
)

integrations = PagesBlueprint("integrations", label=_l("Integrations"), icon="integrations")

NO_FAULTS = ("never_heard", "new_key_unused")  # while the key is being pasted


@integrations.get("/integrations")
def show() -> Page:
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        standings = list_standings(db, current_viewer().connections, now)
    return render_template("pages/integrations.html", found=find(standings), now=now)


@integrations.get("/integrations/odoo")
def show_hostings() -> Page:
    require_administrator()
    return render_template("pages/hostings.html", hostings=HOSTINGS)


@integrations.get("/integrations/odoo/<slug>")
def show_ways(slug: str) -> Page:
    require_administrator()
    return render_template("pages/ways.html", hosting=get_hosting(slug))


@integrations.get("/integrations/odoo/<slug>/push")
def show_push(slug: str) -> Page:
    require_administrator()
    hosting = _hosting_with_addon(slug)
    return render_template("pages/new_push.html", hosting=hosting, name="", errors={})


@integrations.post("/integrations/odoo/<slug>/push")
@takes_form(name=Stripped())
def add_push(slug: str, name: str) -> Page:
    """Its answer shows the key, this once."""
    require_administrator()
    hosting = _hosting_with_addon(slug)
    try:
        with writing(current_engine()) as db:
            check_name(name)
            key = add_connection(db, current_config(), name, datetime.now(UTC))
    except (InvalidName, NameTaken) as error:
        errors = {"name": sentence_of(error)}
        page = render_template("pages/new_push.html", hosting=hosting, name=name, errors=errors)
        return page, 422
    return key_page(name, key, hosting)


@integrations.get("/connections/<connection>/contact")
def show_contact(connection: str) -> Page:
    """Asked by the page that shows a new key, until Odoo is heard."""
    found = get_administered_connection(connection)
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        keys = get_keys(db, found.id)
        health = find_standing(db, found, now).health
    signs = (
        *(found.created_at, keys.newest_made_at),
        *(found.last_contact_at, found.last_refused_at, found.last_unsigned_at),
    )
    return render_template(
        "pages/contact.html",
        connection=found,
        is_heard=_is_heard_by_newest_key(found, keys),
        reasons=[each for each in (*health.reasons, *health.notes) if each.code not in NO_FAULTS],
        look_again_seconds=seconds_between_looks(max(each for each in signs if each), now),
    )


def check_name(name: str) -> None:
    """Raises InvalidName."""
    if not is_name(name):
        raise InvalidName(WRONG_NAME.text)


def key_page(name: str, key: str, hosting: Hosting = SELF_HOSTED) -> Page:
    """The one time that a connection key is shown, with what to do with it in Odoo."""
    return render_template("pages/connection_key.html", name=name, key=key, hosting=hosting)


def _hosting_with_addon(slug: str) -> Hosting:
    hosting = get_hosting(slug)
    if not hosting.takes_addon:
        raise NotFound("Odoo Online takes no addons: read it with an API key.")
    return hosting


def _is_heard_by_newest_key(connection: Connection, keys: Keys) -> bool:
    """Its first use revokes the older ones."""
    contact, made_at = connection.last_contact_at, keys.newest_made_at
    return bool(contact and made_at and contact >= made_at and keys.valid_count == 1)
