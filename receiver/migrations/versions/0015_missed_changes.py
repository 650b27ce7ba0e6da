"""What an Odoo says of changes that it could not note."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("connections", sa.Column("missed_since", sa.DateTime(timezone=True)))
    op.add_column("connections", sa.Column("missed", sa.Text))
    op.add_column("connections", sa.Column("unwatched", sa.Text))
