"""What a hello tells about the rhythm of pushes, so that the receiver knows silence from peace."""

from odoo import fields

from .identity import push_cron
from .wire.hello import INSTANT_FORMAT

IS_SCHEDULED = "monitr_is_scheduled"
LATE_SECONDS = "monitr_late_seconds"


def at_contact(connection, is_scheduled=False):
    """The connection, to push or say hello with; lateness is taken before a run is begun."""
    late = {LATE_SECONDS: _late_seconds(connection)}
    return connection.with_context(**{IS_SCHEDULED: is_scheduled}, **late)


def signs_of_life(connection):
    """The fields of the Hello that tell the rhythm, by name."""
    context = connection.env.context
    run = connection.env["monitr.run"].search([("connection_id", "=", connection.id)], limit=1)
    since, missed_since = run.failing_since, connection.missed_since
    cron = push_cron(connection.env)
    return {
        "push_every_minutes": int(connection.push_every),
        "is_scheduled": context.get(IS_SCHEDULED, False),
        "is_cron_active": bool(cron) and cron.active,
        "late_seconds": context.get(LATE_SECONDS),
        "failing_since": since.strftime(INSTANT_FORMAT) if since else None,
        "failure": run.error if since else None,
        "failure_parts": run.parts() if since else None,
        "missed_since": missed_since.strftime(INSTANT_FORMAT) if missed_since else None,
        "missed": connection.missed or None,
        "unwatched": connection._unwatched_tables() or None,
    }


def _late_seconds(connection):
    """How long a push by schedule is due, None where none is. The settings of now are not older
    than their last change."""
    due_at = connection.due_at()
    if not due_at:
        return None
    due_at = max(due_at, connection.write_date)
    return max(0, int((fields.Datetime.now() - due_at).total_seconds()))
