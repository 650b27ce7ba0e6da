"""Every page, in the order of the sidebar, and what all their templates may use."""

import base64
import hmac
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from receiver.config import Config
from receiver.db.users.sessions import LONGEST_DAYS
from receiver.web.pages.integrations.connection_settings import connection_settings
from receiver.web.pages.integrations.integrations import integrations
from receiver.web.pages.integrations.onboarding import onboarding
from receiver.web.pages.integrations.pulling import pulling
from receiver.web.pages.mapping.mapping import mapping
from receiver.web.pages.mapping.mapping_editor import mapping_editor
from receiver.web.pages.mapping.mapping_lines import mapping_lines
from receiver.web.pages.monitoring.health import health
from receiver.web.pages.monitoring.histories import histories
from receiver.web.pages.overview import overview
from receiver.web.pages.reports.dimensions import dimensions
from receiver.web.pages.reports.financial_reports import reports
from receiver.web.pages.reports.outstanding import outstanding_items
from receiver.web.pages.shared.blueprint import PagesBlueprint, csrf
from receiver.web.pages.shared.client_address import unlisted_proxy
from receiver.web.pages.shared.jinja_filters import register_formats
from receiver.web.pages.shared.languages import (
    LANGUAGES,
    choose_language,
    choose_locale,
    init_languages,
)
from receiver.web.pages.shared.sentences import (
    change_words,
    health_badge,
    key_badge,
    problem_advice,
    problem_heading,
    run_badge,
    words,
)
from receiver.web.pages.shared.viewer import handed_on_connection
from receiver.web.pages.signing_in.account import account
from receiver.web.pages.signing_in.open_id import init_open_id
from receiver.web.pages.signing_in.signing_in import signing_in
from receiver.web.pages.signing_in.users import users

PAGES: tuple[PagesBlueprint, ...] = (
    overview,
    reports,
    outstanding_items,
    dimensions,
    mapping,
    mapping_editor,
    mapping_lines,
    integrations,
    pulling,
    connection_settings,
    onboarding,
    health,
    histories,
    users,
    account,
    signing_in,
)
DAY_SECONDS = 24 * 60 * 60
SAME_EVERYWHERE = {"connection", "statement", "name"}  # of paths, in each connection


def init_pages(app: Flask, config: Config) -> None:
    is_https = config.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=_cookie_key(config),
        SESSION_COOKIE_NAME="__Host-monitr" if is_https else "monitr",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # so that it ends as its row does
        PERMANENT_SESSION_LIFETIME=LONGEST_DAYS * DAY_SECONDS,
        WTF_CSRF_CHECK_DEFAULT=False,  # each PagesBlueprint checks; signed requests need none
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # no page sends a Referer
    )
    csrf.init_app(app)
    init_languages(app)
    register_formats(app)
    app.context_processor(_offered_to_templates)
    app.url_defaults(_hand_on_company)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    if config.open_id_issuer:
        init_open_id(app, config)


def _cookie_key(config: Config) -> bytes:
    """Signs the session cookie; derived, so that there is one secret to keep."""
    newest = config.secret_key.split(",")[0].strip()
    return hmac.digest(base64.urlsafe_b64decode(newest), b"monitr session cookie", "sha256")


def _offered_to_templates() -> dict[str, object]:
    return {
        "viewer": g.get("viewer"),
        "connection": g.get("connection"),
        "company": g.get("company"),
        "companies": g.get("companies", []),
        "section": _section(),
        "menu": [page for page in PAGES if page.label],
        "menu_address": _menu_address,
        "unlisted_proxy": unlisted_proxy,
        "language": choose_language(),
        "locale": choose_locale().replace("_", "-"),
        "languages": LANGUAGES,
        "csrf": _csrf_field,
        "csrf_token": generate_csrf,
        "address_for": _address_for,
        "health_badge": health_badge,
        "run_badge": run_badge,
        "key_badge": key_badge,
        "change_words": change_words,
        "words": words,
        "problem_heading": problem_heading,
        "problem_advice": problem_advice,
    }


def _section() -> str | None:
    """The page of the sidebar that is looked at."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return blueprint.section if isinstance(blueprint, PagesBlueprint) else None


def _menu_address(page: PagesBlueprint) -> str:
    """The page about the connection and the company looked at, where it is about one."""
    connection = handed_on_connection()
    if connection is None:
        return url_for(page.start)
    return url_for(page.start, connection=connection.name, company_id=g.chosen_company_id)


def _hand_on_company(endpoint: str, values: dict[str, Any]) -> None:
    """Hand on the company from page to page of the same connection."""
    is_page = "_pages." in endpoint and g.get("connection") is not None
    if is_page and g.chosen_company_id and values.get("connection") == g.connection.name:
        values.setdefault("company_id", g.chosen_company_id)


def _csrf_field() -> Markup:
    field = '<input type="hidden" name="csrf_token" value="{}">'
    return Markup(field).format(generate_csrf())


def _address_for(**changed: Any) -> str:
    """Address of the page looked at, but for another connection or company.

    Ids belong to a connection, so another connection takes the path alone, and where there is one
    in it, the start of the section.
    """
    endpoint, path = request.endpoint or "", dict(request.view_args or {})
    if "connection" in changed:
        if path.keys() - SAME_EVERYWHERE:
            return url_for(f"{_section()}.show", **changed)
        return url_for(endpoint, **{**path, **changed})
    here = url_for(endpoint, **path, company_id=None)
    return f"{here}?{urlencode({**request.args, **changed})}"
