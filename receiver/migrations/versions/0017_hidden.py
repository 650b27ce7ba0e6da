"""What record rules of Odoo hide, and the entries that do not balance."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("proofs", sa.Column("hidden", sa.Text))
    op.add_column(
        "proofs",
        sa.Column("unbalanced_count", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.add_column("proofs", sa.Column("unbalanced", sa.Text))
