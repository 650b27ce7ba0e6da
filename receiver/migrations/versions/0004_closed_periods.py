"""What changed in closed periods, and until when a connection's books are closed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("connections", sa.Column("last_actuals_on", sa.Date))
    op.add_column("connections", sa.Column("watched_periods", sa.Text))
    op.create_table(
        "closed_period_changes",
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("change_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("record_id", sa.BigInteger, nullable=False),
        sa.Column("company_id", sa.BigInteger, nullable=False),
        sa.Column("closed_until", sa.Date, nullable=False),
        sa.Column("date_before", sa.Date),
        sa.Column("date_after", sa.Date),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
    )
