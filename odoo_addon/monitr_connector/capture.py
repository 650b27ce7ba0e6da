"""What changed since it was last sent: triggers write the ids of changed rows to an outbox.

Odoo's own ``write_date`` cannot tell: it is the transaction's start, and core changes ledger rows
by raw SQL. Statement-level triggers see every change, in the transaction of the change itself. The
outbox is append-only and has no keys, so it never makes a user's transaction wait or fail. It is
emptied by presence: what is visible is taken, read again, sent, and gone with the commit.
"""

# Names of tables and columns come from Odoo's registry, values are written in by mogrify.
# pylint: disable=sql-injection

from typing import NamedTuple

from .scope import model_of
from .wire.streams import JOURNAL_ITEMS, RECONCILIATIONS, STREAMS

OUTBOX = "monitr_outbox"
PREFIX = "monitr_capture_"
TRIGGERS = (("insert", "INSERT", "NEW"), ("update", "UPDATE", "NEW"), ("delete", "DELETE", "OLD"))
TRIGGER_OF_LOSERS = ("update_old", "UPDATE", "OLD")
TAKEN_AT_ONCE = 50_000
MOST_EVENTS = 10_000_000  # half a gigabyte


class Watch(NamedTuple):
    """A table whose changes change records."""

    table: str
    events: str  # SELECT of stream and record id, from the changed rows, named ``changed``
    triggers: tuple = (*TRIGGERS, TRIGGER_OF_LOSERS)  # an update may give a row to another record


def install(env):
    """Creates the outbox and the triggers that are missing; safe to repeat at each update."""
    cr = env.cr
    cr.execute(
        "CREATE TABLE IF NOT EXISTS %s (stream text NOT NULL, record_id integer NOT NULL)" % OUTBOX
    )
    cr.execute("SELECT quote_ident(current_schema())")
    [schema] = cr.fetchone()
    present = _triggers(cr)
    for watch in watches(env):
        cr.execute(_function(watch, schema))
        for trigger in watch.triggers:
            if (watch.table, PREFIX + trigger[0]) not in present:
                cr.execute(_trigger(trigger, watch))


def uninstall(cr):
    """Leaves nothing behind. Triggers go first: without their outbox they would stop Odoo."""
    for table, trigger in _triggers(cr):
        cr.execute('DROP TRIGGER "%s" ON "%s"' % (trigger, table))
    cr.execute("SELECT proname FROM pg_proc WHERE proname LIKE %s", (PREFIX + "%",))
    for (function,) in cr.fetchall():
        cr.execute('DROP FUNCTION "%s"()' % function)
    cr.execute("DROP TABLE IF EXISTS %s" % OUTBOX)


def take(cr):
    """Takes events out of the outbox: ``{stream name: sorted ids}``, and how many events it were.

    A rollback puts them back; what is committed meanwhile by others stays for the next time.
    """
    cr.execute(
        "WITH taken AS (DELETE FROM {outbox} WHERE ctid = ANY(ARRAY("
        "SELECT ctid FROM {outbox} LIMIT %s)) RETURNING stream, record_id) "
        "SELECT stream, array_agg(DISTINCT record_id ORDER BY record_id), count(*) FROM taken "
        "GROUP BY stream".format(outbox=OUTBOX),
        (TAKEN_AT_ONCE,),
    )
    rows = cr.fetchall()
    changes = {stream: ids for stream, ids, _count in rows}
    _add_reconciliations_of_items(cr, changes)
    return changes, sum(row[2] for row in rows)


def _add_reconciliations_of_items(cr, changes):
    """A reconciliation is sent while one of its items is, so it may come or go with them unchanged.

    Odoo 19 lets drafts be reconciled, and keeps the reconciliations of what is reset to draft.
    """
    items = changes.get(JOURNAL_ITEMS.name, [])
    cr.execute(
        "SELECT id FROM account_partial_reconcile "
        "WHERE debit_move_id = ANY(%s) OR credit_move_id = ANY(%s)",
        (items, items),
    )
    ids = {id for (id,) in cr.fetchall()}.union(changes.get(RECONCILIATIONS.name, []))
    if ids:
        changes[RECONCILIATIONS.name] = sorted(ids)


def forget(cr):
    """Empties the outbox, before a push of everything."""
    cr.execute("DELETE FROM %s" % OUTBOX)


def outgrew(cr):
    """Whether so much waits that pushing everything is cheaper than pushing what changed.

    It counts, for the table stays as large as it was until PostgreSQL clears up behind ``forget``.
    """
    cr.execute("SELECT EXISTS (SELECT FROM %s OFFSET %d)" % (OUTBOX, MOST_EVENTS))
    return cr.fetchone()[0]


def watches(env):
    """Every table that matters on this Odoo, found by asking its models."""
    for stream in STREAMS:
        model = env[model_of(env, stream)]
        yield Watch(model._table, "SELECT '%s', id FROM changed" % stream.name, TRIGGERS)
        for field in _relations(model, stream):
            events = "SELECT '%s', %s FROM changed" % (stream.name, field.column1)
            yield Watch(field.relation, events)
            if field.comodel_name == "account.analytic.tag":
                yield from _analytic_tags(stream, field)
    if "ir.translation" in env:
        yield _translations(env)


def _relations(model, stream):
    fields = (model._fields.get(name) for field in stream.fields for name in field.source)
    return [field for field in fields if field and field.type == "many2many"]


def _analytic_tags(stream, field):
    """14 and 15: a tag's percentages are part of the shares of each item that has the tag."""
    tagged = "SELECT '{stream}', r.{item} FROM changed c JOIN {table} r ON r.{tag} = c.".format(
        stream=stream.name, item=field.column1, table=field.relation, tag=field.column2
    )
    yield Watch("account_analytic_tag", tagged + "id")
    yield Watch("account_analytic_distribution", tagged + "tag_id")


def _translations(env):
    """14 and 15: translated names stand in a table of their own."""
    streams = {
        "%s,%s" % (model_of(env, stream), name): stream.name
        for stream in STREAMS
        for field in stream.fields
        for name in field.source
        if field.type == "text"
    }
    cases = " ".join("WHEN '%s' THEN '%s'" % item for item in sorted(streams.items()))
    return Watch(
        "ir_translation",
        "SELECT stream, res_id FROM (SELECT CASE name %s END AS stream, res_id FROM changed "
        "WHERE type = 'model') c WHERE stream IS NOT NULL AND res_id IS NOT NULL" % cases,
    )


def _function(watch, schema):
    """Runs with its owner's rights: whoever may change the ledger may not stumble over this.

    So it looks for tables in Odoo's schema alone, whatever the session has chosen or made.
    """
    return (
        'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        "SET search_path = {schema}, pg_temp "
        "AS $$ BEGIN INSERT INTO {outbox} (stream, record_id) {events}; RETURN NULL; END $$"
    ).format(name=_function_name(watch), schema=schema, outbox=OUTBOX, events=watch.events)


def _trigger(trigger, watch):
    name, event, rows = trigger
    return (
        'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" REFERENCING {rows} TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE PROCEDURE "{function}"()'
    ).format(
        name=PREFIX + name,
        event=event,
        rows=rows,
        table=watch.table,
        function=_function_name(watch),
    )


def _function_name(watch):
    return PREFIX + watch.table


def _triggers(cr):
    """The triggers of ours that exist: ``{(table, trigger)}``."""
    cr.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE %s",
        (PREFIX + "%",),
    )
    return set(cr.fetchall())
