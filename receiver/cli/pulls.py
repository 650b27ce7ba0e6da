"""``monitr pull``: reads an Odoo with its API key."""

import click

from receiver.cli.terminal import database, name_argument, now
from receiver.config import read_config
from receiver.db.connections import get_connection, update_from_pull
from receiver.db.engine import reading, writing
from receiver.db.odoo_accesses import get_odoo_access
from receiver.pull import pull as pulling
from receiver.pull.connect import Access, open_odoo
from receiver.pull.pull import Progress
from receiver.pull.scope import Scope


@click.command()
@name_argument
def pull(name: str) -> None:
    """Read everything of an Odoo that was added with its API key, and store it."""
    config = read_config()
    with database(config) as engine:
        with reading(engine) as db:
            connection = get_connection(db, name)
            access = get_odoo_access(db, connection.id, name)
        api_key = config.cipher.decrypt(access.encrypted_api_key.encode()).decode()
        values = Access(access.url, access.database_name, access.username, api_key)
        client = open_odoo(values, allow_private=config.allow_private_addresses).client
        scope = Scope(tuple(map(int, access.company_ids.split(","))), access.language)
        pulled = pulling.pull(engine, connection, client, scope, _tell)
        with writing(engine) as db:
            update_from_pull(db, connection.id, client.series, access, now())
    click.echo(
        f"{pulled.record_count:,} records pulled, {pulled.written_count:,} of them new or changed,"
        f" {pulled.deleted_count:,} deleted. Odoo answered {pulled.call_count:,} calls in"
        f" {pulled.seconds_in_odoo:.0f} seconds."
    )


def _tell(progress: Progress) -> None:
    click.echo(f"{progress.stream:18} {progress.done_count:9,} records", err=True)
