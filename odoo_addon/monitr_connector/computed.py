"""Values that Odoo computes: an addon made a field of the contract one without a column.

They are read through the ORM, as the sync user, and joined to the rows as a table of literals, so
that all that is said in SQL of a stream (lines, digests, sums) holds for them too.
"""

import logging

import psycopg2

from . import series
from .columns import COMPUTED_TYPES
from .errors import Misconfigured
from .steady import made_steadily
from .wire.marked import _lt

_logger = logging.getLogger(__name__)


class _NotComputed(Exception):
    """The name of a field; the cause is what its addon raised."""


def computed_table(model, stream, computed, ids):
    """SQL of a table of ``id`` and one column for each of ``{field: Odoo field}``.

    Raises Misconfigured where Odoo cannot compute one of them.
    """
    kinds = {
        field.name: COMPUTED_TYPES[field.type] for field in stream.fields if field.name in computed
    }

    def compute():
        series.forget_values(model)  # of another snapshot
        records = model.browse(ids)
        return [_values(records, computed[name]) for name in kinds]

    try:
        values = made_steadily(model.env.registry, compute)
    except _NotComputed as error:
        raise _refusal(model, error) from error
    columns = ["int4", *kinds.values()]
    arrays = ", ".join("%%s::%s[]" % kind for kind in columns)
    names = ", ".join('"%s"' % name for name in ("id", *kinds))
    sql = "(SELECT * FROM unnest(%s) AS u (%s))" % (arrays, names)
    return model.env.cr.mogrify(sql, [ids, *values]).decode()


def _refusal(model, error):
    _logger.warning("%s.%s cannot be computed", model._name, error, exc_info=True)
    text = _lt(
        "Odoo cannot compute the field %(field)s of %(model)s: an addon made it a computed one, "
        "and it fails (%(error)s). Whoever looks after that addon finds more in Odoo's log. Until "
        "it is mended nothing is sent, and what Monitr has stays."
    )
    kind = type(error.__cause__).__name__
    return Misconfigured(text, field=str(error), model=model._name, error=kind)


def _values(records, name):
    try:
        return [_value(record[name]) for record in records]
    except psycopg2.Error:  # says something of the database, and ends the transaction
        raise
    except Exception as error:
        raise _NotComputed(name) from error


def _value(value):
    """Value as in a column: no value is NULL, a record its id."""
    if isinstance(value, bool):
        return value or None
    return getattr(value, "id", value) or None
