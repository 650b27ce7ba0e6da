"""Triggers write the ids of changed rows to the outbox, in the transaction of the change itself.

Odoo's own ``write_date`` cannot tell: it is the transaction's start, and core changes ledger rows
by raw SQL. Statement-level triggers see every change. Whatever of ours is missing, renamed or
refused, a user's transaction goes on: the functions never raise. What they cannot note they leave a
note of, and what takes even that away is found by ``mend``, which looks at each run.
"""

# Names of tables and columns come from the database's catalogue, values are written in by mogrify.
# pylint: disable=sql-injection

import logging
from typing import Dict, NamedTuple, Tuple

import psycopg2

from . import outbox
from .outbox import BROKEN, OUTBOX
from .scope import model_of
from .wire.streams import STREAMS

PREFIX = "monitr_capture_"
OURS = PREFIX + "%"
LONGEST_NAME = 63  # characters: PostgreSQL cuts longer ones
ROW_TRIGGERS = (
    ("insert", "INSERT", "REFERENCING NEW TABLE AS changed"),
    ("update", "UPDATE", "REFERENCING NEW TABLE AS changed"),
    ("delete", "DELETE", "REFERENCING OLD TABLE AS changed"),
)
# An update may give a row of a relation to another record.
TRIGGER_OF_LOSERS = ("update_old", "UPDATE", "REFERENCING OLD TABLE AS changed")
# These have no rows to look at: everything of the stream is read again.
WHOLE = PREFIX + "whole"
TRIGGER_OF_WHOLE = ("whole", "TRUNCATE", "")
TRIGGER_OF_WHOLE_AND_IDS = ("whole", "TRUNCATE OR UPDATE OF id", "")
LONGEST_WAIT = "2s"  # for a lock: who waits for one makes others wait

_logger = logging.getLogger(__name__)


class Watch(NamedTuple):
    """A table whose changes change records."""

    table: str
    streams: Tuple[str, ...]
    events: str  # SELECT of stream and record id, from the changed rows, named ``changed``
    reads: Dict[str, Tuple[str, ...]]  # the columns by table without which there is nothing to see
    triggers: tuple = (*ROW_TRIGGERS, TRIGGER_OF_LOSERS, TRIGGER_OF_WHOLE)


class Trigger(NamedTuple):
    """What must be so of a trigger for it to note changes."""

    is_enabled: bool
    function: str
    source: str
    settings: list
    has_rights: bool  # its function runs with the rights of its owner


def install(env):
    """Makes outbox, functions and triggers what they are to be, safe to repeat at each update.

    Returns ``{table: reason}`` of what cannot be watched. It never raises: no installation and no
    update of Odoo is stopped by it.
    """
    return _put_right(env, is_update=True)


def mend(env):
    """The same at each run: what is broken is noted, so that its streams are read whole."""
    return _put_right(env, is_update=False)


def uninstall(cr):
    """Leaves nothing behind."""
    cr.execute(
        "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger "
        "WHERE tgname LIKE %s AND NOT tgisinternal",
        (OURS,),
    )
    for table, trigger in cr.fetchall():
        cr.execute("DROP TRIGGER %s ON %s" % (trigger, table))
    cr.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE %s", (OURS,))
    for (function,) in cr.fetchall():
        cr.execute("DROP FUNCTION %s" % function)
    cr.execute("DROP TABLE IF EXISTS %s" % OUTBOX)


def _put_right(env, is_update):
    cr, unwatched = env.cr, {}
    try:
        with cr.savepoint():
            cr.execute("SET LOCAL lock_timeout = '%s'" % LONGEST_WAIT)
            outbox.make(cr)
            watches, unwatched = _split(cr, wanted(env))
            unwatched.update(_put_watches_right(cr, watches, is_update))
            cr.execute("SET LOCAL lock_timeout TO DEFAULT")
    except psycopg2.Error as error:
        unwatched[OUTBOX] = _reason(error)
    for table, reason in unwatched.items():
        _logger.warning("monitr cannot watch %s: %s", table, reason)
    return unwatched


def _put_watches_right(cr, watches, is_update):
    """``{table: reason}`` of what cannot be."""
    cr.execute("SELECT quote_ident(current_schema())")
    [schema] = cr.fetchone()
    found, unwatched = _triggers(cr), {}
    for watch in watches:
        if _is_right(watch, found, schema):
            continue
        try:
            with cr.savepoint():
                _make(cr, watch, found, schema)
                _note_what_was_missed(cr, watch, found, is_update)
        except psycopg2.Error as error:
            unwatched[watch.table] = _reason(error)
    try:
        with cr.savepoint():
            _drop_unwanted(cr, watches, found)
    except psycopg2.Error:
        _logger.warning("monitr leaves old triggers for the next time", exc_info=True)
    return unwatched


