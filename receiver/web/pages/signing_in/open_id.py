"""Signing in by OpenID Connect, at the provider that the settings name."""

from datetime import UTC, datetime
from typing import Any, cast

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, flash, redirect, session, url_for
from joserfc.errors import JoseError

from receiver.config import Config
from receiver.db.engine import writing
from receiver.errors import InvalidName, NameTaken, NotFound, OpenIdRefused, WrongSignIn
from receiver.logs import described
from receiver.sign_in import find_or_make_user, start_session
from receiver.web.current import current_config, current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, see_other
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.session import remember, wanted_path

open_id = PagesBlueprint("open_id", is_open=True)
log = structlog.get_logger()

PROVIDER = "monitr"
METADATA_PATH = "/.well-known/openid-configuration"
TIMEOUT_SECONDS = 10
WANTED = "wanted"
FAILURES = (AuthlibBaseError, JoseError, OSError, RuntimeError, ValueError, KeyError)


def init_open_id(app: Flask, config: Config) -> None:
    """Asks the provider nothing until someone signs in."""
    oauth = OAuth(app)
    oauth.register(
        PROVIDER,
        client_id=config.open_id_client_id,
        client_secret=config.open_id_client_secret,
        server_metadata_url=config.open_id_issuer + METADATA_PATH,
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    app.extensions[PROVIDER] = oauth
    app.register_blueprint(open_id)


@open_id.get("/sign-in/open-id")
def ask() -> Page:
    """Leads to the provider, with a state, a nonce and a PKCE challenge kept in the cookie."""
    session[WANTED] = wanted_path()
    back = current_config().public_url + url_for("open_id_pages.come_back")
    try:
        return cast(Page, _provider().authorize_redirect(back))
    except FAILURES as error:
        return _refused(error)


@open_id.get("/sign-in/open-id/back")
def come_back() -> Page:
    wanted = session.pop(WANTED, None) or url_for("overview_pages.show")
    now = datetime.now(UTC)
    try:
        email = _verified_email()
        with writing(current_engine()) as db:
            user = find_or_make_user(db, current_config(), email, now)
            session_id = start_session(db, user, now)
    except (*FAILURES, OpenIdRefused, NotFound, NameTaken, InvalidName, WrongSignIn) as error:
        return _refused(error)
    remember(user, session_id)
    return redirect(wanted)


def _verified_email() -> str:
    """Read the verified address of a token that Authlib found signed, for this receiver, this
    sign-in and this moment."""
    config = current_config()
    expected = {
        "iss": {"values": [config.open_id_issuer, f"{config.open_id_issuer}/"]},
        "aud": {"value": config.open_id_client_id},
    }
    token = _provider().authorize_access_token(claims_options=expected)
    claims = token.get("userinfo") or {}
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise OpenIdRefused
    return str(claims["email"])


def _refused(error: Exception) -> Page:
    """Says the same whatever was wrong; the log has it."""
    log.warning("sign-in by OpenID Connect refused", **described(error))
    flash(sentence_of(OpenIdRefused()), "error")
    return see_other("signing_in_pages.show")


def _provider() -> Any:
    return current_app.extensions[PROVIDER].create_client(PROVIDER)
