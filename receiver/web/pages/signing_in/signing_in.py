"""Signing in and out, the first administrator, and setting a password by a link."""

from datetime import UTC, datetime

from flask import flash, g, redirect, render_template, session, url_for
from flask_babel import gettext as _

from receiver.db.engine import reading, writing
from receiver.db.users.sessions import delete_session, find_code_user
from receiver.db.users.users import has_users
from receiver.errors import (
    InvalidName,
    MonitrError,
    TooManySignIns,
    WeakPassword,
    WrongCode,
    WrongSignIn,
)
from receiver.sign_in import (
    FIRST_ADMINISTRATOR_PATH,
    SET_PASSWORD_PATH,
    check_user_name,
    make_first_administrator,
    set_password_by_code,
    sign_in,
    start_session,
)
from receiver.web.current import current_config, current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.client_address import visitor
from receiver.web.pages.shared.request_fields import Stripped, Text, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.session import SESSION_ID, remember, wanted_path

signing_in = PagesBlueprint("signing_in", is_open=True)


@signing_in.get("/sign-in")
def show() -> Page:
    if g.viewer:
        return redirect(wanted_path())
    with reading(current_engine()) as db:
        if not has_users(db):
            return redirect(url_for("signing_in_pages.show_first"))
    return _sign_in_page({})


@signing_in.post("/sign-in")
@takes_form(name=Text(), password=Text())
def enter(name: str, password: str) -> Page:
    try:
        user, session_id = sign_in(current_engine(), name, password, visitor(), datetime.now(UTC))
    except (WrongSignIn, TooManySignIns) as error:
        status = 429 if isinstance(error, TooManySignIns) else 422
        return _sign_in_page(_at_field(error)), status
    remember(user, session_id)
    return redirect(wanted_path(), 303)


def _sign_in_page(errors: dict[str, str]) -> str:
    has_open_id = bool(current_config().open_id_issuer)
    return render_template("pages/sign_in.html", errors=errors, has_open_id=has_open_id)


@signing_in.post("/sign-out")
def leave() -> Page:
    if session_id := session.get(SESSION_ID):
        with writing(current_engine()) as db:
            delete_session(db, session_id)
    session.clear()
    flash(_("You are signed out."), "success")
    return see_other("signing_in_pages.show")


@signing_in.get(FIRST_ADMINISTRATOR_PATH)
def show_first() -> Page:
    with reading(current_engine()) as db:
        if has_users(db):
            return redirect(url_for("signing_in_pages.show"))
    return render_template("pages/first_administrator.html", errors={})


@signing_in.post(FIRST_ADMINISTRATOR_PATH)
@takes_form(code=Stripped(), name=Stripped(), password=Text())
def make_first(code: str, name: str, password: str) -> Page:
    now = datetime.now(UTC)
    try:
        check_user_name(name)
        with writing(current_engine()) as db:
            user = make_first_administrator(db, code, name, password, now)
            remember(user, start_session(db, user, now))
    except (WrongCode, WeakPassword, InvalidName) as error:
        page = render_template("pages/first_administrator.html", errors=_at_field(error))
        return page, 422
    return see_other("overview_pages.show")


@signing_in.get(SET_PASSWORD_PATH + "<code>")
def show_password(code: str) -> Page:
    return _password_page(code, {})


@signing_in.post(SET_PASSWORD_PATH + "<code>")
@takes_form(password=Text())
def set_password(code: str, password: str) -> Page:
    now = datetime.now(UTC)
    try:
        with writing(current_engine()) as db:
            user = set_password_by_code(db, code, password, now)
            remember(user, start_session(db, user, now))
    except WeakPassword as error:
        return _password_page(code, _at_field(error)), 422
    flash(_("Your password is set."), "success")
    return see_other("overview_pages.show")


def _password_page(code: str, errors: dict[str, str]) -> str:
    """Raises WrongCode."""
    with reading(current_engine()) as db:
        user = find_code_user(db, code, datetime.now(UTC))
    if user is None:
        raise WrongCode
    return render_template("pages/set_password.html", user=user, errors=errors)


def _at_field(error: MonitrError) -> dict[str, str]:
    return {error.path.removeprefix("/") or "form": sentence_of(error)}
