"""API tokens that may manage; of the puller's API keys, when they end and what more they open."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    may_manage = sa.Column("may_manage", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("api_tokens", may_manage)
    for column in (
        sa.Column("key_expires_at", sa.DateTime(timezone=True)),
        sa.Column("key_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("writable", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("odoo_accesses", column)
