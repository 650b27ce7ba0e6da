"""The first tables: connections and their keys, receipts, and one table for each stream."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

AMOUNT = sa.Numeric().with_variant(sa.BigInteger(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_own_tables()
    _create_master_data()
    _create_ledger()


def _create_own_tables() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("series", sa.Text),
        sa.Column("addon_version", sa.Text),
        sa.Column("database_uuid", sa.Text),
        sa.Column("database_name", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("company_ids", sa.Text),
        sa.Column("start_date", sa.Date),
        sa.Column("last_contact_at", INSTANT),
        sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "connection_secrets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("encrypted_secret", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("connection_id", sa.Integer, sa.ForeignKey("connections.id", ondelete="CASCADE")),
    )
    op.create_table(
        "receipts",
        sa.Column(
            "connection_id",
            sa.Integer,
            sa.ForeignKey("connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("batch_id", sa.Text, primary_key=True),
        sa.Column("body_sha256", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("received_count", sa.BigInteger, nullable=False),
        sa.Column("written_count", sa.BigInteger, nullable=False),
        sa.Column("deleted_count", sa.BigInteger, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
    )


def _create_master_data() -> None:
    _create_stream(
        "companies",
        sa.Column("name", sa.Text),
        sa.Column("currency_id", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("root_company_id", sa.BigInteger, nullable=False),
        sa.Column("fiscal_year_last_month", sa.BigInteger, nullable=False),
        sa.Column("fiscal_year_last_day", sa.BigInteger, nullable=False),
        sa.Column("fiscal_year_lock_date", sa.Date),
        sa.Column("tax_lock_date", sa.Date),
        sa.Column("hard_lock_date", sa.Date),
    )
    _create_stream(
        "currencies",
        sa.Column("code", sa.Text),
        sa.Column("symbol", sa.Text),
        sa.Column("symbol_position", sa.Text),
        sa.Column("decimal_places", sa.BigInteger, nullable=False),
        sa.Column("rounding", AMOUNT, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _create_stream(
        "partners",
        sa.Column("name", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("vat", sa.Text),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("commercial_partner_id", sa.BigInteger),
        sa.Column("company_id", sa.BigInteger),
        sa.Column("is_company", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _create_stream(
        "journals",
        sa.Column("name", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("company_id", sa.BigInteger, nullable=False),
        sa.Column("currency_id", sa.BigInteger),
        sa.Column("default_account_id", sa.BigInteger),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _create_stream(
        "accounts",
        sa.Column("name", sa.Text),
        sa.Column("codes", sa.Text),
        sa.Column("company_ids", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("currency_id", sa.BigInteger),
        sa.Column("reconcile", sa.Boolean, nullable=False),
        sa.Column("non_trade", sa.Boolean),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _create_stream(
        "analytic_plans",
        sa.Column("name", sa.Text),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("company_id", sa.BigInteger),
    )
    _create_stream(
        "analytic_accounts",
        sa.Column("name", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("plan_id", sa.BigInteger),
        sa.Column("company_id", sa.BigInteger),
        sa.Column("partner_id", sa.BigInteger),
        sa.Column("active", sa.Boolean, nullable=False),
    )


def _create_ledger() -> None:
    _create_stream(
        "journal_entries",
        sa.Column("number", sa.Text),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("journal_id", sa.BigInteger, nullable=False),
        sa.Column("company_id", sa.BigInteger, nullable=False),
        sa.Column("currency_id", sa.BigInteger, nullable=False),
        sa.Column("partner_id", sa.BigInteger),
        sa.Column("invoice_date", sa.Date),
        sa.Column("due_date", sa.Date),
        sa.Column("payment_reference", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("reversed_entry_id", sa.BigInteger),
    )
    _create_stream(
        "journal_items",
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sa.Column("company_id", sa.BigInteger, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("journal_id", sa.BigInteger),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("partner_id", sa.BigInteger),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("due_date", sa.Date),
        sa.Column("debit", AMOUNT, nullable=False),
        sa.Column("credit", AMOUNT, nullable=False),
        sa.Column("balance", AMOUNT, nullable=False),
        sa.Column("currency_id", sa.BigInteger),
        sa.Column("amount_currency", AMOUNT, nullable=False),
        sa.Column("residual", AMOUNT, nullable=False),
        sa.Column("residual_currency", AMOUNT, nullable=False),
        sa.Column("reconciled", sa.Boolean, nullable=False),
        sa.Column("full_reconcile_id", sa.BigInteger),
        sa.Column("matching_number", sa.Text),
        sa.Column("shares", sa.Text),
    )
    op.create_index(
        "ix_journal_items_connection_id_company_id_date",
        "journal_items",
        ["connection_id", "company_id", "date"],
    )
    _create_stream(
        "reconciliations",
        sa.Column("company_id", sa.BigInteger),
        sa.Column("debit_item_id", sa.BigInteger, nullable=False),
        sa.Column("credit_item_id", sa.BigInteger, nullable=False),
        sa.Column("date", sa.Date),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("debit_amount_currency", AMOUNT, nullable=False),
        sa.Column("credit_amount_currency", AMOUNT, nullable=False),
        sa.Column("full_reconcile_id", sa.BigInteger),
        sa.Column("exchange_entry_id", sa.BigInteger),
    )
    _create_stream(
        "analytic_items",
        sa.Column("company_id", sa.BigInteger, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("journal_item_id", sa.BigInteger),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("analytic_account_ids", sa.Text),
        sa.Column("partner_id", sa.BigInteger),
        sa.Column("label", sa.Text),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("quantity", AMOUNT, nullable=False),
    )


def _create_stream(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("connection_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *columns,
        sa.Column("digest", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
