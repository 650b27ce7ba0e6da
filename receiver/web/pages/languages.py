"""The language of a page: the user's own, else what their browser prefers."""

from flask import Flask, g, request
from flask_babel import Babel

LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}


def init_languages(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_language)


def choose_language() -> str:
    """One of LANGUAGES."""
    viewer = g.get("viewer")
    if viewer and viewer.user.language in LANGUAGES:
        return str(viewer.user.language)
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"
