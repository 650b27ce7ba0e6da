"""Whole columns at once: a grouped read without a group gives each field's values as one array.

Odoo applies rights and record rules as in any read, but makes no records of the rows: an order of
magnitude faster than ``search_read``. No documentation promises it, so what it gives is compared
with ``search_read`` before it is relied on (read.py).
"""

from collections.abc import Callable
from typing import Any

from receiver.errors import InvalidRecord
from receiver.pull.fields import StreamInOdoo
from receiver.pull.scope import Domain, OdooInScope, Row

Arrays = dict[str, list[Any]]  # {Odoo field: its values}, all in the same order of rows
ReadArrays = Callable[[OdooInScope, str, Domain, tuple[str, ...]], Arrays]


def read_bulk(
    odoo: OdooInScope, read_arrays: ReadArrays, known: StreamInOdoo, domain: Domain
) -> list[Row]:
    """The rows in order of id. Raises InvalidRecord where the arrays are not of one length."""
    arrays = read_arrays(odoo, known.model, domain, known.columns)
    if len({len(values) for values in arrays.values()}) > 1:
        raise InvalidRecord(f"Odoo answered with columns of {known.model} of different lengths.")
    rows = [dict(zip(arrays, values, strict=True)) for values in zip(*arrays.values(), strict=True)]
    for name in known.lists:
        lists = _read_lists(odoo, known.model, domain, name)
        for row in rows:
            row[name] = lists.get(row["id"], [])
    return sorted(rows, key=lambda row: row["id"])


def formatted_read_group(
    odoo: OdooInScope, model: str, domain: Domain, names: tuple[str, ...]
) -> Arrays:
    """From 19 on."""
    aggregates = [f"{name}:array_agg" for name in names]
    answer = odoo.call(
        model, "formatted_read_group", domain=domain, groupby=[], aggregates=aggregates
    )
    return _arrays(answer, {name: f"{name}:array_agg" for name in names})


def read_group(odoo: OdooInScope, model: str, domain: Domain, names: tuple[str, ...]) -> Arrays:
    """Under names of our own: ``id`` is taken."""
    fields = [f"all_{name}:array_agg({name})" for name in names]
    answer = odoo.call(model, "read_group", domain=domain, fields=fields, groupby=[], lazy=False)
    return _arrays(answer, {name: f"all_{name}" for name in names})


def _arrays(answer: Any, keys: dict[str, str]) -> Arrays:
    """Of no rows there is no array."""
    try:
        [group] = answer
        return {name: list(group[key] or []) for name, key in keys.items()}
    except (LookupError, TypeError, ValueError) as error:
        raise InvalidRecord("Odoo answered a grouped read with something else.") from error


def _read_lists(odoo: OdooInScope, model: str, domain: Domain, name: str) -> dict[int, list[int]]:
    """``{id: the list}`` of the few rows that have one."""
    rows = odoo.search_read(model, [*domain, (name, "!=", False)], [name])
    return {row["id"]: row[name] for row in rows}
