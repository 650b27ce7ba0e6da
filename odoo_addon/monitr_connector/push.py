"""The push, top to bottom: extract -> encode -> send, stream by stream, batch by batch; then prove.

A run sends everything the first time and whenever a setting changed, else what changed since. It
ends with a proof that the receiver holds exactly what Odoo has, and repairs what differs. It is
done in slices of some seconds, so that it fits into Odoo's limits on workers. Each stored batch is
committed as the run's progress; a killed run goes on after the last of them.
"""

import logging
import time
from contextlib import contextmanager, suppress
from functools import partial

import psycopg2

from . import outbox, series, set_aside
from .aim import LARGEST_KIB, MOST_KIB, Aim
from .errors import ModelsChange, NotProven, PushError, Unreachable
from .extract import Reader
from .heartbeat import signs_of_life
from .identity import addon_version, database_uuid, push_cron
from .prove import send_ids, tie_out
from .scope import left_out, sync_env
from .send import Sender
from .steady import changes_noticed
from .wire.batch import Batch
from .wire.connection_key import decode_connection_key
from .wire.hello import Hello
from .wire.marked import _lt
from .wire.streams import STREAMS

SLICE_SECONDS = 40  # below every default limit of Odoo and of Odoo.sh
PATIENCE_SECONDS = 20  # while Odoo's models change
PAUSE_SECONDS = 1
LARGEST_REQUEST = "monitr_connector.largest_request_kib"  # a system parameter
LOCK = 0x4D6F6E6974722000  # "Monitr": of this addon among the database's advisory locks

_logger = logging.getLogger(__name__)


def push_slice(connection):
    """Go on with the connection's unfinished run, or begin one; stop when done or time is up.

    Returns the run, or None where another worker is pushing right now. Whatever goes wrong is
    recorded on the run and never raised: Odoo switches off a cron that keeps failing. Where it
    cannot even be recorded, Odoo's log has it, and an empty record is returned. It commits, so it
    is for a cron or a cursor of one's own.
    """
    try:
        with _alone(connection) as is_alone:
            return _push_slice(connection) if is_alone else None
    except Exception:  # a cron that raises is switched off; the log has error and traceback
        _logger.exception("monitr push failed, and that could not be recorded")
        with suppress(psycopg2.Error):  # there is nothing to roll back without PostgreSQL
            connection.env.cr.rollback()
        return connection.env["monitr.run"]


def _push_slice(connection):
    cr = connection.env.cr
    cr.rollback()  # else what was read before the lock hides how far another worker has come
    try:
        run = _patiently(connection, partial(_begin, connection), PATIENCE_SECONDS)
    except Exception as error:  # the promise of push_slice
        _logger.exception("monitr push could not begin")
        cr.rollback()
        run = connection.failed_run(error if isinstance(error, PushError) else _unexpected(error))
        cr.commit()  # pylint: disable=invalid-commit
        return run
    _push_recording_errors(connection, run)
    cr.rollback()
    return run


def _begin(connection):
    connection._tend_capture()
    run = connection.open_run()
    connection.env.cr.commit()  # pylint: disable=invalid-commit
    return run


def tend(connection):
    """What a push begins with, for the minutes without one. It commits."""
    with _alone(connection) as is_alone:
        if is_alone:
            connection.env.cr.rollback()
            connection._tend_capture()


def say_hello(connection, sender):
    """Tell the receiver who pushes; its answer. Shows that address, key and clock are right."""
    env = connection.env
    answer = sender.hello(
        Hello(
            series=series.SERIES,
            addon_version=addon_version(env),
            database_uuid=database_uuid(env),
            database_name=env.cr.dbname,
            language=connection.language,
            company_ids=tuple(connection.company_ids.ids),
            start_date=connection.start_date.isoformat() if connection.start_date else None,
            odoo_url=connection.get_base_url() or None,
            **signs_of_life(connection),
        )
    )
    connection.keep_authority(answer.get("authority"))
    return answer


def sender_of(connection, aim=None):
    key = decode_connection_key(connection.connection_key)
    return Sender(key._replace(authority=connection.authority or key.authority), aim)


@contextmanager
def _alone(connection):
    """Whether no other worker is pushing; if so, none is until the end.

    The lock belongs to a transaction of its own, so it outlives the push's commits and dies with
    the worker. A lock of the session would stay behind in a pooler such as PgBouncer, which gives
    the session to others at each commit.
    """
    cr = connection.env.registry.cursor()
    try:
        cr.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK + connection.id,))
        yield cr.fetchone()[0]
    finally:
        with suppress(psycopg2.Error):  # where PostgreSQL is gone, so is the lock
            cr.close()


