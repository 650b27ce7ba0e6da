"""Records set aside, and what a proof is short of for them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "set_aside_records",
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("field", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entry_id", sa.BigInteger),
        sa.Column("item_id", sa.BigInteger),
        sa.Column("company_id", sa.BigInteger),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("date", sa.Date),
        sa.Column("debit", sa.Text),
        sa.Column("credit", sa.Text),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column(
        "proofs",
        sa.Column("set_aside_count", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.add_column("proofs", sa.Column("shortfalls", sa.Text))
