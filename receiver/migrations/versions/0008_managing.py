"""API tokens that may manage, beside those that only read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    may_manage = sa.Column("may_manage", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("api_tokens", may_manage)
