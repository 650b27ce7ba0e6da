"""Of a pull that failed, its sentence with its values apart, to be said in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("pull_runs", sa.Column("failure_sentence", sa.Text))
