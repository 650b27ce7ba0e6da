"""The runs of the pull, how often each Odoo is pulled, and the workers that do it.

Must run while the previous release still serves: first add, later take away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.add_column(
        "odoo_accesses",
        sa.Column("pull_every_minutes", sa.Integer, nullable=False, server_default="60"),
    )
    op.create_table("workers", *_columns_of_workers())
    op.create_table("pull_runs", *_columns_of_pull_runs())
    op.create_index(
        "uq_pull_runs_open",
        "pull_runs",
        ["connection_id"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )


def _columns_of_workers() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seen_at", INSTANT, nullable=False),
    )


def _columns_of_pull_runs() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("run_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.Column("worker", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("cancel_asked_at", INSTANT),
        *map(_count, ("taken_count", "failure_count")),
        sa.Column("what", sa.Text),
        sa.Column("stream", sa.Text),
        sa.Column("done_count", sa.BigInteger),
        sa.Column("expected_count", sa.BigInteger),
        *map(_count, ("record_count", "written_count", "deleted_count")),
        *map(_count, ("call_count", "milliseconds_in_odoo")),
        sa.Column("repaired_count", sa.BigInteger),
        sa.Column("proof_id", sa.Text),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure", sa.Text),
    )


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
