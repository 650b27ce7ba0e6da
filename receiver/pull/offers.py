"""What an Odoo offers beyond plain reads. It is found by trying, for no series says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from receiver.errors import MonitrError
from receiver.pull.bulk import ReadArrays, formatted_read_group, read_group
from receiver.pull.scope import OdooInScope

SMALL_MODEL = "res.currency"  # every user may read it
WITHOUT_NAMES = {"load": ""}  # of what a many-to-one refers to; offered from 17 on


@dataclass(frozen=True)
class Offers:
    read_arrays: ReadArrays | None = None  # whole columns at once
    options: Mapping[str, Any] = field(default_factory=dict)  # of search_read


def find_offers(odoo: OdooInScope) -> Offers:
    """An Odoo that answers nothing at all offers nothing; the reads that follow say why."""
    ways = (formatted_read_group, read_group)
    read_arrays = next((way for way in ways if _works(partial(_read_ids, odoo, way))), None)
    has_load = _works(lambda: odoo.search_read(SMALL_MODEL, [], ["id"], limit=1, **WITHOUT_NAMES))
    return Offers(read_arrays, WITHOUT_NAMES if has_load else {})


def _read_ids(odoo: OdooInScope, read_arrays: ReadArrays) -> object:
    return read_arrays(odoo, SMALL_MODEL, [], ("id",))["id"]


def _works(read: Callable[[], object]) -> bool:
    try:
        return bool(read())
    except MonitrError:
        return False
