"""What is set aside: records with a value that is refused, named, so that all else is sent.

The receiver's refusal says which lines of a batch are wrong, and ``send.py`` sends the batch again
without them. Here is kept which these are. Each push reads them again: what was mended is sent, and
both sides forget it. The proof leaves them out on both sides, and says how many they are.

Its table belongs to a model (``models/monitr_set_aside.py``).
"""

import json

from .wire.set_aside import encode_set_aside
from .wire.streams import STREAMS_BY_NAME

INSERT = """
    INSERT INTO monitr_set_aside (
        stream, record_id, name, field_name, value, reason, in_company, on_account, date, debit,
        credit, since
    )
    SELECT
        %s, a.id, COALESCE(a.name, m.name), a.field, a.value, a.reason::text, a.company_id,
        a.account_id, a.date, a.debit, a.credit,
        COALESCE((%s::jsonb->>a.id::text)::timestamp, now() AT TIME ZONE 'UTC')
    FROM json_to_recordset(%s) AS a (
        id integer, name text, field text, value text, reason json, entry_id integer,
        item_id integer, company_id integer, account_id integer, date text, debit text, credit text
    )
    LEFT JOIN account_move_line l ON l.id = a.item_id
    LEFT JOIN account_move m ON m.id = COALESCE(a.entry_id, l.move_id)
"""


def renew(cr, batch):
    """What a batch says of its records takes the place of what was known of them."""
    stream = batch.stream.name
    since = {}
    if _has_any(cr, stream):
        stated = [record.id for record in batch.set_aside]
        cr.execute(
            "SELECT record_id, since::text FROM monitr_set_aside "
            "WHERE stream = %s AND record_id = ANY(%s)",
            (stream, stated),
        )
        since = dict(cr.fetchall())
        _forget(cr, batch, stated)
    if batch.set_aside:
        records = json.dumps(encode_set_aside(batch.set_aside))
        cr.execute(INSERT, (stream, json.dumps(since), records))


def add_to(cr, changes):
    """Adds what is set aside to ``{stream name: sorted ids}``."""
    for name, ids in ids_by_stream(cr).items():
        changes[name] = sorted({*changes.get(name, ()), *ids})


def ids_by_stream(cr):
    """``{stream name: sorted ids}`` of all that is set aside."""
    cr.execute(
        "SELECT stream, array_agg(record_id ORDER BY record_id) FROM monitr_set_aside "
        "WHERE stream = ANY(%s) GROUP BY stream",
        (list(STREAMS_BY_NAME),),
    )
    return dict(cr.fetchall())


def kept_out(cr, stream):
    """A condition to be added: that the row of the table ``t`` is not set aside."""
    if not _has_any(cr, stream.name):
        return ""
    condition = (
        " AND NOT EXISTS (SELECT FROM monitr_set_aside a "
        "WHERE a.stream = %s AND a.record_id = t.id)"
    )
    return cr.mogrify(condition, (stream.name,)).decode()


def _has_any(cr, stream):
    cr.execute("SELECT EXISTS (SELECT FROM monitr_set_aside WHERE stream = %s)", (stream,))
    return cr.fetchone()[0]


def _forget(cr, batch, stated):
    ids = [int(line.split(b"\t", 1)[0]) for line in batch.lines.splitlines()]
    condition, values = "record_id = ANY(%s)", [[*ids, *batch.deletions, *stated]]
    if batch.range:
        condition += " OR record_id > %s AND record_id <= COALESCE(%s, 2147483647)"
        values += batch.range
    cr.execute(
        "DELETE FROM monitr_set_aside WHERE stream = %%s AND (%s)" % condition,
        [batch.stream.name, *values],
    )
