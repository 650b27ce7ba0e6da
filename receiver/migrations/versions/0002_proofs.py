"""Proofs, what they found different, and its repair."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("proof_id", sa.Text, primary_key=True),
        sa.Column("body_sha256", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("proven_at", INSTANT, nullable=False),
        sa.Column("bucket_count", sa.BigInteger, nullable=False),
        sa.Column("record_count", sa.BigInteger, nullable=False),
        sa.Column("differing_count", sa.BigInteger, nullable=False),
        sa.Column("totals", sa.Text, nullable=False),
        sa.Column("company_ids", sa.Text),
        sa.Column("start_date", sa.Date),
        sa.Column("statement", sa.LargeBinary),
    )
    op.create_index("ix_proofs_connection_id_proven_at", "proofs", ["connection_id", "proven_at"])
    _create_table_of_a_proof(
        "proof_differences",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("bucket", sa.Text, primary_key=True),
        sa.Column("odoo", sa.Text, nullable=False),
        sa.Column("stored", sa.Text, nullable=False),
    )
    _create_table_of_a_proof(
        "repairs",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("after_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("missing_count", sa.BigInteger, nullable=False),
        sa.Column("changed_count", sa.BigInteger, nullable=False),
        sa.Column("extra_count", sa.BigInteger, nullable=False),
        sa.Column("ids", sa.Text, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
    )


def _create_table_of_a_proof(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("connection_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("proof_id", sa.Text, primary_key=True),
        *columns,
        sa.ForeignKeyConstraint(
            ["connection_id", "proof_id"],
            ["proofs.connection_id", "proofs.proof_id"],
            ondelete="CASCADE",
        ),
    )
