"""Run by Alembic; receiver/db/migrate.py hands over the connection and its transaction."""

from alembic import context

from receiver.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
)
context.run_migrations()
