"""How many of the records that were too many are not gone from Odoo, but hidden from its user."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    count = sa.Column("hidden_count", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("repairs", count)
