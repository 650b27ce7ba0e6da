"""Whether the next pull removes what is hidden from the user of the API key."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    lets_go = sa.Column("lets_go", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("odoo_accesses", lets_go)
