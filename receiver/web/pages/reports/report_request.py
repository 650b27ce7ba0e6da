"""The page of a report: what it is asked by its address, what else could be asked, and the snapshot
that it is read in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from typing import Any

import marshmallow as ma
from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection as Database

from receiver.accounting.ledger.general_ledger import LedgerQuestion
from receiver.accounting.shared.columns import By, Comparison
from receiver.accounting.shared.period_choices import (
    Choice,
    NamedPeriod,
    named_periods,
    year_to_date,
)
from receiver.accounting.shared.periods import Period, checked_period, last_of_month, next_year_end
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import STATEMENTS
from receiver.accounting.statements.drill_down import (
    FIGURE_PARAMETERS,
    TOTALS,
    Figure,
    find_figure,
)
from receiver.accounting.structures.structure import Structure
from receiver.accounting.structures.structure_store import (
    NamedStructure,
    list_structures,
    only_structure,
)
from receiver.db.accounting.ledger import Company, find_period, list_companies
from receiver.db.connections.connections import Connection
from receiver.db.proof.proofs import Proof, find_last_proof
from receiver.errors import DifferentCurrencies, InvalidQuery
from receiver.invalid import first_error
from receiver.web.current import request_snapshot, snapshot_ending
from receiver.web.exports import Table, table_answer
from receiver.web.media_types import Format
from receiver.web.pages.shared.blueprint import Page
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import get_viewed_connection
from receiver.web.paging import PlaceCursor
from receiver.web.query import Ids, format_parameter, id_of, period_parameters

FIRST_YEAR = 1900  # what is dated before it is a slip of the pen
TOP, LINES, ACCOUNTS = "top", "lines", "accounts"  # how far a report is opened

Title = str | LazyString


class ReportQuery(ma.Schema):
    """Query of every report's page, so that what was chosen on one stays on the next."""

    company_id = Ids("Companies of one currency")
    comparison = ma.fields.Enum(Comparison, by_value=True)
    by = ma.fields.Enum(By, by_value=True)
    structure_id = id_of("The reporting structure")
    plan_id = id_of("The analytic plan")
    analytic_account_id = id_of("The analytic account whose items are shown")
    detail = ma.fields.String(validate=ma.validate.OneOf([TOP, LINES, ACCOUNTS]))
    turned = Ids("Lines that are opened or closed other than `detail` says")
    zeros = ma.fields.String(validate=ma.validate.OneOf(["yes"]))
    with_closings = ma.fields.String(validate=ma.validate.OneOf(["yes"]))
    account_id = Ids("Accounts of the general ledger")
    line_id = id_of("The line whose items are shown")
    unmapped = ma.fields.String(validate=ma.validate.OneOf(STATEMENTS))
    total = ma.fields.String(validate=ma.validate.OneOf(TOTALS))
    cursor = PlaceCursor()
    format = format_parameter(Format.CSV, Format.XLSX)


QUERY = ReportQuery.from_dict(period_parameters())(unknown=ma.EXCLUDE)
KEPT = (
    "company_id",
    "from",
    "to",
    "comparison",
    "by",
    "structure_id",
    "detail",
    "zeros",
    "with_closings",
)
NARROWED = ("plan_id", "analytic_account_id", "account_id", *FIGURE_PARAMETERS)  # what is shown


@dataclass(frozen=True)
class Asked:
    connection: Connection
    companies: Sequence[Company]  # that there are
    company_ids: tuple[int, ...]
    period: Period
    structures: Sequence[NamedStructure]  # that there are
    structure: NamedStructure | None
    query: Mapping[str, Any]  # ReportQuery's values
    error: InvalidQuery | None  # of a value that could not be read
    proof: Proof | None  # the last one
    odd_dates: tuple[date, ...]  # of journal items that are in no period that people look at

    @property
    def company(self) -> Company:
        """The first one: its fiscal year counts, and its currency."""
        return next(each for each in self.companies if each.id == self.company_ids[0])

    @property
    def structure_options(self) -> list[tuple[int, str]]:
        return [(each.structure_id, each.name) for each in self.structures]

    @property
    def with_closings(self) -> bool:
        return "with_closings" in self.query

    @property
    def question(self) -> StatementQuestion:
        return StatementQuestion(
            self.period.from_date,
            self.period.to_date,
            self.company_ids,
            self.query.get("comparison"),
            self.query.get("by", By.MONTH),
            self.with_closings,
        )

    @property
    def ledger_question(self) -> LedgerQuestion:
        """The accounts that are asked for, or all; a figure narrows it further."""
        return LedgerQuestion(
            self.company_ids,
            self.period.from_date,
            self.period.to_date,
            self.query.get("account_id"),
            with_closings=self.with_closings,
        )

    @property
    def chosen_structure(self) -> Structure:
        """Raises InvalidQuery where the connection has no structure."""
        return (self.structure or only_structure(self.structures)).structure

    @cached_property
    def figure(self) -> Figure | None:
        """Figure to be opened; None where accounts are. Raises InvalidQuery and NotFound."""
        if not any(name in self.query for name in FIGURE_PARAMETERS):
            return None
        return find_figure(self.chosen_structure, self.query)

    def address(self, endpoint: str, **changed: object) -> str:
        """A page that is asked the same, but for what is changed; None is left away."""
        names = (*KEPT, "plan_id") if "dimensions" in endpoint else KEPT
        kept = {name: _written(self.query[name]) for name in names if name in self.query}
        days = {"from": self.period.from_date.isoformat(), "to": self.period.to_date.isoformat()}
        values: dict[str, Any] = {"connection": self.connection.name, **kept, **days, **changed}
        return url_for(endpoint, **values)

    def address_here(self, **changed: object) -> str:
        """The page looked at, as narrowed as it is."""
        narrowed = {name: _written(self.query[name]) for name in NARROWED if name in self.query}
        here = {**(request.view_args or {}), **narrowed}
        return self.address(request.endpoint or "", **{**here, **changed})

    def turn(self, id: int) -> str:
        """The page looked at, with this line opened where it is closed, or closed."""
        turned = set(self.query.get("turned", ())) ^ {id}
        return self.address_here(turned=",".join(map(str, sorted(turned))) or None)


