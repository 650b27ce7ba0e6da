"""``monitr setup``, ``serve``, ``worker`` and ``db``: the database, and the service on it."""

import os
import sys

import click

from receiver.cli.terminal import database, own_name
from receiver.config import read_config
from receiver.jobs.worker import work
from receiver.logs import configure_logs

GUNICORN = ("-m", "gunicorn", "-c", "python:receiver.gunicorn_settings")

WELCOME = """\
Monitr runs on {url}

  Sign in          {monitr} token add me
                   then open {url}/docs and enter the token there
  Connect an Odoo  {monitr} connection add NAME
                   then paste the connection key into Odoo, under Settings > Monitr

Ctrl-C stops it.
"""


@click.command()
def setup() -> None:
    """Make the data folder, the secret key and the database, or bring them up to date."""
    with database(read_config()):
        click.echo("Monitr is set up.")


@click.command()
def serve() -> None:
    """Set up what is missing, then serve until stopped."""
    config = read_config()
    with database(config):
        click.echo(WELCOME.format(url=config.public_url, monitr=own_name()))
    os.execv(sys.executable, [sys.executable, *GUNICORN])


@click.command()
def worker() -> None:
    """Pull Odoos as their schedules want it, until stopped: where serve is to run without a worker.

    Any number of workers may run, on several machines with MONITR_JOBS_URL.
    """
    config = read_config()
    with database(config) as engine:
        configure_logs()
        work(engine, config)


@click.group()
def db() -> None:
    """The receiver's database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this release's schema."""
    with database(read_config()):
        click.echo("The database is up to date.")
