"""The session cookie: who signed in, and where they wanted to go."""

from flask import request, session, url_for

SESSION_ID = "id"


def remember(session_id: str) -> None:
    """In a fresh cookie, so that one planted before signing in is worth nothing."""
    session.clear()
    session[SESSION_ID] = session_id
    session.permanent = True


def wanted_path() -> str:
    """Where they wanted to go, in this receiver alone."""
    wanted = request.args.get("next", "")
    is_here = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_here else url_for("overview_pages.show")