def _push_recording_errors(connection, run):
    cr, record = connection.env.cr, None
    aim = Aim()
    push = partial(_push, connection, run, time.monotonic() + SLICE_SECONDS, aim)
    try:
        _patiently(connection, push, PATIENCE_SECONDS)
    except (ModelsChange, Unreachable) as error:
        cr.rollback()
        record = partial(run.postpone, error)
    except psycopg2.OperationalError as error:  # a full disk, a lock, a serialization failure
        cr.rollback()
        text = _lt("Odoo's database does not let the push go on: %(error)s.")
        record = partial(run.postpone, PushError(text, error=type(error).__name__))
    except NotProven as error:  # no rollback: what was sent is stored, and its proof is shown
        record = partial(run.fail, error)
    except PushError as error:
        cr.rollback()
        record = partial(run.fail, error)
    except Exception as error:  # the promise of push_slice: nothing is raised out of a cron
        _logger.exception("monitr push failed")
        cr.rollback()
        record = partial(run.fail, _unexpected(error))
    if record:
        _patiently(connection, record, PATIENCE_SECONDS)
    keep_aim = partial(run.write, {"request_bytes": aim.bytes})
    _patiently(connection, keep_aim, PATIENCE_SECONDS)
    cr.commit()  # pylint: disable=invalid-commit


def _patiently(connection, act, seconds):
    """What ``act`` gives. While Odoo's models change under it, it is done again for so long."""
    patient_until = time.monotonic() + seconds
    while True:
        try:
            with changes_noticed(connection.env.registry):
                return act()
        except ModelsChange:
            if time.monotonic() > patient_until:
                raise
            connection.env.cr.rollback()
            time.sleep(PAUSE_SECONDS)


def _unexpected(error):
    text = _lt("Unexpected error %(error)s: see Odoo's log.")
    return PushError(text, error=type(error).__name__)


def _push(connection, run, deadline, aim):
    connection.check_ready()
    aim.begin(_largest_request_kib(run.env), run.request_bytes)
    with sender_of(connection, aim) as sender:
        say_hello(connection, sender)  # who may not read is not silent
        env = sync_env(connection)
        run.leave_out(left_out(env))
        readers = {
            s.name: Reader(env, s, connection.start_date, connection.lets_go) for s in STREAMS
        }
        is_done = (
            _send_everything(run, readers, sender, deadline)
            and _send_changes(run, readers, sender, deadline)
            and tie_out(run, readers, sender, deadline)
        )
        if not is_done:
            series.wake_cron(push_cron(run.env))
            return
        run.succeed()
    _logger.info("monitr push finished: run %s, %d records", run.run_id, run.sent_count)


def _largest_request_kib(env):
    """What a request is to have at most, compressed; a system parameter may say otherwise."""
    told = env["ir.config_parameter"].sudo().get_param(LARGEST_REQUEST) or ""
    return min(int(told), MOST_KIB) if told.isdigit() and int(told) else LARGEST_KIB


def _send_everything(run, readers, sender, deadline):
    """What is left of the streams sent whole. False where the time ran out before their end."""
    if run.is_of_everything and not run.progress_by_stream():
        outbox.forget(run.env.cr)
    for stream in run.streams_left(STREAMS):
        reader = readers[stream.name]
        run.begin_stream(stream, reader.last_id())
        if not _send_stream(run, reader, sender, deadline):
            return False
    return True


def _send_stream(run, reader, sender, deadline):
    """The next batch is read while the one before is sent and stored."""
    sent = ()
    for lines, id_range, has_hidden in reader.read_all(run.after_id(reader.stream)):
        if not _record(run, sent, deadline):
            return False
        batch = Batch(reader.stream, run.run_id, lines, range=id_range, has_hidden=has_hidden)
        sent = sender.begin(batch)
    return _record(run, sent, deadline)


def _record(run, sent, deadline):
    """What is committed with its receipt need not be sent again. False where the time ran out."""
    for batch, receipt in sent:
        set_aside.renew(run.env.cr, batch)
        run.record_range(batch.stream, batch.range, receipt)
        run.env.cr.commit()  # pylint: disable=invalid-commit
        if time.monotonic() > deadline:
            return False
    return True


def _send_changes(run, readers, sender, deadline):
    """Everything in the outbox. Only the commit after the receipts takes it out of there.

    What is set aside is read again with the last of it, for it may have been mended. True where all
    of it is sent. The transaction is then left open: its snapshot of the books is exactly what the
    receiver must hold.
    """
    cr = run.env.cr
    cr.commit()  # pylint: disable=invalid-commit
    while time.monotonic() < deadline:
        whole = outbox.take_notes(cr)
        if whole:
            run.send_whole([name for name in whole if name not in run.left_out()])
            cr.commit()  # pylint: disable=invalid-commit
            is_done = _send_everything(run, readers, sender, deadline)
            return is_done and _send_changes(run, readers, sender, deadline)
        taken = outbox.take(cr)
        if taken.is_all:
            set_aside.add_to(cr, taken.changes)
        for name, ids in taken.changes.items():
            if name not in run.left_out():
                send_ids(run, readers[name], sender, ids)
        if taken.is_all:
            return True
        cr.commit()  # pylint: disable=invalid-commit
    return False
