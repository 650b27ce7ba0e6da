"""``monitr setup``, ``serve``, ``worker`` and ``db``: the database, and the service on it."""

import os
import socket
import sys

import click
from sqlalchemy import Engine

from receiver.cli.terminal import Commands, database, now, own_name
from receiver.config import read_config
from receiver.db.engine import writing
from receiver.db.users.users import has_users
from receiver.errors import Misconfigured
from receiver.jobs.worker import work
from receiver.logs import configure_logs
from receiver.sign_in import FIRST_ADMINISTRATOR_PATH, new_setup_code

GUNICORN = ("-m", "gunicorn", "-c", "python:receiver.gunicorn_settings")

WELCOME = """\
Monitr runs on {url}

  {sign_in}
  Connect an Odoo  {monitr} connection add NAME
                   then paste the connection key into Odoo, under Settings > Monitr

Ctrl-C stops it.
"""
SIGN_IN = "Sign in          {url}"
SET_UP = """\
Set up           {url}{path}
                   with the set-up code {code}, within a day"""
SET_UP_UNSEEN = """\
Set up           {url}{path}
                   with the set-up code that `{monitr} setup` prints"""


@click.command()
def setup() -> None:
    """Make the data folder, the secret key and the database, or bring them up to date.

    Prints a set-up code for the first administrator while nobody can sign in.
    """
    config = read_config()
    with database(config) as engine:
        click.echo("Monitr is set up.")
        click.echo(_how_to_enter(engine, config.public_url, shows_code=True))


@click.command()
def serve() -> None:
    """Set up what is missing, then serve, and pull as the schedules say, until stopped.

    Shows a set-up code in a terminal alone: elsewhere it would stay in a log, and setup prints one.
    """
    config = read_config()
    _check_address_is_free(config.bind)
    with database(config) as engine:
        sign_in = _how_to_enter(engine, config.public_url, shows_code=sys.stdout.isatty())
        click.echo(WELCOME.format(url=config.public_url, monitr=own_name(), sign_in=sign_in))
    os.execv(sys.executable, [sys.executable, *GUNICORN])


def _check_address_is_free(bind: str) -> None:
    """Gunicorn would say it after a welcome and some seconds, and in a dozen lines."""
    host, _, port = bind.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            probe.bind(address)
    except OSError as error:
        raise Misconfigured(
            f"Nothing can be served on {bind}: {error.strerror}. If another program uses that port,"
            " set MONITR_BIND, such as MONITR_BIND=127.0.0.1:8001."
        ) from error


def _how_to_enter(engine: Engine, url: str, *, shows_code: bool) -> str:
    """Tell how to sign in; where nobody can yet, with a new set-up code, or how to get one."""
    with writing(engine) as db:
        if has_users(db):
            return SIGN_IN.format(url=url)
        code = new_setup_code(db, now()) if shows_code else None
    path = FIRST_ADMINISTRATOR_PATH
    if code is None:
        return SET_UP_UNSEEN.format(url=url, path=path, monitr=own_name())
    return SET_UP.format(url=url, path=path, code=code)


@click.command()
def worker() -> None:
    """Pull Odoos as their schedules want it, until stopped: where serve is to run without a worker.

    Any number of workers may run, on several machines that share one PostgreSQL.
    """
    config = read_config()
    with database(config) as engine:
        configure_logs()
        work(engine, config)


@click.group(cls=Commands)
def db() -> None:
    """The receiver's database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this release's schema."""
    with database(read_config()):
        click.echo("The database is up to date.")
