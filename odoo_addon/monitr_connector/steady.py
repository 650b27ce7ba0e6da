"""Whether Odoo's models stay as they are: another thread may rebuild them in place at any time.

A new analytic plan or custom field, its renaming or removal let Odoo empty each model's list of
fields and fill it again. Who uses a model meanwhile misses a field or meets one half made. Odoo
tells its models when it begins and when it has ended (``_unregister_hook``, ``_register_hook``);
what was done in between is to be done again.
"""

import threading
import time
from contextlib import contextmanager

import psycopg2
from psycopg2 import errorcodes

from .errors import ModelsChange, PushError
from .wire.marked import _lt

LONGEST_WAIT_SECONDS = 10  # a rebuild takes a second or two
POLL_SECONDS = 0.05
GONE = (errorcodes.UNDEFINED_COLUMN, errorcodes.UNDEFINED_TABLE)


class _Rebuilds:
    """Rebuilds of one registry: how many have begun, and the threads in which one goes on."""

    def __init__(self):
        self.count = 0
        self.threads = set()

    def is_one_under_way(self):
        """In another thread that lives: one may have failed half-way."""
        others = self.threads - {threading.current_thread()}
        return any(thread in others for thread in threading.enumerate())


def begin_rebuild(registry):
    rebuilds = _rebuilds_of(registry)
    rebuilds.threads.add(threading.current_thread())
    rebuilds.count += 1


def end_rebuild(registry):
    _rebuilds_of(registry).threads.discard(threading.current_thread())


def made_steadily(registry, make):
    """What ``make`` gives with models that nobody changed meanwhile: it is called again if need be.

    Raises ModelsChange where they have been changing all the time.
    """
    patient_until = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        try:
            with changes_noticed(registry) as has_changed:
                made = make()
                if not has_changed():
                    return made
        except ModelsChange as error:
            if isinstance(error.__cause__, psycopg2.Error):  # the transaction is at its end
                raise
        if time.monotonic() > patient_until:
            raise models_change()


@contextmanager
def changes_noticed(registry):
    """Raises ModelsChange for any error that a change of the models may explain."""
    rebuilds = _rebuilds_of(registry)
    _wait_for_the_end(rebuilds)
    count = rebuilds.count

    def has_changed():
        return rebuilds.count != count or _is_replaced(registry)

    try:
        yield has_changed
    except PushError:
        raise
    except Exception as error:
        if not has_changed():
            raise
        raise models_change() from error


@contextmanager
def columns_there():
    """Raises ModelsChange where a column or a table is gone that was just said to be there."""
    try:
        yield
    except psycopg2.Error as error:
        if error.pgcode not in GONE:
            raise
        raise models_change() from error


def _rebuilds_of(registry):
    """Kept with the registry: another one, of models loaded anew, begins anew."""
    return registry.__dict__.setdefault("monitr_rebuilds", _Rebuilds())


def _is_replaced(registry):
    """An addon was installed, or another process told of a change: models were loaded anew."""
    return type(registry).registries.get(registry.db_name) is not registry


def _wait_for_the_end(rebuilds):
    patient_until = time.monotonic() + LONGEST_WAIT_SECONDS
    while rebuilds.is_one_under_way():
        if time.monotonic() > patient_until:
            raise models_change()
        time.sleep(POLL_SECONDS)


def models_change():
    text = _lt(
        "Fields of Odoo are being changed just now, by an update, a custom field or an analytic "
        "plan. The push goes on by itself when that is done."
    )
    return ModelsChange(text)
