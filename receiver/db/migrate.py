"""Brings a database to the newest schema."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import Engine

from receiver.db.engine import writing
from receiver.errors import Misconfigured

MIGRATIONS = "receiver:migrations"
LOCK = 0x6D6F6E697472  # "monitr": one migration at a time, however many receivers start


def upgrade(engine: Engine) -> None:
    """Runs the missing migrations in one transaction; a second start finds nothing to do.

    Raises Misconfigured when the database is newer than this program, or DatabaseUnavailable.
    """
    with writing(engine) as db:
        if engine.dialect.name == "postgresql":
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        alembic = AlembicConfig()
        alembic.set_main_option("script_location", MIGRATIONS)
        alembic.attributes["connection"] = db
        try:
            command.upgrade(alembic, "head")
        except CommandError as error:
            raise Misconfigured(
                "The database was upgraded by a newer Monitr: run that one, or restore a backup."
            ) from error
