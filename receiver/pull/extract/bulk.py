"""Whole columns at once: a grouped read without a group gives each field's values as one array.

Odoo applies rights and record rules as in any read, but makes no records of the rows: an order of
magnitude faster than ``search_read``. No documentation promises it, so what it gives is compared
with ``search_read`` before it is relied on (read.py).
"""

from receiver.errors import InvalidRecord
from receiver.pull.extract.fields import StreamInOdoo
from receiver.pull.extract.grouped import ReadGroups
from receiver.pull.scope import Domain, OdooInScope, Row
from receiver.pull.transport.response_checks import distrusting

ARRAY = "array_agg"


def read_bulk(
    odoo: OdooInScope, read_groups: ReadGroups, known: StreamInOdoo, domain: Domain
) -> list[Row]:
    """The rows in order of id. Raises InvalidRecord where the arrays are not of one length."""
    aggregates = [(name, ARRAY) for name in known.columns]
    groups = read_groups(odoo, known.model, domain, [], aggregates)
    if len(groups) != 1:
        raise InvalidRecord("Odoo answered a grouped read with something else.")
    arrays = {name: _array(groups[0][name, ARRAY]) for name in known.columns}
    if len({len(values) for values in arrays.values()}) > 1:
        raise InvalidRecord(
            "Odoo answered with columns of %(model)s of different lengths.", model=known.model
        )
    rows = [dict(zip(arrays, values, strict=True)) for values in zip(*arrays.values(), strict=True)]
    for name in known.lists:
        lists = _read_lists(odoo, known.model, domain, name)
        for row in rows:
            row[name] = lists.get(row["id"], [])
    with distrusting():
        return sorted(rows, key=lambda row: row["id"])


def _array(value: object) -> list[object]:
    """Array of an answer; of no rows there is none."""
    if not value:
        return []
    if not isinstance(value, list):
        raise InvalidRecord("Odoo answered a grouped read with something else.")
    return value


def _read_lists(odoo: OdooInScope, model: str, domain: Domain, name: str) -> dict[int, list[int]]:
    """``{id: the list}`` of the few rows that have one."""
    rows = odoo.search_read(model, [*domain, (name, "!=", False)], [name])
    return {row["id"]: row[name] for row in rows}
