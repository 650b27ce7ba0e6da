"""Who may sign in, and what each may do: for administrators of everything."""

from datetime import UTC, datetime

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import list_connections
from receiver.db.engine import reading, writing
from receiver.db.users.users import (
    Role,
    User,
    deactivate_user,
    delete_user,
    get_user,
    insert_user,
    list_roles,
    list_users,
    lock_user,
    reactivate_user,
    set_roles,
    update_administrator,
    update_email,
)
from receiver.errors import InvalidName, NameTaken
from receiver.sign_in import SET_PASSWORD_PATH, check_email, check_user_name, new_password_code
from receiver.web.current import current_config, current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.request_fields import Stripped, Ticked, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import require_administrator

users = PagesBlueprint("users")
users.before_request(require_administrator)

ROLES = {
    "": _l("Sees nothing of it"),
    Role.VIEWER: _l("Viewer"),
    Role.ADMINISTRATOR: _l("Administrator"),
}


@users.get("/users")
def show() -> Page:
    with reading(current_engine()) as db:
        names = {each.id: each.name for each in list_connections(db)}
        listed = [(user, _roles_by_name(db, user, names)) for user in list_users(db)]
    return render_template("pages/users.html", listed=listed, roles=ROLES)


@users.get("/users/new")
def show_new() -> Page:
    return render_template("pages/new_user.html", errors={})


@users.post("/users/new")
@takes_form(name=Stripped(), email=Stripped(), is_administrator=Ticked())
def add(name: str, email: str, is_administrator: bool) -> Page:
    now = datetime.now(UTC)
    try:
        check_user_name(name)
        check_email(email)
        with writing(current_engine()) as db:
            user = insert_user(
                db, name, now, email=email or None, is_administrator=is_administrator
            )
            link = _password_link(db, user, now)
    except (InvalidName, NameTaken) as error:
        errors = {error.path.removeprefix("/"): sentence_of(error)}
        return render_template("pages/new_user.html", errors=errors), 422
    return _shown(name, link)


@users.get("/users/<name>")
def show_one(name: str) -> Page:
    return _shown(name)


@users.post("/users/<name>/roles")
@takes_form(is_administrator=Ticked())
def store_roles(name: str, is_administrator: bool) -> Page:
    """The form has a field for each connection too, ``role-`` and its id."""
    with writing(current_engine()) as db:
        user = lock_user(db, name)
        update_administrator(db, user, is_administrator)
        given = {each.id: request.form.get(f"role-{each.id}") for each in list_connections(db)}
        set_roles(db, user.id, {id: Role(role) for id, role in given.items() if role in set(Role)})
    flash(_("What %(name)s may do is stored.", name=name), "success")
    return see_other("users_pages.show_one", name=name)


@users.post("/users/<name>/email")
@takes_form(email=Stripped())
def store_email(name: str, email: str) -> Page:
    try:
        check_email(email)
        with writing(current_engine()) as db:
            update_email(db, get_user(db, name), email or None)
    except (InvalidName, NameTaken) as error:
        errors = {error.path.removeprefix("/"): sentence_of(error)}
        return _shown(name, errors=errors), 422
    flash(_("The e-mail address of %(name)s is stored.", name=name), "success")
    return see_other("users_pages.show_one", name=name)


@users.post("/users/<name>/password-link")
def make_password_link(name: str) -> Page:
    now = datetime.now(UTC)
    with writing(current_engine()) as db:
        link = _password_link(db, lock_user(db, name), now)
    return _shown(name, link)


@users.post("/users/<name>/deactivate")
def deactivate(name: str) -> Page:
    with writing(current_engine()) as db:
        deactivate_user(db, get_user(db, name), datetime.now(UTC))
    flash(_("%(name)s cannot sign in any more and is signed out everywhere.", name=name), "success")
    return see_other("users_pages.show_one", name=name)


@users.post("/users/<name>/reactivate")
def reactivate(name: str) -> Page:
    with writing(current_engine()) as db:
        reactivate_user(db, get_user(db, name).id)
    flash(_("%(name)s can sign in again.", name=name), "success")
    return see_other("users_pages.show_one", name=name)


@users.post("/users/<name>/delete")
def delete(name: str) -> Page:
    with writing(current_engine()) as db:
        delete_user(db, get_user(db, name))
    flash(_("%(name)s is deleted.", name=name), "success")
    return see_other("users_pages.show")


def _shown(name: str, link: str | None = None, errors: dict[str, str] | None = None) -> str:
    """``link`` is shown this once."""
    with reading(current_engine()) as db:
        user = get_user(db, name)
        found = list_connections(db)
        given = list_roles(db, user.id)
    return render_template(
        "pages/user.html",
        user=user,
        connections=found,
        given=given,
        roles=ROLES,
        link=link,
        errors=errors or {},
    )


def _password_link(db: Database, user: User, now: datetime) -> str:
    code = new_password_code(db, user, now)
    return current_config().public_url + SET_PASSWORD_PATH + code


def _roles_by_name(db: Database, user: User, names: dict[int, str]) -> dict[str, Role]:
    return {names[id]: role for id, role in list_roles(db, user.id).items()}