def _reason(error):
    """PostgreSQL's own words, in one line."""
    return str(error).strip().split("\n", 1)[0]


def _is_right(watch, found, schema):
    return all(
        found.get((watch.table, PREFIX + trigger[0])) == _as_it_should_be(watch, trigger, schema)
        for trigger in watch.triggers
    )


def _note_what_was_missed(cr, watch, found, is_update):
    """An update brings functions and triggers anew, and misses nothing where the old ones fired."""
    triggers = {t[0]: found.get((watch.table, PREFIX + t[0])) for t in watch.triggers}
    of_rows = [state for name, state in triggers.items() if name != TRIGGER_OF_WHOLE[0]]
    if is_update and all(state and state.is_enabled and state.has_rights for state in of_rows):
        return
    is_new = is_update and not any(triggers.values())
    outbox.note(cr, watch.streams, "new" if is_new else BROKEN + watch.table)


def _as_it_should_be(watch, trigger, schema):
    function, source = _function_of(watch, trigger)
    return Trigger(True, function, source, ["search_path=%s, pg_temp" % schema], True)


def _make(cr, watch, found, schema):
    for trigger in watch.triggers:
        name, (function, source) = PREFIX + trigger[0], _function_of(watch, trigger)
        cr.execute(_create_function(function, source, schema))
        there = found.get((watch.table, name))
        if there and not there.has_rights:
            cr.execute('ALTER FUNCTION "%s"() OWNER TO CURRENT_USER' % function)
        if there and there.function != function:
            cr.execute('DROP TRIGGER "%s" ON "%s"' % (name, watch.table))
            there = None
        if not there:
            cr.execute(_create_trigger(watch, trigger, function))
        elif not there.is_enabled:
            cr.execute('ALTER TABLE "%s" ENABLE TRIGGER "%s"' % (watch.table, name))


def _drop_unwanted(cr, watches, found):
    """Drop the triggers of tables that are no longer watched, as after an upgrade to another
    series."""
    wanted_triggers = {(w.table, PREFIX + t[0]) for w in watches for t in w.triggers}
    for table, trigger in sorted(set(found) - wanted_triggers):
        cr.execute('DROP TRIGGER "%s" ON "%s"' % (trigger, table))
    functions = [_function_of(w, t)[0] for w in watches for t in w.triggers]
    cr.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p "
        "WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE %s "
        "AND p.proname <> ALL(%s) AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = p.oid)",
        (OURS, functions),
    )
    for (function,) in cr.fetchall():
        cr.execute("DROP FUNCTION %s" % function)


def _split(cr, watches):
    """The watches of what exists, and ``{table: reason}`` of the others."""
    watches = list(watches)
    cr.execute(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s) "
        "GROUP BY c.relname",
        ([table for watch in watches for table in watch.reads],),
    )
    columns = {table: set(names) for table, names in cr.fetchall()}
    there, unwatched = [], {}
    for watch in watches:
        lacking = [
            "%s.%s" % (table, name)
            for table, names in watch.reads.items()
            for name in names
            if name not in columns.get(table, ())
        ]
        if lacking:
            unwatched[watch.table] = "there is no %s" % ", ".join(lacking)
        else:
            there.append(watch)
    return there, unwatched


def wanted(env):
    """Every table that matters to what is read on this Odoo.

    Which fields there are is asked of the database: another thread may be building the registry.
    """
    many2many = _many2many(env)
    for stream in STREAMS:
        model = env[model_of(env, stream)]
        events = "SELECT '%s', id FROM changed" % stream.name
        triggers = (*ROW_TRIGGERS, TRIGGER_OF_WHOLE_AND_IDS)
        reads = {model._table: ("id",)}
        yield Watch(model._table, (stream.name,), events, reads, triggers)
        for relation in _relations(stream, many2many.get(model._name, {})):
            events = "SELECT '%s', \"%s\" FROM changed" % (stream.name, relation.own)
            reads = {relation.table: (relation.own, relation.other)}
            yield Watch(relation.table, (stream.name,), events, reads)
            if relation.comodel == "account.analytic.tag":
                yield from _analytic_tags(stream, relation)
    if "ir.translation" in env:
        yield _translations(env)


def columns_read(env):
    """``{stream: {column: number}}`` of its own table. PostgreSQL gives no number twice, so a
    column that was dropped, which fires no trigger, is missed even where another has its name."""
    return {stream.name: _columns_read(env[model_of(env, stream)], stream) for stream in STREAMS}


