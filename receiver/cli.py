"""``monitr``: sets up, serves, and manages connections and tokens."""

import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import click
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.config import Config, read_config
from receiver.db.connections import (
    Connection,
    delete_connection,
    get_connection,
    list_connections,
    revoke_secrets,
    update_from_pull,
    update_last_actuals,
)
from receiver.db.engine import make_engine, reading, writing
from receiver.db.heartbeat import get_keys
from receiver.db.migrate import upgrade
from receiver.db.odoo_accesses import OdooAccess, get_odoo_access, insert_odoo_access
from receiver.db.proofs import find_last_tie_out
from receiver.db.receipts import Receipt
from receiver.db.records import count_records
from receiver.db.tokens import delete_token, insert_token, list_tokens
from receiver.errors import MonitrError
from receiver.pairing import add_connection, add_connection_without_key, rotate_connection
from receiver.prove.check import Check, check
from receiver.pull.choose import choose_companies, choose_language
from receiver.pull.connect import Access, FoundOdoo, connect_odoo, open_odoo
from receiver.pull.pull import pull_everything
from receiver.pull.scope import Scope
from receiver.report.health import Health, health_of
from receiver.report.proofs import report_proof
from receiver.web.statement import render_statement

TOKEN_PREFIX = "monitr_token_"
TOKEN_BYTES = 32
LISTED_DIFFERENCES = 20
GUNICORN = ("-m", "gunicorn", "-c", "python:receiver.gunicorn_settings")
CONNECTION_COLUMNS = (
    "NAME",
    "STATE",
    "SERIES",
    "DATABASE",
    "COMPANIES",
    "LAST CONTACT",
    "JOURNAL ITEMS",
)
TOKEN_COLUMNS = ("NAME", "READS", "MADE")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")

WELCOME = """\
Monitr runs on {url}

  Sign in          {monitr} token add me
                   then open {url}/docs and enter the token there
  Connect an Odoo  {monitr} connection add NAME
                   then paste the connection key into Odoo, under Settings > Monitr

Ctrl-C stops it.
"""


