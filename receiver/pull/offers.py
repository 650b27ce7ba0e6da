"""What an Odoo offers beyond plain reads. It is found by trying, for no series says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from receiver.errors import MonitrError, RetryLater
from receiver.pull.grouped import ReadGroups, formatted_read_group, read_group
from receiver.pull.patience import is_of_the_call
from receiver.pull.scope import OdooInScope

SMALL_MODEL = "res.currency"  # every user may read it
WITHOUT_NAMES = {"load": ""}  # of what a many-to-one refers to; offered from 17 on


@dataclass(frozen=True)
class Offers:
    read_groups: ReadGroups | None = None
    says_nothing: bool = False  # what a sum over nothing is; XML-RPC of 14 to 16 cannot
    options: Mapping[str, Any] = field(default_factory=dict)  # of search_read


def find_offers(odoo: OdooInScope) -> Offers:
    """An Odoo that answers nothing at all offers nothing; the reads that follow say why."""
    ways = (formatted_read_group, read_group)
    read_groups = next((way for way in ways if _works(partial(_count, odoo, way))), None)
    says_nothing = read_groups is not None and _works(partial(_add_nothing, odoo, read_groups))
    has_load = _works(lambda: odoo.search_read(SMALL_MODEL, [], ["id"], limit=1, **WITHOUT_NAMES))
    return Offers(read_groups, says_nothing, WITHOUT_NAMES if has_load else {})


def _count(odoo: OdooInScope, read_groups: ReadGroups) -> object:
    return read_groups(odoo, SMALL_MODEL, [], [], [("name", "count")])


def _add_nothing(odoo: OdooInScope, read_groups: ReadGroups) -> object:
    return read_groups(odoo, SMALL_MODEL, [("id", "=", 0)], [], [("id", "avg")])


def _works(read: Callable[[], object]) -> bool:
    """Raises a RetryLater that says nothing of what is offered."""
    try:
        return bool(read())
    except RetryLater as error:
        if not is_of_the_call(error):
            raise
    except MonitrError:
        pass
    return False
