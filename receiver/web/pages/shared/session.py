"""The session cookie: who signed in, and where they wanted to go."""

import re

from flask import request, session, url_for

from receiver.db.users.users import User
from receiver.web.pages.shared.known_browser import keep_browser_known

SESSION_ID = "id"
# Browsers take //host for another server, and a backslash for a slash, and leave out white space.
PATH_HERE = re.compile(r"/(?!/)[^\\\s\x00-\x1f\x7f]*")


def remember(user: User, session_id: str) -> None:
    """Remember a session in a fresh cookie, so that one planted before signing in is worth
    nothing; and the browser, which is let try from now on."""
    session.clear()
    session[SESSION_ID] = session_id
    session.permanent = True
    keep_browser_known(user.id)


def wanted_path() -> str:
    """Where they wanted to go, in this receiver alone."""
    wanted = request.args.get("next", "")
    return wanted if PATH_HERE.fullmatch(wanted) else url_for("overview_pages.show")
