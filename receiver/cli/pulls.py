"""``monitr pull``: reads an Odoo with its API key."""

import click

from receiver.cli.terminal import database, name_argument
from receiver.config import read_config
from receiver.db.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.odoo_accesses import get_odoo_access
from receiver.db.pull_positions import forget_positions
from receiver.pull import pull as pulling
from receiver.pull.connect import Access, open_odoo
from receiver.pull.pull import Pulled
from receiver.pull.run import Progress
from receiver.pull.scope import Scope


@click.command()
@name_argument
@click.option("--everything", is_flag=True, help="Read all again, not only what changed.")
def pull(name: str, everything: bool) -> None:
    """Read an Odoo that was added with its API key, store what changed, prove that it ties out.

    The first time, and once a day, it reads everything. Exit code 1 where it does not tie out.
    """
    config = read_config()
    with database(config) as engine:
        with reading(engine) as db:
            connection = get_connection(db, name)
            access = get_odoo_access(db, connection.id, name)
        api_key = config.cipher.decrypt(access.encrypted_api_key.encode()).decode()
        values = Access(access.url, access.database_name, access.username, api_key)
        client = open_odoo(values, allow_private=config.allow_private_addresses).client
        scope = Scope(tuple(map(int, access.company_ids.split(","))), access.language)
        if everything:
            with writing(engine) as db:
                forget_positions(db, connection.id)
        pulled = pulling.pull(engine, connection, client, scope, _tell)
    click.echo(_told(pulled))


def _told(pulled: Pulled) -> str:
    return (
        f"{pulled.record_count:,} records pulled, {pulled.written_count:,} of them new or changed,"
        f" {pulled.deleted_count:,} deleted, {pulled.repaired_count:,} repaired. Odoo answered"
        f" {pulled.call_count:,} calls in {pulled.seconds_in_odoo:.0f} seconds.\n{_proven(pulled)}"
    )


def _proven(pulled: Pulled) -> str:
    proof = pulled.proof
    if proof is None:
        return "Not proven: this Odoo adds nothing up. Everything is read each time instead."
    return (
        f"Tied out with Odoo's own counts and sums: {proof.bucket_count:,} slices,"
        f" {proof.record_count:,} records, difference 0.00."
    )


def _tell(progress: Progress) -> None:
    of = "" if progress.expected_count is None else f" of {progress.expected_count:,}"
    click.echo(
        f"{progress.what:10} {progress.stream:18} {progress.done_count:9,}{of} records", err=True
    )
