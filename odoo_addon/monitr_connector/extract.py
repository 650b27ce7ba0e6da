"""Reads a stream's records out of Odoo's database: as the sync user, straight into lines.

The ORM decides which rows the user may see (access rights, record rules, companies); PostgreSQL's
COPY writes them in the contract's form. That is twenty times as fast as reading through the ORM.
"""

import io

from . import series
from .columns import column
from .scope import model_of
from .wire.batch import IdRange
from .wire.streams import JOURNAL_ITEMS

WINDOW = 10_000  # ids looked at for one batch: a few megabytes of lines


def read_batches(env, stream, start_date, after_id):
    """Yields ``(lines, IdRange)`` for everything with an id above ``after_id``, in order of id.

    Each range begins where the one before ended, the last one has no end. Windows in which the user
    may see nothing are joined to the next. The caller may commit between two batches.
    """
    model = env[model_of(env, stream)]
    columns = ", ".join(column(model, field) for field in stream.fields)
    looked_at = after_id
    while looked_at is not None:
        up_to_id = _end_of_window(model, looked_at)
        visible = _visible_ids(model, stream, start_date, (looked_at, up_to_id))
        lines = _copy(env.cr, _select(model, columns, visible, _visibility(env, stream)))
        looked_at = up_to_id
        if lines or up_to_id is None:
            yield lines, IdRange(after_id, up_to_id)
            after_id = up_to_id


def last_id(env, stream):
    """The highest id in the table, to show how far a push has come."""
    env.cr.execute('SELECT COALESCE(max(id), 0) FROM "%s"' % env[model_of(env, stream)]._table)
    return env.cr.fetchone()[0]


def _end_of_window(model, after_id):
    """The id that closes the window, or None where fewer rows are left than fill one."""
    model.env.cr.execute(
        'SELECT id FROM "%s" WHERE id > %%s ORDER BY id OFFSET %%s LIMIT 1' % model._table,
        (after_id, WINDOW - 1),
    )
    row = model.env.cr.fetchone()
    return row and row[0]


def _visible_ids(model, stream, start_date, window):
    """A SELECT of the ids that belong to the stream and that the user may see."""
    after_id, up_to_id = window
    domain = [*stream.domain, ("id", ">", after_id)]
    if up_to_id is not None:
        domain.append(("id", "<=", up_to_id))
    if start_date and stream.dated_by:
        domain.append((stream.dated_by, ">=", start_date))
    return series.select_of(model.env.cr, model._search(domain, order="id"))


def _visibility(env, stream):
    """A condition for streams whose rows are seen through the journal items they join."""
    if not stream.visible_through:
        return "true"
    items = env[model_of(env, JOURNAL_ITEMS)]
    visible = series.select_of(env.cr, items._search(list(JOURNAL_ITEMS.domain), order="id"))
    through = ", ".join("t.%s" % name for name in stream.visible_through)
    return "EXISTS (SELECT FROM (%s) i WHERE i.id IN (%s))" % (visible, through)


def _select(model, columns, visible_ids, visibility):
    return 'SELECT %s FROM "%s" t WHERE t.id IN (%s) AND %s ORDER BY t.id' % (
        columns,
        model._table,
        visible_ids,
        visibility,
    )


def _copy(cr, select):
    cr.execute("SET LOCAL DateStyle TO 'ISO'")
    lines = io.BytesIO()
    cr.copy_expert("COPY (%s) TO STDOUT" % select, lines)
    return lines.getvalue()
