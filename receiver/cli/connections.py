"""``monitr connection``: the Odoo databases that are paired with this receiver."""

from datetime import date

import click

from receiver.cli.odoo_accesses import add_odoo, remove_odoo, replace_key, set_odoo
from receiver.cli.terminal import (
    Commands,
    Value,
    as_json_option,
    check_date,
    database,
    minute,
    name_argument,
    now,
    own_name,
    print_list,
    print_once,
)
from receiver.config import read_config
from receiver.db.connections.connections import (
    delete_connection,
    get_connection,
    list_connections,
    revoke_secrets,
    update_last_actuals,
)
from receiver.db.connections.odoo_accesses import get_odoo_access, update_pull_schedule
from receiver.db.engine import reading, writing
from receiver.db.store.records import count_records_of
from receiver.monitoring.api_key import describe_key
from receiver.monitoring.connection_status import Standing, list_standings
from receiver.monitoring.pulls import find_pulls
from receiver.pairing import add_connection, rotate_connection

CONNECTION_COLUMNS = (
    "NAME",
    "STATE",
    "SERIES",
    "DATABASE",
    "COMPANIES",
    "LAST CONTACT",
    "API KEY",
    "JOURNAL ITEMS",
)


@click.group(cls=Commands)
def connection() -> None:
    """The Odoo databases that are paired with this receiver."""


for command in (add_odoo, set_odoo, replace_key, remove_odoo):
    connection.add_command(command)


@connection.command("add")
@name_argument
def connection_add(name: str) -> None:
    """Make a connection and print its connection key, this once."""
    config = read_config()
    with database(config) as engine, writing(engine) as db:
        key = add_connection(db, config, name, now())
    print_once(
        key, "Paste this connection key into Odoo, Settings > Monitr. It is not shown again."
    )


@connection.command("list")
@as_json_option
def connection_list(as_json: bool) -> None:
    """Show the connections and what they hold."""
    with database(read_config()) as engine, reading(engine) as db:
        standings = list_standings(db, list_connections(db), now())
        ids = [each.connection.id for each in standings]
        counts = count_records_of(db, ids, "journal_items")
    rows = [_described(each, counts[each.connection.id]) for each in standings]
    print_list(CONNECTION_COLUMNS, rows, as_json)


@connection.command("rotate")
@name_argument
def connection_rotate(name: str) -> None:
    """Make a new connection key; the old one works until the new one is first used."""
    config = read_config()
    with database(config) as engine, writing(engine) as db:
        key = rotate_connection(db, config, name, now())
    print_once(
        key,
        "Paste this connection key into Odoo, Settings > Monitr. From its first use on the old one"
        " is refused. It is not shown again.",
    )


@connection.command("revoke")
@name_argument
def connection_revoke(name: str) -> None:
    """Refuse all connection keys of a connection from now on. What it sent stays."""
    with database(read_config()) as engine, writing(engine) as db:
        revoke_secrets(db, get_connection(db, name).id, now())
    click.echo(
        f"Every key of {name} is revoked. For a new one: {own_name()} connection rotate {name}"
    )


@connection.command("close")
@name_argument
@click.argument("last_actuals_on", metavar="[DATE]", required=False, callback=check_date)
@click.option("--none", "is_none", is_flag=True, help="Take the date away.")
def connection_close(name: str, last_actuals_on: date | None, is_none: bool) -> None:
    """Watch a connection's books up to DATE, its last actuals, for changes, locked in Odoo or not.

    Changes dated on or before DATE, or Odoo's lock date if that is later, are kept and shown.
    """
    if is_none is (last_actuals_on is not None):
        raise click.ClickException("Give either a date, such as 2025-12-31, or --none.")
    with database(read_config()) as engine, writing(engine) as db:
        update_last_actuals(db, get_connection(db, name).id, last_actuals_on)
    if last_actuals_on:
        click.echo(f"{name} is closed until {last_actuals_on}: changes up to then are kept.")
    else:
        click.echo(f"{name} is closed by Odoo's lock dates alone.")


@connection.command("schedule")
@name_argument
@click.option("--every", "minutes", type=click.IntRange(min=1), help="So many minutes.")
@click.option("--never", "is_never", is_flag=True, help="Only when somebody asks.")
def connection_schedule(name: str, minutes: int | None, is_never: bool) -> None:
    """Choose how often an Odoo that was added with its API key is pulled."""
    if is_never is (minutes is not None):
        raise click.ClickException("Give either --every MINUTES or --never.")
    with database(read_config()) as engine, writing(engine) as db:
        found = get_connection(db, name)
        get_odoo_access(db, found.id, name)
        update_pull_schedule(db, found.id, minutes or 0)
        pulls = find_pulls(db, found, now())
    if pulls and pulls.next_at:
        click.echo(f"{name} is pulled every {minutes} minutes, next {minute(pulls.next_at)}.")
    elif minutes:
        click.echo(
            f"Odoo refused the key of {name}: the schedule begins with a pull that succeeds."
        )
    else:
        click.echo(f"{name} is pulled when somebody asks: {own_name()} pull {name}")


@connection.command("delete")
@name_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
def connection_delete(name: str, yes: bool) -> None:
    """Delete a connection and everything it sent."""
    with database(read_config()) as engine:
        with reading(engine) as db:
            connection_id = get_connection(db, name).id
        question = f"This deletes {name} and everything it sent. Type {name} to go on"
        if not yes and click.prompt(question) != name:
            raise click.ClickException("Nothing was deleted.")
        with writing(engine) as db:
            delete_connection(db, connection_id)
    click.echo(f"{name} is deleted.")


def _described(standing: Standing, item_count: int) -> tuple[Value, ...]:
    connection, access = standing.connection, standing.access
    return (
        connection.name,
        standing.health.state,
        connection.series or None,
        connection.database_name or None,
        connection.company_ids or None,
        connection.last_contact_at,
        describe_key(access, now()) if access else None,
        item_count,
    )
