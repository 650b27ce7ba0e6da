"""Of a user whose API key is pulled with: whether what is analytic is left out."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    lacks = sa.Column("lacks_analytic", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("odoo_accesses", lacks)
