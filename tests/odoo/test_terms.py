"""The addon in Dutch, French and German: its catalogs are whole, and a real Odoo shows them."""

import re
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.odoo.installations import series_under_test
from tests.odoo.paired import SettingsPage
from tests.odoo.server import Odoo, OdooError
from tests.odoo.test_install import KEY
from tests.receiver.web.pages.shared.test_languages import TRANSLATIONS
from tools.addon_terms import CATALOGS, LANGUAGES, SERIES, TEMPLATE, export_terms

SERIES_OF_TEMPLATE = [series for series in series_under_test() if series == SERIES]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
DUTCH = {"lang": "nl_NL"}
LOAD_DUTCH = """
env["res.lang"]._activate_lang("nl_NL")
env["ir.module.module"].search([("name", "=", "monitr_connector")])._update_translations("nl_NL")
"""

each_language = pytest.mark.parametrize("language", LANGUAGES)


def read(text: str) -> Catalog:
    return read_po(text.splitlines(keepends=True))


@pytest.fixture
def dutch_page(settings_page: SettingsPage) -> SettingsPage:
    settings_page.odoo.stop()  # a server that runs does not see what the shell changes
    settings_page.odoo.shell(LOAD_DUTCH)
    settings_page.odoo.start()
    return settings_page


@each_language
def test_every_term_is_translated_and_nothing_else(language: str) -> None:
    """`make terms` takes new ones into the catalogs."""
    translated = read((CATALOGS / f"{language}.po").read_text())
    terms = read(TEMPLATE.read_text())

    assert {each.id for each in translated} == {each.id for each in terms}
    assert [each.id for each in translated if each.id and (each.fuzzy or not each.string)] == []


@each_language
def test_every_translation_has_the_values_of_its_term(language: str) -> None:
    for each in read((CATALOGS / f"{language}.po").read_text()):
        if each.id:
            assert placeholders(each.string) == placeholders(each.id), each.string


@each_language
def test_what_the_pages_name_too_is_named_alike_there(language: str) -> None:
    """They tell which button of Odoo's settings to press."""
    ours = read((CATALOGS / f"{language}.po").read_text())
    theirs = read((TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").read_text())
    shared = {each.id for each in ours} & {each.id for each in theirs} - {""}

    assert {"Push now", "Test connection", "Connection Key"} <= shared
    assert {id: ours[id].string for id in shared} == {id: theirs[id].string for id in shared}


def placeholders(text: str | Sequence[str]) -> list[str]:
    return sorted(PLACEHOLDER.findall(str(text)))


@pytest.mark.parametrize("series", SERIES_OF_TEMPLATE, indirect=True, scope="session")
def test_the_template_is_what_odoo_exports(settings_page: SettingsPage) -> None:
    """`make terms` writes it anew."""
    exported = read(export_terms(settings_page.odoo))

    assert {each.id for each in exported} == {each.id for each in read(TEMPLATE.read_text())}


def test_a_dutch_user_reads_the_settings_in_dutch(dutch_page: SettingsPage) -> None:
    odoo = dutch_page.odoo

    form = form_of(odoo)
    fields = odoo.call("monitr.connection", "fields_get", context=DUTCH)

    assert 'string="Nu verzenden"' in form
    assert 'string="Wat wordt verzonden"' in form
    assert fields["pasted_key"]["string"] == "Koppelsleutel"
    assert fields["user_id"]["string"] == "Lezen met de rechten van"
    assert fields["user_id"]["help"].startswith("Minstens een boekhouder.")
    assert dict(fields["push_every"]["selection"])["60"] == "Elk uur"


def test_what_went_wrong_is_said_to_each_in_their_own_language(dutch_page: SettingsPage) -> None:
    page = dutch_page
    with pytest.raises(OdooError, match="Plak eerst de koppelsleutel"):
        page.press_push_now(DUTCH)
    page.connect(KEY)

    with pytest.raises(OdooError, match=r"https://monitr\.example is vanaf deze Odoo-server niet"):
        page.press_push_now(DUTCH)

    assert "https://monitr.example cannot be reached" in page.last_run()["error"]
    assert "cannot be reached" in status_of(page, {"lang": "en_US"})
    assert "is vanaf deze Odoo-server niet bereikbaar" in status_of(page, DUTCH)


def test_a_pasted_key_that_is_wrong_is_refused_in_dutch(dutch_page: SettingsPage) -> None:
    odoo = dutch_page.odoo
    [id] = odoo.call("monitr.connection", "search", [])

    with pytest.raises(OdooError, match="Dit is geen koppelsleutel van Monitr"):
        odoo.call("monitr.connection", "set_key", [id], "no", context=DUTCH)


def status_of(page: SettingsPage, context: dict[str, str]) -> str:
    [row] = page.odoo.call("monitr.connection", "search_read", [], ["status"], context=context)
    return str(row["status"])


def form_of(odoo: Odoo) -> str:
    """Asked by another name before 16."""
    asked = "get_view" if odoo.series >= "16.0" else "fields_view_get"
    return str(odoo.call("monitr.connection", asked, False, "form", context=DUTCH)["arch"])
