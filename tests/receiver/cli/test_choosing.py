"""At a terminal the language and the companies are chosen by their numbers in a list."""

import click
import pytest
from click.testing import CliRunner, Result

from receiver.cli.choosing import choose
from receiver.pull.setup.connect import Company, FoundOdoo, Language
from receiver.pull.setup.credentials import Choice
from receiver.pull.setup.keys import KeyFound
from receiver.pull.transport.login import Access
from tests.receiver.pull.recorded import Recorded

ENGLISH, FRENCH = Language("en_US", "English"), Language("fr_FR", "French")
ACME, GLOBEX, EVIL = Company(3, "Acme"), Company(1, "Globex"), Company(7, "\x1b[31mEvil")


def chosen(answers: str, *found: Language | Company, given: Choice | None = None) -> Result:
    """What is asked, and the choice as the last line."""
    odoo = FoundOdoo(
        client=Recorded("19.0", {}),
        access=Access("", "", "", ""),
        transport="",
        languages=tuple(each for each in found if isinstance(each, Language)),
        companies=tuple(each for each in found if isinstance(each, Company)),
        key=KeyFound(None, 0),
        writable=(),
    )

    @click.command()
    def ask() -> None:
        choice = choose(odoo, given or Choice())
        click.echo(f"{choice.language} {choice.companies}")

    return CliRunner().invoke(ask, input=answers)


@pytest.mark.parametrize(
    ("answers", "choice"),
    [
        ("2\n1\n", "fr_FR ['3']"),
        ("1\n\n", "en_US []"),
        ("1\nall\n", "en_US []"),
        ("2\n 2, 1\n", "fr_FR ['1', '3']"),
        ("0\n3\nx\n2\n0\n3\n1;2\n,\n2\n", "fr_FR ['1']"),
    ],
)
def test_it_takes_numbers_and_asks_again_for_others(answers: str, choice: str) -> None:
    asked = chosen(answers, ENGLISH, FRENCH, ACME, GLOBEX)

    assert "   2  French (fr_FR)" in asked.output
    assert "   1  Acme" in asked.output
    assert asked.output.splitlines()[-1] == choice


def test_it_asks_for_nothing_that_is_given_or_alone() -> None:
    assert chosen("", ENGLISH, ACME).output == "en_US []\n"
    given = Choice("fr_FR", ["Globex"])
    assert chosen("", ENGLISH, FRENCH, ACME, GLOBEX, given=given).output == "fr_FR ['Globex']\n"


def test_no_name_reaches_the_terminal_as_a_command() -> None:
    assert "\x1b" not in chosen("1\n", ENGLISH, ACME, EVIL).output
