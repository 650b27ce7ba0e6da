"""How often signing in failed of late, for each name and address; one count for all workers."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection as Database
from sqlalchemy.dialects import postgresql, sqlite

from receiver.db.tables import failed_sign_ins

_subject = failed_sign_ins.c.subject_sha256


def count_attempt(
    db: Database, subject: str, now: datetime, window: timedelta
) -> tuple[int, datetime]:
    """Counts one more as failed, until it is taken back or forgotten.

    How many there are now, and when the first of them was. A count older than the window is
    forgotten.
    """
    db.execute(sa.delete(failed_sign_ins).where(failed_sign_ins.c.first_at <= now - window))
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    first = {"subject_sha256": _sha256(subject), "failed_count": 1, "first_at": now}
    upsert = dialect.insert(failed_sign_ins).values(first)
    more = {"failed_count": failed_sign_ins.c.failed_count + 1}
    db.execute(upsert.on_conflict_do_update(index_elements=[_subject], set_=more))
    counted = sa.select(failed_sign_ins.c.failed_count, failed_sign_ins.c.first_at)
    row = db.execute(counted.where(_subject == _sha256(subject))).one()
    return row.failed_count, row.first_at


def take_back_attempt(db: Database, subject: str) -> None:
    less = {"failed_count": failed_sign_ins.c.failed_count - 1}
    db.execute(sa.update(failed_sign_ins).where(_subject == _sha256(subject)).values(less))


def forget_attempts(db: Database, subject: str) -> None:
    db.execute(sa.delete(failed_sign_ins).where(_subject == _sha256(subject)))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
