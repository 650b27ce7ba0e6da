"""``monitr token``: API tokens, with which people and programs read, or manage as well."""

import secrets

import click

from receiver.cli.terminal import (
    Commands,
    as_json_option,
    database,
    name_argument,
    now,
    print_list,
    print_once,
)
from receiver.config import read_config
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.users.tokens import delete_token, insert_token, let_manage, list_tokens

TOKEN_PREFIX = "monitr_token_"
TOKEN_BYTES = 32
TOKEN_COLUMNS = ("NAME", "READS", "MANAGES", "MADE")


@click.group(cls=Commands)
def token() -> None:
    """API tokens, with which people and programs read, or manage as well."""


@token.command("add")
@name_argument
@click.option(
    "--connection", "connection_name", metavar="CONNECTION", help="Read this connection alone."
)
@click.option("--manage", "may_manage", is_flag=True, help="Not only read: change what it reads.")
def token_add(name: str, connection_name: str | None, may_manage: bool) -> None:
    """Make an API token and print it, this once."""
    made = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with database(read_config()) as engine, writing(engine) as db:
        connection_id = get_connection(db, connection_name).id if connection_name else None
        insert_token(db, name, made, connection_id, now())
        if may_manage:
            let_manage(db, name)
    print_once(made, "Send it as 'Authorization: Bearer TOKEN'. It is not shown again.")


@token.command("list")
@as_json_option
def token_list(as_json: bool) -> None:
    """Show the API tokens, not their secrets."""
    with database(read_config()) as engine, reading(engine) as db:
        rows = [
            (each.name, each.connection_name or "(all)", each.may_manage, each.created_at)
            for each in list_tokens(db)
        ]
    print_list(TOKEN_COLUMNS, rows, as_json)


@token.command("revoke")
@name_argument
def token_revoke(name: str) -> None:
    """Refuse an API token from now on."""
    with database(read_config()) as engine, writing(engine) as db:
        delete_token(db, name)
    click.echo(f"The token {name} is revoked.")
