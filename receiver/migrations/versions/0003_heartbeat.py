"""What an Odoo says about the rhythm of its pushes, and its last refused request.

Must run while the previous release still serves: first add, later take away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("push_every_minutes", sa.Integer),
        sa.Column("is_cron_active", sa.Boolean),
        sa.Column("late_seconds", sa.BigInteger),
        sa.Column("failing_since", INSTANT),
        sa.Column("failure", sa.Text),
        sa.Column("last_hello_at", INSTANT),
        sa.Column("last_scheduled_contact_at", INSTANT),
        sa.Column("overdue_at", INSTANT),
        sa.Column("last_refused_at", INSTANT),
        sa.Column("last_refused_code", sa.Text),
    ):
        op.add_column("connections", column)
