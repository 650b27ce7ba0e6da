"""Asks a person at the terminal for the language and the companies of an Odoo that was found."""

from collections.abc import Callable, Sequence

import click

from receiver.cli.terminal import printable
from receiver.pull.setup.connect import Company, FoundOdoo, Language
from receiver.pull.setup.credentials import Choice

ALL = "all"


def choose(found: FoundOdoo, given: Choice) -> Choice:
    """What was given, and the rest as it is answered; where there is one of a kind, nothing is
    asked.
    """
    return Choice(
        given.language or _ask_for_language(found.languages),
        given.companies or _ask_for_companies(found.companies),
    )


def _ask_for_language(languages: Sequence[Language]) -> str:
    if len(languages) == 1:
        return languages[0].code
    click.echo("The languages of that Odoo, of which names come in one:")
    _list([f"{each.name} ({each.code})" for each in languages])
    number = click.prompt("Number of the language", type=click.IntRange(1, len(languages)))
    return languages[number - 1].code


def _ask_for_companies(companies: Sequence[Company]) -> list[str]:
    if len(companies) == 1:
        return []
    click.echo("The companies that the user sees:")
    _list([each.name for each in companies])
    question = "Numbers of the companies, such as 1,3"
    numbers = click.prompt(question, default=ALL, value_proc=_reader_of(len(companies)))
    return [str(companies[number - 1].id) for number in numbers]


def _list(lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, start=1):
        click.echo(f"{number:4}  {printable(line)}")


def _reader_of(count: int) -> Callable[[str], list[int]]:
    def read(answer: str) -> list[int]:
        """Empty for all of them."""
        if answer == ALL:
            return []
        numbers = [int(part) for part in answer.split(",") if part.strip().isdecimal()]
        if len(numbers) != len(answer.split(",")) or not all(0 < n <= count for n in numbers):
            raise click.UsageError(f"Numbers from 1 to {count}, joined by commas, or {ALL}.")
        return numbers

    return read
