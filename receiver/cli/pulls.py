"""``monitr pull``: reads an Odoo with its API key."""

import click

from receiver.cli.terminal import database, name_argument, now
from receiver.config import read_config
from receiver.db.connections import get_connection, update_from_pull
from receiver.db.engine import reading, writing
from receiver.db.odoo_accesses import get_odoo_access
from receiver.db.receipts import Receipt
from receiver.pull.accesses import note_key, open_stored_odoo
from receiver.pull.pull import pull_everything
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
        odoo = open_stored_odoo(config, access)
        note_key(engine, connection.id, odoo)
        scope = Scope(tuple(map(int, access.company_ids.split(","))), access.language)
        pulled = pull_everything(engine, connection, odoo.client, scope, _tell_of_range)
        with writing(engine) as db:
            update_from_pull(db, connection.id, odoo.client.series, access, now())
    click.echo(
        f"{pulled.record_count:,} records pulled, {pulled.written_count:,} of them new or changed,"
        f" {pulled.deleted_count:,} deleted. Odoo answered {pulled.call_count:,} calls in"
        f" {pulled.seconds_in_odoo:.0f} seconds."
    )


def _tell_of_range(receipt: Receipt) -> None:
    click.echo(f"{receipt.stream:18} {receipt.received_count:7,} records", err=True)