class OneSentence(click.Group):
    """Says what went wrong in one sentence and ends with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MonitrError as error:
            raise click.ClickException(str(error)) from error


def check_name(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    if not NAME.fullmatch(name):
        raise click.ClickException(
            "A name has 1 to 63 letters, digits, dots, dashes and underscores,"
            " and begins with a letter or digit."
        )
    return name


def check_date(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.ClickException(f"{text} is not a date like 2025-12-31.") from error


name_argument = click.argument("name", callback=check_name)


@click.group(cls=OneSentence)
def monitr() -> None:
    """Receives accounting data from Odoo, proves it and serves it."""


@monitr.command()
def setup() -> None:
    """Make the data folder, the secret key and the database, or bring them up to date."""
    with _database(read_config()):
        click.echo("Monitr is set up.")


@monitr.command()
def serve() -> None:
    """Set up what is missing, then serve until stopped."""
    config = read_config()
    with _database(config):
        click.echo(WELCOME.format(url=config.public_url, monitr=_own_name()))
    os.execv(sys.executable, [sys.executable, *GUNICORN])


@monitr.command()
@name_argument
def pull(name: str) -> None:
    """Read everything of an Odoo that was added with its API key, and store it."""
    config = read_config()
    with _database(config) as engine:
        with reading(engine) as db:
            connection = get_connection(db, name)
            access = get_odoo_access(db, connection.id, name)
        api_key = config.cipher.decrypt(access.encrypted_api_key.encode()).decode()
        values = Access(access.url, access.database_name, access.username, api_key)
        client = open_odoo(values, allow_private=config.allow_private_addresses).client
        scope = Scope(tuple(map(int, access.company_ids.split(","))), access.language)
        pulled = pull_everything(engine, connection, client, scope, _tell_of_range)
        with writing(engine) as db:
            update_from_pull(db, connection.id, client.series, access, _now())
    click.echo(
        f"{pulled.record_count:,} records pulled, {pulled.written_count:,} of them new or changed,"
        f" {pulled.deleted_count:,} deleted. Odoo answered {pulled.call_count:,} calls in"
        f" {pulled.seconds_in_odoo:.0f} seconds."
    )


def _tell_of_range(receipt: Receipt) -> None:
    click.echo(f"{receipt.stream:18} {receipt.received_count:7,} records", err=True)


@monitr.command()
@name_argument
@click.option("--statement", type=click.Path(path_type=Path), help="Write it here, as HTML.")
def prove(name: str, statement: Path | None) -> None:
    """Read everything that a connection has sent again, and compare it with what Odoo stated last.

    Exit code 1 where it is not the same; the next push then repairs it.
    """
    with _database(read_config()) as engine:
        result = check(engine, name)
        click.echo(_told(result))
        if result.proof and statement:
            with reading(engine) as db:
                connection = get_connection(db, name)
                report = report_proof(db, connection, result.proof)
            statement.write_text(render_statement(connection, report), encoding="utf-8")
            click.echo(f"The statement of the last proof is in {statement}.")
    if not result.is_right:
        raise click.ClickException("The next push repairs it: Settings > Monitr > Push now.")


@monitr.group()
def db() -> None:
    """The receiver's database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this release's schema."""
    with _database(read_config()):
        click.echo("The database is up to date.")


@monitr.group()
def connection() -> None:
    """The Odoo databases that are paired with this receiver."""


@connection.command("add")
@name_argument
def connection_add(name: str) -> None:
    """Make a connection and print its connection key, this once."""
    config = read_config()
    with _database(config) as engine, writing(engine) as db:
        key = add_connection(db, config, name, _now())
    click.echo(key)
    click.echo("Paste this connection key into Odoo, Settings > Monitr. It is not shown again.")


@connection.command("add-odoo")
@name_argument
@click.option("--url", required=True, help="Such as mycompany.odoo.com.")
@click.option("--database", default="", help="May be left out where that Odoo has a single one.")
@click.option("--username", required=True, help="The e-mail that logs in to Odoo.")
@click.option("--language", help="Such as fr_FR. May be left out where there is a single one.")
@click.option("--company", "companies", multiple=True, help="Its id or name; all if left out.")
def connection_add_odoo(
    name: str, language: str | None, companies: tuple[str, ...], **values: str
) -> None:
    """Check and store how to read an Odoo with an API key, where the addon cannot be installed.

    The key is asked for, or read from standard input where that is no terminal.
    """
    config, access = read_config(), Access(**values, api_key=_ask_for_api_key())
    found = connect_odoo(access, allow_private=config.allow_private_addresses)
    stored = OdooAccess(
        url=found.access.url,
        database_name=found.access.database,
        username=found.access.username,
        encrypted_api_key=config.cipher.encrypt(found.access.api_key.encode()).decode(),
        language=choose_language(found.languages, language),
        company_ids=",".join(map(str, choose_companies(found.companies, companies))),
        checked_at=_now(),
    )
    with _database(config) as engine, writing(engine) as db:
        insert_odoo_access(db, add_connection_without_key(db, name, _now()), stored)
    click.echo(_described_odoo(found, stored))


def _ask_for_api_key() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Odoo API key", hide_input=True))
    return sys.stdin.readline()


def _described_odoo(found: FoundOdoo, stored: OdooAccess) -> str:
    ids = stored.company_ids.split(",")
    names = (each.name for each in found.companies if str(each.id) in ids)
    return (
        f"Odoo {found.client.series} at {stored.url}, read as {stored.username} in"
        f" {stored.language}. Companies: {_printable(', '.join(names))}."
    )


def _printable(text: str) -> str:
    """Names from elsewhere may hold what a terminal obeys."""
    return "".join(each if each.isprintable() else "?" for each in text)


@connection.command("list")
def connection_list() -> None:
    """Show the connections and what they hold."""
    with _database(read_config()) as engine, reading(engine) as db:
        rows = [_described(db, each) for each in list_connections(db)]
    _print_table(CONNECTION_COLUMNS, rows)


@connection.command("rotate")
@name_argument
def connection_rotate(name: str) -> None:
    """Make a new connection key; the old one works until the new one is first used."""
    config = read_config()
    with _database(config) as engine, writing(engine) as db:
        key = rotate_connection(db, config, name, _now())
    click.echo(key)
    click.echo("Paste this connection key into Odoo; from its first use on the old one is refused.")


@connection.command("revoke")
@name_argument
def connection_revoke(name: str) -> None:
    """Refuse all connection keys of a connection from now on. What it sent stays."""
    with _database(read_config()) as engine, writing(engine) as db:
        revoke_secrets(db, get_connection(db, name).id, _now())
    click.echo(
        f"Every key of {name} is revoked. For a new one: {_own_name()} connection rotate {name}"
    )


@connection.command("close")
@name_argument
@click.argument("last_actuals_on", metavar="DATE", required=False, callback=check_date)
@click.option("--none", "is_none", is_flag=True, help="Take the date away.")
def connection_close(name: str, last_actuals_on: date | None, is_none: bool) -> None:
    """Watch a connection's books up to DATE, its last actuals, for changes, locked in Odoo or not.

    Changes dated on or before DATE, or Odoo's lock date if that is later, are kept and shown.
    """
    if is_none is (last_actuals_on is not None):
        raise click.ClickException("Give either a date, such as 2025-12-31, or --none.")
    with _database(read_config()) as engine, writing(engine) as db:
        update_last_actuals(db, get_connection(db, name).id, last_actuals_on)
    if last_actuals_on:
        click.echo(f"{name} is closed until {last_actuals_on}: changes up to then are kept.")
    else:
        click.echo(f"{name} is closed by Odoo's lock dates alone.")


@connection.command("delete")
@name_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
def connection_delete(name: str, yes: bool) -> None:
    """Delete a connection and everything it sent."""
    with _database(read_config()) as engine:
        with reading(engine) as db:
            connection_id = get_connection(db, name).id
        question = f"This deletes {name} and everything it sent. Type {name} to go on"
        if not yes and click.prompt(question) != name:
            raise click.ClickException("Nothing was deleted.")
        with writing(engine) as db:
            delete_connection(db, connection_id)
    click.echo(f"{name} is deleted.")


@monitr.group()
def token() -> None:
    """API tokens, with which people and programs read."""


@token.command("add")
@name_argument
@click.option("--connection", "connection_name", help="Read this connection alone.")
def token_add(name: str, connection_name: str | None) -> None:
    """Make an API token and print it, this once."""
    made = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with _database(read_config()) as engine, writing(engine) as db:
        connection_id = get_connection(db, connection_name).id if connection_name else None
        insert_token(db, name, made, connection_id, _now())
    click.echo(made)
    click.echo("Send it as 'Authorization: Bearer TOKEN'. It is not shown again.")


@token.command("list")
def token_list() -> None:
    """Show the API tokens, not their secrets."""
    with _database(read_config()) as engine, reading(engine) as db:
        rows = [
            (each.name, each.connection_name or "(all)", _minute(each.created_at))
            for each in list_tokens(db)
        ]
    _print_table(TOKEN_COLUMNS, rows)


@token.command("revoke")
@name_argument
def token_revoke(name: str) -> None:
    """Refuse an API token from now on."""
    with _database(read_config()) as engine, writing(engine) as db:
        delete_token(db, name)
    click.echo(f"The token {name} is revoked.")


def _told(result: Check) -> str:
    read = f"{result.record_count:,} records read, {result.damaged_count:,} damaged."
    if result.proof is None:
        return f"{read} Odoo has stated nothing yet: its first proof comes at the end of a push."
    stated = f"{read} Odoo's last statement is of {_minute(result.proof.proven_at)}"
    if result.differences is None:
        return f"{stated}; a push has begun since and will prove it anew."
    if not result.differences:
        return f"{stated}: tied out, {result.proof.bucket_count:,} slices, difference 0.00."
    listed = "\n".join(
        f"  {each.odoo.stream} {each.odoo.bucket}: {each.odoo.record_count:,} records in Odoo,"
        f" {each.stored.record_count:,} stored"
        for each in result.differences[:LISTED_DIFFERENCES]
    )
    return f"{stated}: {len(result.differences):,} slices differ.\n{listed}"


@contextmanager
def _database(config: Config) -> Iterator[Engine]:
    """At the newest schema, so that any command may be the first one."""
    engine = make_engine(config.database_url)
    try:
        upgrade(engine)
        yield engine
    finally:
        engine.dispose()


def _described(db: Database, connection: Connection) -> tuple[str, ...]:
    return (
        connection.name,
        _health(db, connection).state,
        connection.series or "-",
        connection.database_name or "-",
        connection.company_ids or "-",
        _minute(connection.last_contact_at),
        str(count_records(db, connection.id)["journal_items"]),
    )


def _health(db: Database, connection: Connection) -> Health:
    now = _now()
    tied_out_at = find_last_tie_out(db, connection.id, now)
    return health_of(connection, get_keys(db, connection.id), tied_out_at, now)


def _minute(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "never"


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, texts)) for texts in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _own_name() -> str:
    """How to call this program again from the same folder."""
    called = sys.argv[0]
    return "monitr" if shutil.which("monitr") == called else os.path.relpath(called)


def _now() -> datetime:
    return datetime.now(UTC)
