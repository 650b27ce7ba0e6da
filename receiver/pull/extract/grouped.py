"""Grouped reads: what Odoo's database adds up, by rights and record rules as in any other read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from receiver.errors import InvalidRecord
from receiver.pull.extract.values import padded_date
from receiver.pull.scope import Domain, OdooInScope, Row
from receiver.pull.transport.response_checks import UNREADABLE

MONTH_OF_DATE = "date:month"
COUNT = "__count"

Aggregate = tuple[str, str]  # (Odoo field, function of the database): ("debit", "sum")


class GroupedRow(dict[str | Aggregate, Any]):
    """``{what it is grouped by, or the aggregate, or COUNT: value}``, a month as "2026-11"."""


ReadGroups = Callable[
    [OdooInScope, str, Domain, Sequence[str], Sequence[Aggregate]], list[GroupedRow]
]


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
