"""The last request in a connection's name that no key of it signed."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("connections", sa.Column("last_unsigned_at", sa.DateTime(timezone=True)))
    op.add_column("connections", sa.Column("last_unsigned_code", sa.Text))
