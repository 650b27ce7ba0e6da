"""Values that Odoo computes: an addon made a field of the contract one without a column.

They are read through the ORM, as the sync user, and joined to the rows as a table of literals, so
that all that is said in SQL of a stream (lines, digests, sums) holds for them too.
"""

from . import series
from .columns import COMPUTED_TYPES
from .steady import made_steadily


def computed_table(model, stream, computed, ids):
    """SQL of a table of ``id`` and one column for each of ``{field: Odoo field}``."""
    kinds = {
        field.name: COMPUTED_TYPES[field.type] for field in stream.fields if field.name in computed
    }

    def compute():
        series.forget_values(model)  # of another snapshot
        records = model.browse(ids)
        return [[_value(record[computed[name]]) for record in records] for name in kinds]

    values = made_steadily(model.env.registry, compute)
    columns = ["int4", *kinds.values()]
    arrays = ", ".join("%%s::%s[]" % kind for kind in columns)
    names = ", ".join('"%s"' % name for name in ("id", *kinds))
    sql = "(SELECT * FROM unnest(%s) AS u (%s))" % (arrays, names)
    return model.env.cr.mogrify(sql, [ids, *values]).decode()


def _value(value):
    """As in a column: no value is NULL, a record its id."""
    if isinstance(value, bool):
        return value or None
    return getattr(value, "id", value) or None
