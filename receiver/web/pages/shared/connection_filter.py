"""Find among many connections those that are looked for: what needs care first, by name, page by
page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import marshmallow as ma
from flask import request, url_for
from flask_babel import gettext as _

from receiver.monitoring.connection_status import Care, Standing
from receiver.web.pages.shared.numbered_pages import NumberedPage, numbered_page
from receiver.web.pages.shared.request_fields import Stripped, read_query

FEW = 6  # are seen at a glance: nothing is offered to find them by
PER_PAGE = 50
QUERY = ma.Schema.from_dict({"find": Stripped(), "care": ma.fields.String(load_default=None)})()
KEPT = ("find", "care", "page", "connection", "company_id")  # of the address, by the next one


@dataclass(frozen=True)
class Tally:
    """How many need this care."""

    label: str
    count: int
    address: str  # of these alone
    is_chosen: bool


@dataclass(frozen=True)
class Found:
    page: NumberedPage[Standing]
    wanted: str  # a part of a name
    is_offered: bool
    tallies: list[Tally]


def find(standings: Sequence[Standing]) -> Found:
    """Find as the query's ``find``, ``care`` and ``page`` ask."""
    query = read_query(QUERY)
    wanted, care = query["find"], query["care"]
    named = [each for each in standings if _is_called(each, wanted)]
    chosen = [each for each in named if care in (None, each.care.value)]
    chosen.sort(key=lambda each: (list(Care).index(each.care), each.connection.name.casefold()))

    def read(limit: int, offset: int) -> list[Standing]:
        return chosen[offset : offset + limit]

    return Found(
        page=numbered_page(read, PER_PAGE, _address),
        wanted=wanted,
        is_offered=len(standings) > FEW,
        tallies=_tallies(named, care),
    )


def _is_called(standing: Standing, wanted: str) -> bool:
    names = (standing.connection.name, *(company.name or "" for company in standing.companies))
    return any(wanted.casefold() in name.casefold() for name in names)


def _tallies(standings: Sequence[Standing], chosen: str | None) -> list[Tally]:
    counts = Counter(each.care for each in standings)
    words = {
        Care.FAILING: _("Failing"),
        Care.WARNED: _("To look at"),
        Care.WAITING: _("Waiting for the first contact"),
        Care.WELL: _("Well"),
        Care.REMOVED: _("Not connected"),
    }
    everything = Tally(_("All"), len(standings), _address(care=None, page=None), chosen is None)
    return [everything] + [
        Tally(words[care], counts[care], _address(care=care.value, page=None), chosen == care)
        for care in Care
        if counts[care] or care is Care.FAILING
    ]


def _address(**changed: str | int | None) -> str:
    """Address of the page looked at, otherwise asked; what its path names is not taken from the
    query."""
    kept = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for(request.endpoint or "", **{**kept, **(request.view_args or {}), **changed})
