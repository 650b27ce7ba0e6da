"""Entries that close a year, and what a connection's reports leave out of them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

IS_OF_CLOSING = sa.text("closing_type IS NOT NULL")


def upgrade() -> None:
    op.add_column("journal_entries", sa.Column("closing_type", sa.Text))
    op.create_index(
        "ix_journal_entries_closing",
        "journal_entries",
        ["connection_id"],
        sqlite_where=IS_OF_CLOSING,
        postgresql_where=IS_OF_CLOSING,
    )
    leaves_out = sa.Column(
        "leaves_out_closings", sa.Boolean, nullable=False, server_default=sa.true()
    )
    op.add_column("connections", leaves_out)
    op.add_column("connections", sa.Column("closing_journal_ids", sa.Text))
