"""What differs between Odoo series in the framework. No other file asks which Odoo it runs on.

Differences in the shape of the data are in ``wire/streams.py``, those of the web client's addresses
in ``wire/series.py``. What the addon's tests need is in ``tests/series.py``.
"""

from odoo import release
from odoo.exceptions import UserError

from .wire.series import record_path

EXPRESSIONS_SINCE = 17  # in views; before, there is attrs
SERIES = release.series  # "14.0" to "19.0"


def select_of(cr, query):
    """The SELECT of a Query from ``_search``, as text with its parameters written in.

    Without an order, which would keep PostgreSQL from looking into it when it is part of a query.
    ``Query.select()`` gives text and parameters up to 16, an SQL object from 17.
    """
    query.order = None
    select = query.select()
    code, params = select if isinstance(select, tuple) else (select.code, select.params)
    return cr.mogrify(code, params).decode()


def cursor_of(env_or_cr):
    """The cursor of what an uninstall hook gets: up to 16 it is one, from 17 on an environment."""
    return getattr(env_or_cr, "cr", env_or_cr)


def can_read(model):
    """Whether the environment's user may read the model at all (``has_access`` is new in 18)."""
    if hasattr(model, "has_access"):
        return model.has_access("read")
    return model.check_access_rights("read", raise_exception=False)


def check_may_write(model):
    """Raises Odoo's AccessError where the user may not (``check_access`` is new in 18)."""
    if hasattr(model, "check_access"):
        model.check_access("write")
    else:
        model.check_access_rights("write")


def record_address(model, id):
    """Where the web client shows a record."""
    return record_path(SERIES, model, id)


def forget_values(model):
    """Let nothing be taken from Odoo's cache (``invalidate_all`` is new in 16)."""
    if hasattr(model.env, "invalidate_all"):
        model.env.invalidate_all()
    else:
        model.flush()
        model.invalidate_cache()


def shown_where(button, field):
    """An inherited view's arch: the form's button is shown where the field is true."""
    if release.version_info[0] >= EXPRESSIONS_SINCE:
        name, value = "invisible", "not %s" % field
    else:
        name, value = "attrs", "{'invisible': [('%s', '=', False)]}" % field
    return (
        '<xpath expr="//button[@name=\'%s\']" position="attributes">'
        '<attribute name="%s">%s</attribute></xpath>'
    ) % (button, name, value)


def failure_shown(sentence):
    """What a button answers to show a failure. From 15 on the form is read again after it; after an
    error the form of 15 and 16 would go on showing what was before, that of 14 would not.
    """
    if SERIES == "14.0":
        raise UserError(sentence)
    params = {"message": sentence, "type": "danger", "sticky": True}
    params["next"] = {"type": "ir.actions.act_window_close"}
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}


def let_cron_run_for_ever(cron):
    """Up to 17 a cron runs once unless told otherwise; from 18 there is no such limit."""
    if "numbercall" in cron._fields:
        cron.numbercall = -1


def wake_cron(cron):
    """Run the cron as soon as a worker is free. 14 cannot: there its next minute does it."""
    if hasattr(cron, "_trigger"):
        cron._trigger()
