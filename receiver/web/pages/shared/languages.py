"""The language of a page, the user's own or else what their browser prefers, and how their country
writes it.
"""

from babel import localedata, negotiate_locale
from flask import Flask, g, request
from flask_babel import Babel

LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}


def init_languages(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_locale)


def choose_language() -> str:
    """One of LANGUAGES."""
    viewer = g.get("viewer")
    if viewer and viewer.user.language in LANGUAGES:
        return str(viewer.user.language)
    return negotiate_locale(request.accept_languages.values(), LANGUAGES, sep="-") or "en"


def choose_locale() -> str:
    """The language as the browser's country writes dates and amounts, such as en_GB; the language
    alone where it is not at home in a country that the browser names.
    """
    language = choose_language()
    countries = [tag.partition("-")[2].upper() for tag in request.accept_languages.values()]
    locales = [f"{language}_{country}" for country in countries]
    return next(filter(localedata.exists, locales), language)
