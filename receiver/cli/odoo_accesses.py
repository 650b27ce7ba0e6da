"""``monitr connection add-odoo``, ``set-odoo``, ``replace-key`` and ``remove-odoo``: the Odoos that
are read with an API key, where the addon cannot be installed.
"""

import sys
from collections.abc import Callable

import click

from receiver.cli.choosing import choose
from receiver.cli.terminal import database, name_argument, now, own_name, printable
from receiver.config import Config, read_config
from receiver.db.connections.connections import check_connection_name_is_free, get_connection
from receiver.db.connections.odoo_accesses import OdooAccess, get_odoo_access
from receiver.db.engine import reading
from receiver.monitoring.api_key import describe_key, describe_left_out, describe_privileges
from receiver.pull.setup.connect import FoundOdoo
from receiver.pull.setup.credentials import (
    Choice,
    add_pulled_connection,
    change_access,
    find_odoo,
    remove_access,
    set_access,
)
from receiver.pull.transport.login import Access


def values_of_an_odoo(command: Callable[..., None]) -> Callable[..., None]:
    """The options that both add-odoo and set-odoo take."""
    for option in (
        click.option(
            "--company",
            "companies",
            multiple=True,
            help="Its id or name; give it again for another.",
        ),
        click.option("--language", help="Such as fr_FR."),
        click.option("--username", required=True, help="The e-mail that logs in to Odoo."),
        click.option("--database", default="", help="May be left out where it has a single one."),
        click.option("--url", required=True, help="Such as mycompany.odoo.com."),
        name_argument,
    ):
        command = option(command)
    return command


@click.command("add-odoo")
@values_of_an_odoo
def add_odoo(name: str, language: str | None, companies: tuple[str, ...], **values: str) -> None:
    """Check and store how to read an Odoo with an API key, where the addon cannot be installed.

    The key is asked for, or read from standard input where that is no terminal. So are the language
    and the companies; elsewhere all companies are taken, and the language where there is but one.
    """
    config = read_config()
    with database(config) as engine:
        with reading(engine) as db:
            check_connection_name_is_free(db, name)  # before a key is typed for nothing
        found, choice = _find_and_choose(config, values, Choice(language, companies))
        stored = add_pulled_connection(engine, config, name, found, choice)
    click.echo(_told(found, stored))


@click.command("set-odoo")
@values_of_an_odoo
def set_odoo(name: str, language: str | None, companies: tuple[str, ...], **values: str) -> None:
    """Read a connection's Odoo with an API key from now on, or otherwise than before.

    What the connection holds stays, so it must be the same Odoo. Asks as add-odoo does.
    """
    config = read_config()
    with database(config) as engine:
        with reading(engine) as db:
            get_connection(db, name)
        found, choice = _find_and_choose(config, values, Choice(language, companies))
        stored = set_access(engine, config, name, found, choice)
    click.echo(_told(found, stored))


@click.command("replace-key")
@name_argument
def replace_key(name: str) -> None:
    """Use another API key of the same user. The old one stays where the new one does not do.

    The key is asked for, or read from standard input where that is no terminal.
    """
    config = read_config()
    with database(config) as engine:
        with reading(engine) as db:
            get_odoo_access(db, get_connection(db, name).id, name)
        stored = change_access(engine, config, name, api_key=_ask_for_api_key())
    click.echo(f"{name} is read with the new API key. {_told_of_key(stored)}")


@click.command("remove-odoo")
@name_argument
def remove_odoo(name: str) -> None:
    """Forget the API key: from now on the addon is to push. What the connection holds stays."""
    with database(read_config()) as engine:
        remove_access(engine, name)
    click.echo(
        f"{name} is no longer read. For the addon, make a connection key:"
        f" {own_name()} connection rotate {name}"
    )


def _find_and_choose(
    config: Config, values: dict[str, str], choice: Choice
) -> tuple[FoundOdoo, Choice]:
    found = find_odoo(config, Access(**values, api_key=_ask_for_api_key()))
    return found, choose(found, choice) if sys.stdin.isatty() else choice


def _ask_for_api_key() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Odoo API key", hide_input=True))
    key = sys.stdin.readline().strip()
    if not key:
        raise click.ClickException(
            "Standard input holds no API key: send it there, as in `< FILE`, or type it in a"
            " terminal."
        )
    return key


def _told(found: FoundOdoo, stored: OdooAccess) -> str:
    ids = stored.company_ids.split(",")
    names = (each.name for each in found.companies if str(each.id) in ids)
    privileges = describe_privileges(stored.username, stored.writable)
    lines = (
        f"Odoo {found.client.series} at {stored.url}, read as {stored.username} in"
        f" {stored.language} by {found.transport}. Companies: {printable(', '.join(names))}.",
        _told_of_key(stored),
        *([str(privileges)] if privileges else []),
        *([] if found.is_analytic_readable else [str(describe_left_out(stored.username))]),
    )
    return "\n".join(lines)


def _told_of_key(stored: OdooAccess) -> str:
    left = describe_key(stored, now())
    if stored.key_expires_at is None:
        return {"no end": "The API key has no end.", "unknown": ""}[left]
    first = f"The first of the {stored.key_count} API keys of the user"
    which = "The API key" if stored.key_count == 1 else first
    return f"{which} ends in {left}."
