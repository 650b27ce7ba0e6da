"""The viewer's own account: language, password, signing out everywhere."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _

from receiver.db.engine import writing
from receiver.db.users.sessions import delete_sessions
from receiver.db.users.users import update_language
from receiver.errors import MonitrError, TooManySignIns, WeakPassword, WrongSignIn
from receiver.sign_in import change_password, check_present_password
from receiver.web.current import current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.client_address import visitor
from receiver.web.pages.shared.languages import LANGUAGES
from receiver.web.pages.shared.request_fields import Text, takes_form
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.session import SESSION_ID
from receiver.web.pages.shared.viewer import current_viewer

account = PagesBlueprint("account")


@account.get("/account")
def show() -> Page:
    return render_template("pages/account.html", errors={})


@account.post("/account/password")
@takes_form(old_password=Text(), password=Text())
def store_password(old_password: str, password: str) -> Page:
    user, now = current_viewer().user, datetime.now(UTC)
    try:
        check_present_password(current_engine(), user, old_password, visitor(), now)
        with writing(current_engine()) as db:
            change_password(db, user, password, session.get(SESSION_ID))
    except (WrongSignIn, WeakPassword) as error:
        return _wrong(error.path.removeprefix("/"), error), 422
    except TooManySignIns as error:
        return _wrong("old_password", error), 429
    flash(_("Your password is changed. You are signed out everywhere else."), "success")
    return see_other("account_pages.show")


def _wrong(field: str, error: MonitrError) -> str:
    return render_template("pages/account.html", errors={field: sentence_of(error)})


@account.post("/account/language")
@takes_form(language=Text())
def store_language(language: str) -> Page:
    if language in LANGUAGES:
        with writing(current_engine()) as db:
            update_language(db, current_viewer().user.id, language)
    return redirect(url_for("account_pages.show"), 303)


@account.post("/account/sign-out-everywhere")
def leave_everywhere() -> Page:
    with writing(current_engine()) as db:
        delete_sessions(db, current_viewer().user.id)
    session.clear()
    flash(_("You are signed out everywhere."), "success")
    return see_other("signing_in_pages.show")
