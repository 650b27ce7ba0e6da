"""Of a push that failed, its sentence with its values apart, to be said in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("connections", sa.Column("failure_parts", sa.Text))
