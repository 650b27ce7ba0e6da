"""A browser in which somebody signed in before: it is let try where strangers have to wait.

It keeps a sealed cookie for one user, which is no session: it lets nobody in, and is worth nothing
for another user's name.
"""

import json
import secrets
from datetime import timedelta

from cryptography.fernet import InvalidToken
from flask import after_this_request, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from receiver.sign_in import KnownBrowser
from receiver.web.current import current_config

LIFE = timedelta(days=180)
PURPOSE = "known browser"


def known_browser() -> KnownBrowser | None:
    """None where the cookie is missing, too old, or not of ours."""
    sealed = request.cookies.get(_cookie_name(), "")
    try:
        values = json.loads(current_config().cipher.decrypt(sealed, ttl=int(LIFE.total_seconds())))
    except (InvalidToken, ValueError):
        return None
    if not isinstance(values, dict) or values.get("purpose") != PURPOSE:
        return None
    return KnownBrowser(values["user_id"], values["browser_id"])


def keep_browser_known(user_id: int) -> None:
    """From the present answer on."""
    browser_id = secrets.token_urlsafe(16)
    values = {"purpose": PURPOSE, "user_id": user_id, "browser_id": browser_id}
    sealed = current_config().encrypt(json.dumps(values))

    @after_this_request
    def set_cookie(response: AnyResponse) -> AnyResponse:
        response.set_cookie(
            _cookie_name(),
            sealed,
            max_age=LIFE,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"
