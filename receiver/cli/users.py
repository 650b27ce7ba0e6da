"""``monitr user``: who may sign in to the pages."""

from datetime import datetime

import click
from sqlalchemy import Connection as Database

from receiver.cli.terminal import Commands, database, minute, now, print_once, print_table
from receiver.config import Config, read_config
from receiver.db.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.users import (
    Role,
    User,
    delete_user,
    get_user,
    insert_user,
    list_users,
    set_roles,
)
from receiver.sign_in import SET_PASSWORD_PATH, check_email, check_user_name, new_password_code

USER_COLUMNS = ("NAME", "E-MAIL", "ADMINISTRATOR", "PASSWORD", "STATE", "MADE")
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
def user_list() -> None:
    """Show who may sign in."""
    with database(read_config()) as engine, reading(engine) as db:
        rows = [
            (
                each.name,
                each.email or "-",
                "yes" if each.is_administrator else "no",
                "set" if each.password_hash else "not set",
                "deactivated" if each.deactivated_at else "active",
                minute(each.created_at),
            )
            for each in list_users(db)
        ]
    print_table(USER_COLUMNS, rows)


@user.command("reset-password")
@user_argument
def user_reset_password(name: str) -> None:
    """Print a link where the user sets a new password; the old one works until then."""
    config, at = read_config(), now()
    with database(config) as engine, writing(engine) as db:
        link = _password_link(db, config, get_user(db, name), at)
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
