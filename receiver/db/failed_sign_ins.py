"""How often signing in failed of late, for each name and address; one count for all workers."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import failed_sign_ins


def count_failures(db: Database, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """How many there were since then, and when the first of them was."""
    query = sa.select(failed_sign_ins.c.failed_count, failed_sign_ins.c.first_at).where(
        failed_sign_ins.c.subject_sha256 == _sha256(subject), failed_sign_ins.c.first_at > since
    )
    row = db.execute(query).first()
    return (row.failed_count, row.first_at) if row else (0, None)


def note_failure(db: Database, subject: str, now: datetime, window: timedelta) -> None:
    """Counts one more; a count older than the window is forgotten."""
    db.execute(sa.delete(failed_sign_ins).where(failed_sign_ins.c.first_at <= now - window))
    is_subject = failed_sign_ins.c.subject_sha256 == _sha256(subject)
    more = {"failed_count": failed_sign_ins.c.failed_count + 1}
    if not db.execute(sa.update(failed_sign_ins).where(is_subject).values(more)).rowcount:
        first = {"subject_sha256": _sha256(subject), "failed_count": 1, "first_at": now}
        db.execute(sa.insert(failed_sign_ins).values(first))


def forget_failures(db: Database, subject: str) -> None:
    is_subject = failed_sign_ins.c.subject_sha256 == _sha256(subject)
    db.execute(sa.delete(failed_sign_ins).where(is_subject))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
