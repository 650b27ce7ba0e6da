"""What an Odoo offers beyond plain reads. It is found by trying, for no series says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from receiver.errors import MonitrError, RetryLater
from receiver.pull.extract.grouped import ReadGroups, formatted_read_group, read_group
from receiver.pull.scope import Domain, OdooInScope
from receiver.pull.transport.retry_policy import is_of_the_call

SMALL_MODEL = "res.currency"  # every user may read it
NOTHING: Domain = [("id", "=", 0)]
COUNT_OF_RECORDS = [("id", "count")]
WITHOUT_NAMES = {"load": ""}  # of what a many-to-one refers to; offered from 17 on


@dataclass(frozen=True)
class Offers:
    read_groups: ReadGroups | None = None
    says_nothing: bool = False  # what a sum over nothing is: not every Odoo can
    options: Mapping[str, Any] = field(default_factory=dict)  # of search_read

    def on(self, odoo: OdooInScope, model: str) -> "Offers":
        """What of it this model offers too: its own ``search_read`` may take less than others'."""
        options = self.options if self.options and _takes_options(odoo, model) else {}
        groups = self.read_groups
        if groups and self.says_nothing and _adds_nothing(odoo, groups, model):
            return Offers(groups, says_nothing=True, options=options)
        return Offers(
            groups if groups and _counts_one(odoo, groups, model) else None, options=options
        )


def find_offers(odoo: OdooInScope) -> Offers:
    """An Odoo that answers nothing at all offers nothing; the reads that follow say why."""
    ways = (formatted_read_group, read_group)
    read_groups = next((way for way in ways if _counts(odoo, way)), None)
    says_nothing = read_groups is not None and _adds_nothing(odoo, read_groups, SMALL_MODEL)
    options = WITHOUT_NAMES if _takes_options(odoo, SMALL_MODEL) else {}
    return Offers(read_groups, says_nothing, options)


def _counts(odoo: OdooInScope, read_groups: ReadGroups) -> bool:
    return _works(lambda: read_groups(odoo, SMALL_MODEL, [], [], COUNT_OF_RECORDS))


def _counts_one(odoo: OdooInScope, read_groups: ReadGroups, model: str) -> bool:
    """Tell whether records of a model can be counted. Of one without records nothing is asked: not
    every Odoo can say that there is none."""

    def count() -> bool:
        some = odoo.search_read(model, [], ["id"], limit=1)
        within = [("id", "=", row["id"]) for row in some]
        return not some or bool(read_groups(odoo, model, within, [], COUNT_OF_RECORDS))

    return _works(count)


def _adds_nothing(odoo: OdooInScope, read_groups: ReadGroups, model: str) -> bool:
    return _works(lambda: read_groups(odoo, model, NOTHING, [], [("id", "avg")]))


def _takes_options(odoo: OdooInScope, model: str) -> bool:
    return _works(lambda: odoo.search_read(model, [], ["id"], limit=1, **WITHOUT_NAMES) is not None)


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
