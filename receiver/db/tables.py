"""Every table. Those of the streams, and what a hello says, follow from the wire contract.

Each stream's table starts its primary key with the connection, so that a large installation can
distribute all of them by connection. They have no foreign keys: records arrive in any order, and
checking each row's connection would cost a third of the speed (measured).
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from monitr_wire.hello import HELLO_FIELDS
from monitr_wire.streams import STREAMS, Stream

from receiver.db.money import Money

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment, always aware and in UTC: TIMESTAMP WITH TIME ZONE, or its UTC text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


COLUMN_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "id": sa.BigInteger(),
    "integer": sa.BigInteger(),
    "places": sa.BigInteger(),
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "money": Money(),
    "quantity": Money(),
    # Lists stay as the wire writes them; monitr_wire.values reads them.
    "ids": sa.Text(),
    "codes": sa.Text(),
    "shares": sa.Text(),
    # Of a hello:
    "series": sa.Text(),
    "minutes": sa.Integer(),
    "seconds": sa.BigInteger(),
    "instant": Instant(),  # by Odoo's clock
    "sentence": sa.Text(),
    "parts": sa.Text(),  # JSON, see receiver/messages.py
    "url": sa.Text(),
}
NOT_STORED = ("is_scheduled",)  # of a hello: it decides which moment is

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("public_id", sa.Text, nullable=False, unique=True),  # in the connection key
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    # What the last hello said; empty until the first one.
    *(
        sa.Column(field.name, COLUMN_TYPES[field.type])
        for field in HELLO_FIELDS
        if field.name not in NOT_STORED
    ),
    # What the receiver saw itself.
    sa.Column("last_contact_at", Instant),  # a hello or a batch
    sa.Column("last_hello_at", Instant),
    sa.Column("last_scheduled_contact_at", Instant),
    sa.Column("overdue_at", Instant),  # a scheduled push was due then, and only hands came since
    sa.Column("last_refused_at", Instant),
    sa.Column("last_refused_code", sa.Text),
    sa.Column("last_unsigned_at", Instant),  # a refused request that no key of it signed
    sa.Column("last_unsigned_code", sa.Text),
    sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_actuals_on", sa.Date),  # closed by hand up to and including this day
    sa.Column("watched_periods", sa.Text),  # JSON, see db/accounting/watched_periods.py
    # Whether reports of results leave out what closes a year, and the journals that do it.
    sa.Column("leaves_out_closings", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("closing_journal_ids", sa.Text),  # "3,14"
)

connection_secrets = sa.Table(
    "connection_secrets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "connection_id",
        sa.ForeignKey("connections.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("encrypted_secret", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)

odoo_accesses = sa.Table(
    "odoo_accesses",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("database_name", sa.Text, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("encrypted_api_key", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("company_ids", sa.Text, nullable=False),
    sa.Column("checked_at", Instant, nullable=False),
    sa.Column("pull_every_minutes", sa.Integer, nullable=False, server_default="60"),  # 0: by hand
    sa.Column("key_expires_at", Instant),
    sa.Column("key_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("writable", sa.Text, nullable=False, server_default=""),
    sa.Column("lacks_analytic", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("lets_go", sa.Boolean, nullable=False, server_default=sa.false()),
)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


pull_runs = sa.Table(
    "pull_runs",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("run_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", Instant, nullable=False),  # no worker takes it before that
    sa.Column("started_at", Instant),
    sa.Column("finished_at", Instant),
    # Who holds it: the worker that took it last, and until when nobody else may.
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", Instant),
    sa.Column("cancel_asked_at", Instant),
    *map(_count, ("taken_count", "failure_count")),
    # How far it is.
    sa.Column("what", sa.Text),
    sa.Column("stream", sa.Text),
    sa.Column("done_count", sa.BigInteger),
    sa.Column("expected_count", sa.BigInteger),
    # What it brought and what it cost, in all attempts together.
    *map(_count, ("record_count", "written_count", "deleted_count")),
    *map(_count, ("call_count", "milliseconds_in_odoo")),
    sa.Column("repaired_count", sa.BigInteger),
    sa.Column("proof_id", sa.Text),  # of the proof that ended it
    sa.Column("failure_code", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("failure_sentence", sa.Text),  # JSON, see receiver/messages.py
)

IS_OPEN = pull_runs.c.state.in_(("waiting", "running"))

sa.Index(  # a connection has one run at a time
    "uq_pull_runs_open",
    pull_runs.c.connection_id,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seen_at", Instant, nullable=False),
)

pull_positions = sa.Table(
    "pull_positions",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("after_id", sa.BigInteger),
    sa.Column("written_until", Instant),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    # A token reads one connection, or all of them where this is empty.
    sa.Column("connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE")),
    sa.Column("may_manage", sa.Boolean, nullable=False, server_default=sa.false()),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),  # to sign in with
    sa.Column("email", sa.Text, unique=True),  # in lower case
    sa.Column("password_hash", sa.Text),  # argon2id; empty until one is set
    sa.Column("is_administrator", sa.Boolean, nullable=False),  # of everything
    sa.Column("language", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("deactivated_at", Instant),
)

user_roles = sa.Table(
    "user_roles",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id_sha256", sa.Text, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
)

one_time_codes = sa.Table(
    "one_time_codes",
    metadata,
    sa.Column("code_sha256", sa.Text, primary_key=True),
    # Who sets a password with it; empty: whoever has it becomes the first administrator.
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE")),
    sa.Column("expires_at", Instant, nullable=False),
)

failed_sign_ins = sa.Table(
    "failed_sign_ins",
    metadata,
    sa.Column("subject_sha256", sa.Text, primary_key=True),  # a user's name, or an address
    sa.Column("failed_count", sa.Integer, nullable=False),
    sa.Column("first_at", Instant, nullable=False),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("batch_id", sa.Text, primary_key=True),
    sa.Column("body_sha256", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("received_count", sa.BigInteger, nullable=False),
    sa.Column("written_count", sa.BigInteger, nullable=False),
    sa.Column("deleted_count", sa.BigInteger, nullable=False),
    sa.Column("stored_at", Instant, nullable=False),
)

proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("proof_id", sa.Text, primary_key=True),
    sa.Column("body_sha256", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("proven_at", Instant, nullable=False),
    sa.Column("bucket_count", sa.BigInteger, nullable=False),
    sa.Column("record_count", sa.BigInteger, nullable=False),
    sa.Column("differing_count", sa.BigInteger, nullable=False),  # of buckets
    sa.Column("totals", sa.Text, nullable=False),  # JSON, see db/proof/proofs.py
    # What the connection's scope was then.
    sa.Column("company_ids", sa.Text),
    sa.Column("start_date", sa.Date),
    sa.Column("made_by", sa.Text, nullable=False, server_default="digests"),
    sa.Column("statement", sa.LargeBinary),  # Odoo's digests, gzipped: of the newest proof alone
    sa.Column("set_aside_count", sa.BigInteger, nullable=False, server_default="0"),
    # JSON, see db/proof/proofs.py; empty where nothing is set aside.
    sa.Column("shortfalls", sa.Text),
    sa.Column("hidden", sa.Text),  # JSON {stream: count}; empty where Odoo did not tell
    sa.Column("unbalanced_count", sa.BigInteger, nullable=False, server_default="0"),  # of entries
    sa.Column("unbalanced", sa.Text),  # JSON, as above: the first of them
    sa.Index("ix_proofs_connection_id_proven_at", "connection_id", "proven_at"),
)

proof_parts = sa.Table(
    "proof_parts",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # from 1
    sa.Column("lines", sa.LargeBinary, nullable=False),
)


def _of_a_proof(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("connection_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("proof_id", sa.Text, primary_key=True),
        *columns,
        sa.ForeignKeyConstraint(
            ["connection_id", "proof_id"],
            ["proofs.connection_id", "proofs.proof_id"],
            ondelete="CASCADE",
        ),
    )


proof_differences = _of_a_proof(
    "proof_differences",
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("odoo", sa.Text, nullable=False),  # the digest's line, as it was sent
    sa.Column("stored", sa.Text, nullable=False),  # the same of what is stored
)

repairs = _of_a_proof(
    "repairs",
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("after_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("missing_count", sa.BigInteger, nullable=False),  # in Odoo, not here: sent again
    sa.Column("changed_count", sa.BigInteger, nullable=False),  # here otherwise: sent again
    sa.Column("extra_count", sa.BigInteger, nullable=False),  # here, not in Odoo's answer
    sa.Column("hidden_count", sa.BigInteger, nullable=False, server_default="0"),  # of these
    sa.Column("ids", sa.Text, nullable=False),  # the first of them, joined by commas
    sa.Column("noted_at", Instant, nullable=False),
)

set_aside_records = sa.Table(
    "set_aside_records",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text),
    sa.Column("field", sa.Text),
    sa.Column("value", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),  # JSON, see receiver/messages.py
    # As far as it can be read. Amounts of any size, so they are texts.
    sa.Column("entry_id", sa.BigInteger),
    sa.Column("item_id", sa.BigInteger),
    sa.Column("company_id", sa.BigInteger),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("date", sa.Date),
    sa.Column("debit", sa.Text),
    sa.Column("credit", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

closed_period_changes = sa.Table(
    "closed_period_changes",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("change_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    sa.Column("company_id", sa.BigInteger, nullable=False),
    sa.Column("closed_until", sa.Date, nullable=False),
    sa.Column("date_before", sa.Date),
    sa.Column("date_after", sa.Date),
    # The record's line, as the wire writes it: empty where there was none, or is none any more.
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("batch_id", sa.Text, nullable=False),
    sa.Column("noticed_at", Instant, nullable=False),
)

structures = sa.Table(
    "structures",
    metadata,
    sa.Column(
        "connection_id", sa.ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("structure_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3
    sa.Column("name", sa.Text, nullable=False),
    sa.Column(
        "content", sa.Text, nullable=False
    ),  # JSON, see accounting/structures/structure_json.py
    sa.Column("content_before", sa.Text),  # the last change
    sa.Column("changed_at", Instant, nullable=False),
    sa.UniqueConstraint("connection_id", "name"),
)


def _stream_table(stream: Stream) -> sa.Table:
    return sa.Table(
        stream.name,
        metadata,
        sa.Column("connection_id", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(
                field.name,
                COLUMN_TYPES[field.type],
                primary_key=field.name == "id",
                nullable=not field.required,
                autoincrement=False,
            )
            for field in stream.fields
        ),
        sa.Column("digest", sa.BigInteger, nullable=False),  # of the record's line, as it was sent
        sqlite_with_rowid=False,  # the rows lie in the order of the primary key
    )


STREAM_TABLES = {stream.name: _stream_table(stream) for stream in STREAMS}

IS_OF_CLOSING = STREAM_TABLES["journal_entries"].c.closing_type.is_not(None)

sa.Index(  # a few, found at once
    "ix_journal_entries_closing",
    STREAM_TABLES["journal_entries"].c.connection_id,
    sqlite_where=IS_OF_CLOSING,
    postgresql_where=IS_OF_CLOSING,
)

sa.Index(
    None,
    STREAM_TABLES["journal_items"].c.connection_id,
    STREAM_TABLES["journal_items"].c.company_id,
    STREAM_TABLES["journal_items"].c.date,
)