def report_page(
    connection: str,
    title: Title,
    page_of: Callable[[Database, Asked], Page | Table],
    template_of: Callable[..., str] | None = None,
) -> Page:
    """The page of what is asked, or what to choose otherwise. Raises NotFound.

    All of it is read in one snapshot. A table is taken away in the format that is asked for.
    ``template_of`` is called as report_template is, but for the title, and adds to it.
    """
    template_of = template_of or partial(report_template, title=title)
    chosen = get_viewed_connection(connection)
    with request_snapshot() as db:
        asked = read_asked(db, chosen)
        if asked is None:
            return render_template("pages/report_empty.html", title=title)
        try:
            if asked.error:
                raise asked.error
            page = page_of(db, asked)
            if isinstance(page, Table):
                return table_answer(Format(asked.query["format"]), page, snapshot_ending())
            return page
        except (InvalidQuery, DifferentCurrencies) as error:
            return template_of("pages/report.html", asked, error=sentence_of(error)), 422


def report_template(template: str, asked: Asked, title: Title, **more: object) -> str:
    return render_template(
        template,
        asked=asked,
        title=title,
        company_options=company_options(asked.companies),
        period_options=period_options(asked),
        company_names=[each.name for each in asked.companies if each.id in asked.company_ids],
        **more,
    )


def read_asked(db: Database, connection: Connection, today: date | None = None) -> Asked | None:
    """None where no company has arrived yet. A wrong value is left away, and told in ``error``."""
    companies = list_companies(db, connection.id)
    if not companies:
        return None
    query, error = _read_query()
    known = {company.id for company in companies}
    company_ids = tuple(id for id in query.get("company_id", ()) if id in known)
    if len(company_ids) < len(query.get("company_id", ())):
        error = error or InvalidQuery("There is no such company here. Choose one.")
    g.chosen_company_id = next(iter(company_ids), None)
    company_ids = company_ids or (companies[0].id,)
    structures = list_structures(db, connection.id)
    chosen = [each for each in structures if each.structure_id == query.get("structure_id")]
    company = next(each for each in companies if each.id == company_ids[0])
    now = today or datetime.now(UTC).date()
    stored = find_period(db, connection.id, company_ids)
    default = _default_period(company, stored[1], now)
    try:
        period = checked_period(
            query.get("from", default.from_date), query.get("to", default.to_date)
        )
    except InvalidQuery as wrong:
        error, period = error or wrong, default
    return Asked(
        connection,
        companies,
        company_ids,
        period,
        structures,
        next(iter([*chosen, *structures]), None),
        query,
        error,
        find_last_proof(db, connection.id),
        odd_dates=_odd_dates(company, period, stored, now),
    )


def company_options(companies: Iterable[Company]) -> list[tuple[str, str]]:
    """Values and labels: each, and all of a currency together: no others can be added up."""
    companies = list(companies)
    options = [(str(each.id), each.name or str(each.id)) for each in companies]
    for currency in dict.fromkeys(each.currency for each in companies if each.currency):
        ids = [str(each.id) for each in companies if each.currency == currency]
        if len(ids) > 1:
            label = _("All in %(currency)s (%(count)s)", currency=currency, count=len(ids))
            options.append((",".join(ids), label))
    return options


def period_options(asked: Asked) -> list[tuple[str, NamedPeriod]]:
    words = {
        Choice.THIS_MONTH: _("This month"),
        Choice.LAST_MONTH: _("Last month"),
        Choice.THIS_QUARTER: _("This quarter"),
        Choice.LAST_QUARTER: _("Last quarter"),
        Choice.YEAR_TO_DATE: _("Year to date"),
        Choice.THIS_YEAR: _("This fiscal year"),
        Choice.LAST_YEAR: _("Last fiscal year"),
        Choice.LAST_12_MONTHS: _("Last 12 months"),
    }
    found = named_periods(asked.company, datetime.now(UTC).date())
    return [(words[each.choice], each) for each in found]


def _read_query() -> tuple[dict[str, Any], InvalidQuery | None]:
    given = {name: value for name, value in request.args.items() if value}
    try:
        return QUERY.load(given), None
    except ma.ValidationError as error:
        name = first_error(error)[0].removeprefix("/")
        known = {each: value for each, value in given.items() if each not in error.messages_dict}
        return QUERY.load(known), InvalidQuery(
            "%(value)s is not possible as %(parameter)s. Choose another value.",
            path=name,
            value=given.get(name, ""),
            parameter=name,
        )


def _default_period(company: Company, last: date | None, today: date) -> Period:
    """The fiscal year up to today, or up to the last month that has something."""
    return year_to_date(company, min(today, last_of_month(last)) if last else today)


def _odd_dates(
    company: Company, period: Period, stored: tuple[date | None, date | None], today: date
) -> tuple[date, ...]:
    """The first and the last date of what is stored, where it is a slip of the pen and not within
    the period."""
    first, last = stored
    is_odd = {
        first: first and first.year < FIRST_YEAR and first < period.from_date,
        last: last and last > max(next_year_end(company, today), period.to_date),
    }
    return tuple(day for day in is_odd if day and is_odd[day])


def _written(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
