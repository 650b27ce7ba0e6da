"""What an Odoo offers beyond plain reads: grouped reads, and by them whole columns. It is found by
trying, for no series says so.

Grouped reads are what Odoo's database adds up, by rights and record rules as in any other read.
Without a group they give each field's values as one array, and no records are made of the rows: an
order of magnitude faster than ``search_read``. No documentation promises it, so what it gives is
compared with ``search_read`` before it is relied on (read.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from receiver.errors import InvalidRecord, MonitrError, RetryLater
from receiver.pull.extract.fields import StreamInOdoo
from receiver.pull.extract.values import padded_date
from receiver.pull.scope import Domain, OdooInScope, Row
from receiver.pull.transport.client import UNREADABLE, distrusting
from receiver.pull.transport.retry_policy import is_of_the_call

MONTH_OF_DATE = "date:month"
COUNT = "__count"
ARRAY = "array_agg"

SMALL_MODEL = "res.currency"  # every user may read it
NOTHING: Domain = [("id", "=", 0)]
COUNT_OF_RECORDS = [("id", "count")]
WITHOUT_NAMES = {"load": ""}  # of what a many-to-one refers to; offered from 17 on

Aggregate = tuple[str, str]  # (Odoo field, function of the database): ("debit", "sum")


class GroupedRow(dict[str | Aggregate, Any]):
    """``{what it is grouped by, or the aggregate, or COUNT: value}``, a month as "2026-11"."""


ReadGroups = Callable[
    [OdooInScope, str, Domain, Sequence[str], Sequence[Aggregate]], list[GroupedRow]
]


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


def formatted_read_group(
    odoo: OdooInScope,
    model: str,
    domain: Domain,
    groupby: Sequence[str],
    aggregates: Sequence[Aggregate],
) -> list[GroupedRow]:
    """Read groups by formatted_read_group, from Odoo 19 on."""
    keys = {each: "{}:{}".format(*each) for each in aggregates}
    wanted = [COUNT, *keys.values()]
    answer = odoo.call(
        model, "formatted_read_group", domain=domain, groupby=list(groupby), aggregates=wanted
    )
    return _groups(answer, groupby, keys, lambda row: _month_of(row[MONTH_OF_DATE][0]))


def read_group(
    odoo: OdooInScope,
    model: str,
    domain: Domain,
    groupby: Sequence[str],
    aggregates: Sequence[Aggregate],
) -> list[GroupedRow]:
    """Until 19. Under names of our own: those of fields are taken."""
    keys = {(name, function): f"{function}_of_{name}" for name, function in aggregates}
    fields = [f"{keys[each]}:{each[1]}({each[0]})" for each in aggregates]
    answer = odoo.call(
        model, "read_group", domain=domain, fields=fields, groupby=list(groupby), lazy=False
    )
    return _groups(answer, groupby, keys, _month)


def _groups(
    answer: Any,
    groupby: Sequence[str],
    keys: Mapping[Aggregate, str],
    month_of: Callable[[Row], str],
) -> list[GroupedRow]:
    try:
        return [_group(row, groupby, keys, month_of) for row in answer]
    except UNREADABLE as error:
        raise InvalidRecord("Odoo answered a grouped read with something else.") from error


def _group(
    row: Row,
    groupby: Sequence[str],
    keys: Mapping[Aggregate, str],
    month_of: Callable[[Row], str],
) -> GroupedRow:
    group = GroupedRow({each: row[key] for each, key in keys.items()})
    group[COUNT] = int(row[COUNT])
    for name in groupby:
        group[name] = month_of(row) if name == MONTH_OF_DATE else row[name]
    return group


def _month(row: Row) -> str:
    """The group's own label is in the user's language; the rows in it are named exactly. What was
    asked stands there too: a start date at most, which is then in the same month or before."""
    return max(_month_of(each[2]) for each in row["__domain"] if each[:2] == ["date", ">="])


def _month_of(day: str) -> str:
    return padded_date(day)[: len("2026-11")]


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
