"""The pages in four languages: every text is translated, and amounts and dates follow."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from receiver import web
from receiver.errors import InvalidStructure, OdooTimeout
from receiver.messages import Sentence, Value
from receiver.web.pages.shared.jinja_filters import amount, day, instant, number
from receiver.web.pages.shared.languages import LANGUAGES
from receiver.web.pages.shared.sentences import sentence_of, words
from tests.receiver.web.pages.conftest import Browser
from tools.page_texts import NotLiteral, extract_texts

ROOT = Path(__file__).parents[5]
TRANSLATIONS = Path(web.__file__).parent / "translations"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")

each_language = pytest.mark.parametrize("language", TRANSLATED)


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """Words ask no database: one kind is enough."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every text of the pages, as `make messages` finds them."""
    found = tmp_path_factory.mktemp("texts") / "messages.pot"
    babel = (sys.executable, "-m", "babel.messages.frontend", "-q", "extract")
    options = ("-F", "babel.cfg", "-k", "_l", "-o", str(found), ".")
    subprocess.run([*babel, *options], cwd=ROOT, check=True)
    with found.open("rb") as file:
        return read_po(file)


def catalog_of(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The text and its translation, singular and plural."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return tuple(ids), tuple(strings)


@each_language
def test_every_text_is_translated_and_nothing_else(texts: Catalog, language: str) -> None:
    """`make messages` takes new texts into the catalogs."""
    translated = catalog_of(language)
    wanted = {message.id for message in texts if message.id}

    assert {message.id for message in translated if message.id} == wanted
    missing = [message.id for message in translated if not all(forms(message)[1])]
    assert missing == []
    assert [message.id for message in translated if message.id and message.fuzzy] == []


@each_language
def test_every_translation_has_the_placeholders_of_its_text(language: str) -> None:
    for message in catalog_of(language):
        ids, strings = forms(message)
        for string in strings if message.id else ():
            assert set(PLACEHOLDER.findall(string)) == set(PLACEHOLDER.findall(ids[-1])), string


@each_language
def test_what_runs_is_compiled_from_the_catalog(language: str) -> None:
    """`make messages` compiles them."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        running = [forms(message) for message in read_mo(file) if message.id]

    written = [forms(message) for message in catalog_of(language) if message.id]
    assert sorted(running) == sorted(written)


@pytest.mark.parametrize(
    ("wanted", "shown", "button"),
    [
        ("nl-BE,en;q=0.9", "nl-BE", "Beheerder aanmaken"),
        ("fr", "fr", "Créer l'administrateur"),
        ("de-AT", "de-AT", "Administrator anlegen"),
        ("en-GB", "en-GB", "Make the administrator"),
        ("tlh", "en", "Make the administrator"),
    ],
)
def test_a_stranger_reads_their_browsers_language(
    browser: Browser, wanted: str, shown: str, button: str
) -> None:
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = wanted

    page = browser.get("/first-administrator").text

    assert f'<html lang="{shown}">' in page
    assert button in page


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("en", "Jan 31, 2026 1,234.50"),
        ("en-US", "Jan 31, 2026 1,234.50"),
        ("en-GB", "31 Jan 2026 1,234.50"),
        ("de-DE", "31.01.2026 1.234,50"),
        ("de-CH", "31.01.2026 1\N{RIGHT SINGLE QUOTATION MARK}234.50"),
        ("nl-BE,en;q=0.9", "31 jan 2026 1.234,50"),
        ("en-XX,en-GB;q=0.9", "31 Jan 2026 1,234.50"),
    ],
)
def test_dates_and_amounts_are_written_as_in_the_browsers_country(
    app: Flask, wanted: str, written: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": wanted}):
        assert f"{day(date(2026, 1, 31))} {amount(Decimal('1234.5'), 2)}" == written


def test_a_language_chosen_is_written_as_in_the_browsers_country(anna: Browser) -> None:
    anna.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "nl-BE,nl;q=0.9,en-US;q=0.8"
    anna.post("/account/language", {"language": "en"})

    assert '<html lang="en-BE">' in anna.get("/account").text


def test_an_error_is_said_in_the_language_of_the_page(anna: Browser) -> None:
    anna.post("/account/language", {"language": "fr"})

    answer = anna.post("/account/password", {"old_password": "non", "password": "non"})

    assert "Le mot de passe actuel est incorrect." in answer.text


def test_why_a_connection_is_not_well_is_said_in_the_language_of_the_page(bob: Browser) -> None:
    bob.post("/account/language", {"language": "de"})

    assert "Odoo hat sich noch nie gemeldet." in bob.get("/health/acme/").text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "nooit"),
        (timedelta(hours=4), "4 uur"),
        (datetime(2026, 1, 31, 14, 4, tzinfo=UTC), "31 jan 2026, 14:04:00 UTC"),
        (1204, "1.204"),
        (Decimal("-1234.50"), "\N{MINUS SIGN}1.234,50"),
        (OdooTimeout().sentence, "De server van Odoo antwoordde niet op tijd."),
        (("a", Sentence("accounts")), "a, rekeningen"),
        ("accounts", "accounts"),  # a name, not a word of ours
    ],
)
def test_the_values_of_a_sentence_follow_the_language_too(
    app: Flask, value: Value, written: str
) -> None:
    with app.test_request_context(), force_locale("nl"):
        assert words(Sentence("%(value)s", {"value": value})) == written


def test_a_name_may_hold_what_a_sentence_marks_its_values_with(app: Flask) -> None:
    error = InvalidStructure("%(line)s is computed: no line can be below it.", line="50 %(s")

    with app.test_request_context(), force_locale("de"):
        assert sentence_of(error).startswith("50 %(s wird berechnet:")
        assert words(Sentence("100 % of it")) == "100 % of it"


@pytest.mark.parametrize("text", ["f'There is no {name}.'", "'There is no ' + name", "_('No')"])
def test_a_sentence_that_is_put_together_is_not_let_pass(text: str) -> None:
    """`make messages` and the first test here tell where it is."""
    with pytest.raises(NotLiteral):
        list(extract_texts(BytesIO(f"raise NotFound({text})".encode()), (), (), options={}))


def test_an_error_with_values_is_said_at_its_field_in_the_language_of_the_page(
    anna: Browser,
) -> None:
    anna.post("/account/language", {"language": "fr"})

    answer = anna.post("/users/new", {"name": "anna", "email": ""})

    assert answer.status_code == 422
    assert "Il y a déjà un utilisateur nommé anna." in answer.text


def test_a_problem_is_said_in_the_language_of_the_page(anna: Browser) -> None:
    anna.post("/account/language", {"language": "de"})

    assert "Es gibt keine Verbindung namens nowhere." in anna.get("/health/nowhere/").text
    assert "The requested URL" not in anna.get("/no/such/page").text


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "1,234,567.50"), ("nl", "1.234.567,50"), ("de", "1.234.567,50")],
)
def test_amounts_follow_the_language(app: Flask, language: str, written: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert amount(Decimal("1234567.5"), 2) == written


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        ("0.005", 2, "0.005"),
        ("-0.00", 2, "0.00"),
        ("12", 0, "12"),
        ("-3.1", 3, "\N{MINUS SIGN}3.100"),
        ("9007199254740993.01", 2, "9,007,199,254,740,993.01"),
    ],
)
def test_no_amount_is_rounded(app: Flask, value: str, places: int, written: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert amount(Decimal(value), places) == written


def test_dates_and_numbers_follow_the_language(app: Flask) -> None:
    at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    with app.test_request_context(), force_locale("nl"):
        assert day(date(2026, 1, 31)) == "31 jan 2026"
        assert instant(at).startswith("31 jan 2026")
        assert instant(at).endswith("UTC")
        assert number(1204) == "1.204"
