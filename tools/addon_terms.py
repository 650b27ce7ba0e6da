"""`make terms`: the addon's translation template, as a real Odoo exports it, and its catalogs.

What is new waits there for its translation.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import normalize, read_po

from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.installations import installation_of
from tests.odoo.server import PROJECT_ADDONS, Odoo
from tests.postgres import running_postgres

SERIES = "19.0"  # its export also says which terms are of Python, as 16 and later ask for
LANGUAGES = ("nl", "fr", "de")
CATALOGS = PROJECT_ADDONS / "monitr_connector" / "i18n"
TEMPLATE = CATALOGS / "monitr_connector.pot"
EXPORT = """
import io
from odoo.tools.translate import trans_export
buffer = io.BytesIO()
trans_export(None, ["monitr_connector"], buffer, "po", env)
result = buffer.getvalue().decode()
"""


def main() -> None:
    with (
        running_postgres() as postgres,
        tempfile.TemporaryDirectory(prefix="monitr-terms-") as folder,
        copy_of_books_with_addon(installation_of(SERIES), postgres, Path(folder)) as odoo,
    ):
        TEMPLATE.write_text(export_terms(odoo))
    for language in LANGUAGES:
        catalog = CATALOGS / f"{language}.po"
        known = catalog.read_text() if catalog.exists() else ""
        catalog.write_text(renewed(TEMPLATE.read_text(), known, language))


def export_terms(odoo: Odoo) -> str:
    """The template of the addon that is installed."""
    return str(odoo.shell(EXPORT))


def renewed(template: str, known: str, language: str) -> str:
    """The template with what the catalog has translated. Babel alone would lose where in Odoo's
    models a term is: it knows files and lines."""
    translated = {each.id: each.string for each in read_po(known.splitlines(keepends=True))}
    head, *terms = template.removesuffix("\n").split("\n\n")
    head = head.replace('"Language-Team: \\n"', f'"Language-Team: \\n"\n"Language: {language}\\n"')
    return "\n\n".join([head, *(_filled(term, translated) for term in terms)]) + "\n"


def _filled(term: str, translated: Mapping[Any, object]) -> str:
    [text] = [each.id for each in read_po(term.splitlines(keepends=True)) if each.id]
    string = normalize(str(translated.get(text, "")), width=79)
    return term.removesuffix('msgstr ""') + f"msgstr {string}"


if __name__ == "__main__":
    main()