def _columns_read(model, stream):
    """Columns that are read of the model, in whatever series: a name that is not read here changes
    nothing."""
    model.env.cr.execute(
        "SELECT a.attname, a.attnum FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s "
        "AND (a.attname = ANY(%s) OR a.attname IN (SELECT name FROM ir_model_fields "
        "WHERE model = %s AND ttype = 'many2one' AND relation = 'account.analytic.account'))",
        (model._table, [name for f in stream.fields for name in f.source], model._name),
    )
    return dict(model.env.cr.fetchall())


class Relation(NamedTuple):
    """The table of a many-to-many field."""

    comodel: str
    table: str
    own: str
    other: str


def _many2many(env):
    """``{model: {field: its Relation, None where it is no many-to-many}}``, of what is read."""
    models = [model_of(env, stream) for stream in STREAMS]
    env.cr.execute(
        "SELECT model, name, ttype = 'many2many' AND relation_table IS NOT NULL, "
        "relation, relation_table, column1, column2 FROM ir_model_fields WHERE model = ANY(%s)",
        (models,),
    )
    fields = {model: {} for model in models}
    for model, name, is_many2many, *relation in env.cr.fetchall():
        fields[model][name] = Relation(*relation) if is_many2many else None
    return fields


def _relations(stream, fields):
    """Relations that are read of the stream: the first source of each field that this Odoo has."""
    read = (
        next((fields[name] for name in field.source if name in fields), None)
        for field in stream.fields
    )
    return [relation for relation in read if relation]


def _analytic_tags(stream, relation):
    """14 and 15: a tag's percentages are part of the shares of each item that has the tag."""
    for table, tag in (("account_analytic_tag", "id"), ("account_analytic_distribution", "tag_id")):
        events = (
            "SELECT '{stream}', r.\"{own}\" FROM changed c "
            'JOIN "{relation}" r ON r."{other}" = c.{tag}'
        ).format(
            stream=stream.name,
            own=relation.own,
            relation=relation.table,
            other=relation.other,
            tag=tag,
        )
        reads = {table: (tag,), relation.table: (relation.own, relation.other)}
        yield Watch(table, (stream.name,), events, reads)


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
        tuple(sorted(set(streams.values()))),
        "SELECT stream, res_id FROM (SELECT CASE name %s END AS stream, res_id FROM changed "
        "WHERE type = 'model') c WHERE stream IS NOT NULL AND res_id IS NOT NULL" % cases,
        {"ir_translation": ("name", "res_id", "type", "lang", "value")},
    )


def _function_of(watch, trigger):
    """The name of the trigger's function, and its source."""
    if trigger[0] == TRIGGER_OF_WHOLE[0]:
        return WHOLE, _source("(stream, note) SELECT unnest(TG_ARGV), TG_OP", "TG_ARGV")
    streams = "ARRAY[%s]" % ", ".join("'%s'" % stream for stream in watch.streams)
    function = (PREFIX + watch.table)[:LONGEST_NAME]
    return function, _source("(stream, record_id) %s" % watch.events, streams)


def _source(insert, streams):
    """Whatever fails, the statement that fired it goes on: what is lost is noted if it can be."""
    return (
        " BEGIN INSERT INTO {outbox} {insert}; RETURN NULL; "
        "EXCEPTION WHEN OTHERS THEN "
        "BEGIN INSERT INTO {outbox} (stream, note) "
        "SELECT unnest({streams}), '{broken}' || SQLERRM; "
        "EXCEPTION WHEN OTHERS THEN NULL; END; "
        "RETURN NULL; END "
    ).format(outbox=OUTBOX, insert=insert, streams=streams, broken=BROKEN)


def _create_function(name, source, schema):
    """Runs with its owner's rights: whoever may change the ledger may not stumble over this.

    So it looks for tables in Odoo's schema alone, whatever the session has chosen or made.
    """
    return (
        'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        "SET search_path = {schema}, pg_temp AS $${source}$$"
    ).format(name=name, schema=schema, source=source)


def _create_trigger(watch, trigger, function):
    name, event, rows = trigger
    arguments = ", ".join("'%s'" % stream for stream in watch.streams) if not rows else ""
    return (
        'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" {rows} '
        'FOR EACH STATEMENT EXECUTE PROCEDURE "{function}"({arguments})'
    ).format(
        name=PREFIX + name,
        event=event,
        rows=rows,
        table=watch.table,
        function=function,
        arguments=arguments,
    )


def _triggers(cr):
    """The triggers of ours on Odoo's tables: ``{(table, trigger): Trigger}``."""
    cr.execute(
        "SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), p.proname, p.prosrc, p.proconfig, "
        "p.prosecdef AND has_table_privilege(p.proowner, '{0}', 'INSERT') "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgname LIKE %s AND NOT t.tgisinternal "
        "AND c.relnamespace = current_schema()::regnamespace".format(OUTBOX),
        (OURS,),
    )
    return {(table, trigger): Trigger(*state) for table, trigger, *state in cr.fetchall()}
