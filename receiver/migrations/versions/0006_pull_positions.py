"""How far the puller has read each stream, and what a proof was made by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "pull_positions",
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("shape", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_id", sa.BigInteger),
        sa.Column("written_until", sa.DateTime(timezone=True)),
    )
    op.add_column("proofs", sa.Column("made_by", sa.Text, nullable=False, server_default="digests"))
