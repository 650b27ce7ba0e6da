"""What the last runs cost, as charts: the seconds that each took, and the records it brought."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext as _

from receiver.db.pull.pull_runs import PullRun, RunState
from receiver.db.store.receipts import Push

FEWEST = 2  # one bar alone shows nothing
TENTH = Decimal("0.1")

Chart = dict[str, object]  # see the macro `chart` in templates/pages/parts.html


@dataclass(frozen=True)
class RunCost:
    began_at: datetime
    seconds: Decimal
    record_count: int
    has_failed: bool


def costs_of_pulls(runs: Iterable[PullRun]) -> list[RunCost]:
    """Costs of those that came to an end by themselves, the oldest first."""
    ended = [each for each in runs if each.state in (RunState.SUCCEEDED, RunState.FAILED)]
    return [
        RunCost(
            each.started_at,
            _tenths(each.seconds_at(each.finished_at) or 0),
            each.record_count,
            has_failed=each.state == RunState.FAILED,
        )
        for each in reversed(ended)
        if each.started_at and each.finished_at
    ]


def costs_of_pushes(pushes: Sequence[Push]) -> list[RunCost]:
    """The oldest first. Of a push that failed, only what it brought is known."""
    return [
        RunCost(each.began_at, _tenths(each.seconds), each.received_count, has_failed=False)
        for each in reversed(pushes)
    ]


def charts_of(costs: Sequence[RunCost]) -> list[tuple[str, Chart]]:
    """``(caption, chart)`` of each; none where there is nothing to compare."""
    if len(costs) < FEWEST:
        return []
    seconds = [each.seconds for each in costs]
    records = [Decimal(each.record_count) for each in costs]
    return [
        (_("Seconds of the last runs"), _chart(costs, _("Seconds"), seconds, places=1)),
        (_("Records of the last runs"), _chart(costs, _("Records"), records, places=0)),
    ]


def _chart(
    costs: Sequence[RunCost], label: str, values: Sequence[Decimal], *, places: int
) -> Chart:
    failed = [
        format(value, "f") if cost.has_failed else None
        for cost, value in zip(costs, values, strict=True)
    ]
    marks = [{"label": _("Failed"), "values": failed, "are_marks": True}] if any(failed) else []
    return {
        "kind": "bars",
        "labels": [each.began_at.isoformat() for each in costs],
        "are_moments": True,
        "series": [{"label": label, "values": [format(each, "f") for each in values]}, *marks],
        "places": places,
    }


def _tenths(seconds: float) -> Decimal:
    return Decimal(seconds).quantize(TENTH)
