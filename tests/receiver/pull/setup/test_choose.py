"""Language and companies are chosen from what the Odoo has."""

import pytest

from receiver.errors import UnknownCompany, UnknownLanguage
from receiver.pull.setup.choose import choose_companies, choose_language
from receiver.pull.setup.connect import Company, Language

ENGLISH, FRENCH = Language("en_US", "English (US)"), Language("fr_FR", "French / Français")
COMPANIES = [Company(3, "Globex"), Company(1, "Acme"), Company(7, "Twin"), Company(8, "Twin")]


def test_the_only_language_need_not_be_named() -> None:
    assert choose_language([FRENCH], None) == "fr_FR"
    assert choose_language([ENGLISH, FRENCH], "en_US") == "en_US"


@pytest.mark.parametrize("code", [None, "de_DE", "French / Français"])
def test_it_says_which_languages_there_are(code: str | None) -> None:
    with pytest.raises(UnknownLanguage, match="en_US, fr_FR"):
        choose_language([ENGLISH, FRENCH], code)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [([], [1, 3, 7, 8]), (["Acme"], [1]), (["3", "Acme", "1"], [1, 3]), (["8"], [8])],
)
def test_all_companies_or_those_named(wanted: list[str], ids: list[int]) -> None:
    assert choose_companies(COMPANIES, wanted) == ids


@pytest.mark.parametrize("wanted", ["Initech", "2", "acme", "Twin"])
def test_it_says_which_companies_there_are(wanted: str) -> None:
    with pytest.raises(UnknownCompany, match=r"3 \(Globex\), 1 \(Acme\)"):
        choose_companies(COMPANIES, [wanted])
