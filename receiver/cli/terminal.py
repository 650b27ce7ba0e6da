"""What every command does alike: names and dates as they are typed, tables, and the database."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

import click
from sqlalchemy import Engine

from receiver.config import Config, keep_private
from receiver.db.engine import make_engine
from receiver.db.migrate import upgrade
from receiver.errors import DatabaseUnavailable, MonitrError
from receiver.names import WRONG_NAME, is_name

LONGEST_SENTENCE = 200

Value = str | int | datetime | None


class Commands(click.Group):
    """Lists its commands with their whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            (name, command.get_short_help_str(LONGEST_SENTENCE))
            for name, command in sorted(self.commands.items())
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class OneSentence(Commands):
    """Says what went wrong in one sentence and ends with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MonitrError as error:
            raise click.ClickException(str(error)) from error


def check_name(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    if not is_name(name):
        raise click.ClickException(str(WRONG_NAME))
    return name


def check_date(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.ClickException(f"{text} is not a date like 2025-12-31.") from error


name_argument = click.argument("name", callback=check_name)


@contextmanager
def database(config: Config) -> Iterator[Engine]:
    """Open the database at the newest schema, so that any command may be the first one.

    What others of this machine could read of it is made private, and said.
    """
    for sentence in keep_private(config):
        click.echo(sentence, err=True)
    engine = make_engine(config.database_url)
    try:
        _upgrade(engine)
        yield engine
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> None:
    try:
        upgrade(engine)
    except DatabaseUnavailable as error:
        url = engine.url.set(query={}).render_as_string()  # without a password
        why, _, _ = str(getattr(error.__cause__, "orig", error.__cause__)).partition("\n")
        raise DatabaseUnavailable(
            "The receiver's database does not answer: %(why)s. MONITR_DATABASE_URL is %(url)s.",
            why=why,
            url=url,
        ) from error


def printable(text: str) -> str:
    """Names from elsewhere may hold what a terminal obeys."""
    return "".join(each if each.isprintable() else "?" for each in text)


def minute(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "never"


as_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")


def print_list(columns: Sequence[str], rows: Iterable[Sequence[Value]], as_json: bool) -> None:
    """For people a table; for programs a JSON list of objects, by the columns' names."""
    if as_json:
        names = [each.lower().replace(" ", "_").replace("-", "") for each in columns]
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        click.echo(json.dumps(objects, indent=2, default=datetime.isoformat))
    else:
        print_table(columns, [tuple(map(_written, row)) for row in rows])


def _written(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return minute(value) if isinstance(value, datetime) else str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, texts)) for texts in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def print_once(secret: str, what_to_do: str) -> None:
    """The secret alone on stdout, where a program reads it."""
    click.echo(secret)
    click.echo(what_to_do, err=True)


def own_name() -> str:
    """How to call this program again from the same folder."""
    called = sys.argv[0]
    return "monitr" if shutil.which("monitr") == called else os.path.relpath(called)


def now() -> datetime:
    return datetime.now(UTC)
