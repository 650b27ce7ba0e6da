"""Grouped reads of old and new Odoos give the same groups; other answers are refused."""

from collections.abc import Sequence
from typing import Any

import pytest
from monitr_wire.streams import JOURNAL_ITEMS

from receiver.errors import InvalidRecord
from receiver.pull.extract.capabilities import (
    COUNT,
    MONTH_OF_DATE,
    formatted_read_group,
    read_group,
)
from receiver.pull.extract.odoo_aggregates import parts_of
from receiver.pull.scope import OdooInScope, Scope

GROUPBY = ["account_id", MONTH_OF_DATE]
AGGREGATES = [("debit", "sum"), ("partner_id", "count")]
EXPECTED = {
    ("debit", "sum"): 1.5,
    ("partner_id", "count"): 2,
    COUNT: 3,
    "account_id": [7, "101000 Stock"],
    MONTH_OF_DATE: "2026-02",
}
OF_19 = {
    **{"debit:sum": 1.5, "partner_id:count": 2, "__count": 3},
    **{"account_id": [7, "101000 Stock"], "date:month": ["2026-02-01", "février 2026"]},
    "__extra_domain": [],
}
OF_14 = {
    **{"sum_of_debit": 1.5, "count_of_partner_id": 2, "__count": 3},
    **{"account_id": [7, "101000 Stock"], "date:month": "février 2026"},
    "__domain": [
        *("&", "&", ["account_id", "=", 7], "&"),
        *(["date", ">=", "2026-02-01"], ["date", "<", "2026-03-01"]),
        ["parent_state", "=", "posted"],
    ],
}


class Answering:
    series = "19.0"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        return self.answer


def answering(answer: Any) -> OdooInScope:
    return OdooInScope(Answering(answer), Scope((1,), "fr_FR"))


@pytest.mark.parametrize(("way", "row"), [(formatted_read_group, OF_19), (read_group, OF_14)])
def test_a_month_is_named_whatever_the_language(way: Any, row: Any) -> None:
    assert way(answering([row]), "account.move.line", [], GROUPBY, AGGREGATES) == [EXPECTED]


def test_a_start_date_in_the_middle_of_a_month_does_not_hide_the_month() -> None:
    for start in ("2026-02-15", "2024-01-31"):
        row = {**OF_14, "__domain": [*OF_14["__domain"], ["date", ">=", start]]}

        [group] = read_group(answering([row]), "account.move.line", [], GROUPBY, AGGREGATES)

        assert group[MONTH_OF_DATE] == "2026-02"


def test_a_month_is_told_from_the_other_months_that_were_asked_for() -> None:
    [(_, within)] = parts_of(JOURNAL_ITEMS, ["1/7/2026-02", "1/7/2026-03", "1/8/2026-12"])
    asked = [list(each) if isinstance(each, tuple) else each for each in within]
    row = {**OF_14, "__domain": [*OF_14["__domain"], *asked]}

    [group] = read_group(answering([row]), "account.move.line", within, GROUPBY, AGGREGATES)

    assert group[MONTH_OF_DATE] == "2026-02"


@pytest.mark.parametrize("way", [formatted_read_group, read_group])
def test_a_year_before_1000_may_be_written_without_its_zeros(way: Any) -> None:
    days = [["date", ">=", "202-02-01"], ["date", "<", "202-03-01"]]
    row = {**OF_19, "date:month": ["202-02-01", "f 202"]}
    if way is read_group:
        row = {**OF_14, "__domain": ["&", *days]}

    [group] = way(answering([row]), "account.move.line", [], GROUPBY, AGGREGATES)

    assert group[MONTH_OF_DATE] == "0202-02"


@pytest.mark.parametrize(
    ("month", "days"),
    [
        ("2026-12", [("date", ">", "2026-11-30"), ("date", "<", "2027-01-01")]),
        ("0001-01", [("date", "<", "0001-02-01")]),
        ("0202-03", [("date", ">", "0202-02-28"), ("date", "<", "0202-04-01")]),
        ("9999-12", [("date", ">", "9999-11-30")]),
    ],
)
def test_a_month_is_asked_for_by_days_that_there_are(month: str, days: Any) -> None:
    [(_, within)] = parts_of(JOURNAL_ITEMS, [f"1/7/{month}"])

    assert [each for each in within if each[0] == "date"] == days


@pytest.mark.parametrize("way", [formatted_read_group, read_group])
@pytest.mark.parametrize("answer", [None, 7, "groups", [7], [{}], [None], [{"__count": None}]])
def test_an_answer_that_is_no_groups_is_refused(way: Any, answer: Any) -> None:
    with pytest.raises(InvalidRecord):
        way(answering(answer), "account.move.line", [], GROUPBY, AGGREGATES)
