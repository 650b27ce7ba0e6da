"""``monitr user``: who may sign in to the pages."""

from datetime import datetime

import click
from sqlalchemy import Connection as Database

from receiver.cli.terminal import (
    Commands,
    Value,
    as_json_option,
    database,
    now,
    print_list,
    print_once,
)
from receiver.config import Config, read_config
from receiver.db.connections.connections import get_connection, list_connections
from receiver.db.engine import reading, writing
from receiver.db.users.users import (
    Role,
    User,
    delete_user,
    get_user,
    insert_user,
    list_roles,
    list_users,
    lock_user,
    set_roles,
)
from receiver.sign_in import SET_PASSWORD_PATH, check_email, check_user_name, new_password_code

USER_COLUMNS = (
    *("NAME", "E-MAIL", "ADMINISTRATOR", "PASSWORD", "STATE"),
    *("VIEWS", "ADMINISTERS", "MADE"),
)
HOW_TO_SET_PASSWORD = "The password is set there, once, within three days. It is not shown again."

user_argument = click.argument("name")


@click.group(cls=Commands)
def user() -> None:
    """Who may sign in to the pages."""


@user.command("add")
@user_argument
@click.option("--admin", "is_administrator", is_flag=True, help="Administrator of everything.")
@click.option("--email", default="", help="As a proxy or an OpenID provider names them.")
@click.option(
    "--views", multiple=True, metavar="CONNECTION", help="May see it; give it again for another."
)
@click.option("--administers", multiple=True, metavar="CONNECTION", help="May also set it up.")
def user_add(
    name: str,
    is_administrator: bool,
    email: str,
    views: tuple[str, ...],
    administers: tuple[str, ...],
) -> None:
    """Add a user and print the link where they set their password."""
    check_user_name(name)
    check_email(email)
    config, at = read_config(), now()
    with database(config) as engine, writing(engine) as db:
        made = insert_user(db, name, at, email=email or None, is_administrator=is_administrator)
        roles = dict.fromkeys(views, Role.VIEWER) | dict.fromkeys(administers, Role.ADMINISTRATOR)
        by_id = {get_connection(db, each).id: role for each, role in roles.items()}
        set_roles(db, made.id, by_id)
        link = _password_link(db, config, made, at)
    print_once(link, HOW_TO_SET_PASSWORD)


@user.command("list")
@as_json_option
def user_list(as_json: bool) -> None:
    """Show who may sign in, and which connections they view or administer."""
    with database(read_config()) as engine, reading(engine) as db:
        names = {each.id: each.name for each in list_connections(db)}
        rows = [_described(each, names, list_roles(db, each.id)) for each in list_users(db)]
    print_list(USER_COLUMNS, rows, as_json)


def _described(user: User, names: dict[int, str], roles: dict[int, Role]) -> tuple[Value, ...]:
    """``names`` are those of all connections, by their ids."""
    of_role = {
        role: ",".join(sorted(names[id] for id, each in roles.items() if each is role))
        for role in Role
    }
    return (
        user.name,
        user.email,
        user.is_administrator,
        "set" if user.password_hash else "not set",
        "deactivated" if user.deactivated_at else "active",
        of_role[Role.VIEWER] or None,
        of_role[Role.ADMINISTRATOR] or None,
        user.created_at,
    )


@user.command("reset-password")
@user_argument
def user_reset_password(name: str) -> None:
    """Print a link where the user sets a new password; the old one works until then."""
    config, at = read_config(), now()
    with database(config) as engine, writing(engine) as db:
        link = _password_link(db, config, lock_user(db, name), at)
    print_once(link, HOW_TO_SET_PASSWORD)


@user.command("delete")
@user_argument
def user_delete(name: str) -> None:
    """Delete a user and end their sessions."""
    with database(read_config()) as engine, writing(engine) as db:
        delete_user(db, get_user(db, name))
    click.echo(f"The user {name} is deleted.")


def _password_link(db: Database, config: Config, made: User, at: datetime) -> str:
    return config.public_url + SET_PASSWORD_PATH + new_password_code(db, made, at)
