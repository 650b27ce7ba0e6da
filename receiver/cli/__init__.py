"""``monitr``: sets up, serves, and manages connections and tokens. A file here for each noun."""

import click

from receiver.cli.connections import connection
from receiver.cli.proofs import prove
from receiver.cli.pulls import cancel, pull, runs
from receiver.cli.serving import db, serve, setup, worker
from receiver.cli.terminal import OneSentence
from receiver.cli.tokens import token
from receiver.cli.users import user


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="monitr")
def monitr() -> None:
    """Receives accounting data from Odoo, proves it and serves it.

    Its settings are MONITR_* variables, listed in README.md. Exit codes: 0 done, 1 not done, with a
    sentence that says why, 2 typed wrongly.
    """


for command in (setup, serve, worker, db, connection, pull, runs, cancel, prove, token, user):
    monitr.add_command(command)
