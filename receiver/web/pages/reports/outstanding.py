"""Outstanding items: who owes what since when, as of any date, down to the invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from receiver.accounting.open_items.ageing import AGES, OLDEST
from receiver.accounting.open_items.ageing_report import (
    PAYABLE,
    RECEIVABLE,
    Asked,
    Debtor,
    Outstanding,
    PartnerItem,
    TrendPoint,
    outstanding,
    outstanding_with_trend,
    partner_items,
)
from receiver.accounting.shared.periods import DAY, fiscal_year_start, month_after
from receiver.db.accounting.ledger import Company
from receiver.db.accounting.open_items import NO_PARTNER, AgedFrom
from receiver.db.connections.connections import Connection
from receiver.errors import NotFound
from receiver.messages import Sentence
from receiver.web.current import request_snapshot
from receiver.web.exports import Table, table_answer
from receiver.web.media_types import Format
from receiver.web.pages.shared.blueprint import Page, ReportsBlueprint, is_htmx
from receiver.web.pages.shared.companies import choose_company
from receiver.web.pages.shared.jinja_filters import month
from receiver.web.pages.shared.request_fields import Text, WholeNumber, read_query
from receiver.web.pages.shared.viewer import choose_connection, get_viewed_connection
from receiver.web.paging import read_page
from receiver.web.query import id_in_path

PARTNERS_AT_ONCE = 50
TOP = 10  # partners in the chart
ALL_AGES = (*AGES, OLDEST)
MOST_PARTNERS = 10**9
EXPORTS = (Format.CSV, Format.XLSX)
ITEM_COLUMNS = (
    "number",
    "reference",
    "label",
    "date",
    "invoice_date",
    "due_date",
    "days_overdue",
    "age",
    "account_code",
    "amount",
    "open_amount",
    "currency",
    "amount_currency",
    "open_amount_currency",
)

outstanding_items = ReportsBlueprint("outstanding", label=_l("Outstanding"), icon="outstanding")


class DashboardQuery(ma.Schema):
    type = ma.fields.String(
        load_default=RECEIVABLE,
        validate=ma.validate.OneOf(
            (RECEIVABLE, PAYABLE), error=Sentence("Choose receivables or payables.").text
        ),
    )
    as_of = ma.fields.Date(
        load_default=None,
        pre_load=lambda text: text or None,
        error_messages={"invalid": Sentence("Name the day like 2025-12-31.").text},
    )
    aged_from = ma.fields.Enum(
        AgedFrom,
        by_value=True,
        load_default=AgedFrom.DUE_DATE,
        error_messages={"unknown": Sentence("Choose due_date or invoice_date.").text},
    )
    format = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(EXPORTS, error=Sentence("Choose csv or xlsx.").text),
    )
    search = Text()  # a part of a partner's name
    first = WholeNumber(0, MOST_PARTNERS)  # of the partners shown


QUERY = DashboardQuery()


@dataclass(frozen=True)
class Part:
    """Part of a long list: what is shown, and where the next part begins, if there is one."""

    partners: Sequence[Debtor]
    next_first: int | None


@outstanding_items.get("/outstanding/", defaults={"connection": None})
@outstanding_items.get("/outstanding/<connection>/")
def show(connection: str | None) -> Page:
    chosen = choose_connection(connection)
    with request_snapshot() as db:
        company = choose_company(db, chosen) if chosen else None
        if chosen is None or company is None:
            return render_template("pages/outstanding_empty.html")
        query = read_query(QUERY)
        asked = _asked(company, query)
        if query["format"]:
            found = outstanding(db, chosen, asked)
            table = _partners_table(asked, _searched(found.partners, query["search"]))
            return table_answer(Format(query["format"]), table)
        if is_htmx():
            offered = _offered(asked, outstanding(db, chosen, asked), query)
            return render_template("pages/outstanding_partners.html", **offered)
        found, points = outstanding_with_trend(db, chosen, asked)
    return render_template(
        "pages/outstanding.html",
        **_offered(asked, found, query),
        asked=asked,
        found=found,
        today=points[-1],
        charts=_charts(asked, found, points),
        columns=_columns(asked),
        bases=_bases(asked),
        days=_quick_days(company),
        tabs=_tabs(chosen, asked),
    )


@outstanding_items.get("/outstanding/<connection>/partners/<partner>")
def show_partner(connection: str, partner: str) -> Page:
    """``partner`` is its id, or "none" for the items without one."""
    chosen = get_viewed_connection(connection)
    partner_id = NO_PARTNER if partner == "none" else id_in_path(partner)
    with request_snapshot() as db:
        company = choose_company(db, chosen)
        if company is None:
            raise NotFound("This connection has no company yet.")
        query = read_query(QUERY)
        asked = _asked(company, query)
        found = partner_items(db, chosen, asked, partner_id)
    if query["format"]:
        return table_answer(Format(query["format"]), _items_table(asked, found.items))
    return render_template(
        "pages/outstanding_partner.html",
        asked=asked,
        found=found,
        query=_query(asked),
    )


def _offered(asked: Asked, found: Outstanding, query: Mapping[str, Any]) -> dict[str, Any]:
    """What the table of partners is made of."""
    return {
        "ages": age_names(asked),
        "query": _query(asked),
        "search": query["search"],
        "part": _part(_searched(found.partners, query["search"]), query["first"]),
    }


def age_names(asked: Asked) -> dict[str, str]:
    is_by_invoice = asked.aged_from is AgedFrom.INVOICE_DATE
    return {
        "not_due": _("At date") if is_by_invoice else _("Not due"),
        "days_1_30": _("1-30 days"),
        "days_31_60": _("31-60 days"),
        "days_61_90": _("61-90 days"),
        "days_91_120": _("91-120 days"),
        OLDEST: _("Over 120 days"),
    }


def _asked(company: Company, query: Mapping[str, Any]) -> Asked:
    return Asked(company, query["type"], query["as_of"] or _today(), query["aged_from"])


def _today() -> date:
    return datetime.now(UTC).date()


def _query(asked: Asked) -> dict[str, Any]:
    """What every link of the dashboard keeps."""
    query = {"company_id": asked.company.id, "type": asked.type, "as_of": asked.as_of.isoformat()}
    is_usual = asked.aged_from is AgedFrom.DUE_DATE
    return query if is_usual else {**query, "aged_from": asked.aged_from.value}


def _bases(asked: Asked) -> list[tuple[str, AgedFrom, bool]]:
    """What ages can count from."""
    names = {AgedFrom.DUE_DATE: _("Due date"), AgedFrom.INVOICE_DATE: _("Invoice date")}
    return [(name, each, each is asked.aged_from) for each, name in names.items()]


def _quick_days(company: Company) -> list[tuple[str, date]]:
    today = _today()
    return [
        (_("Today"), today),
        (_("Last month end"), month_after(today, 0) - DAY),
        (_("Last year end"), fiscal_year_start(company, today) - DAY),
    ]


def _tabs(connection: Connection, asked: Asked) -> list[tuple[str, str, bool]]:
    names = {RECEIVABLE: _("Receivables"), PAYABLE: _("Payables")}
    return [
        (
            name,
            url_for(
                "outstanding_pages.show",
                connection=connection.name,
                **{**_query(asked), "type": type},
            ),
            type == asked.type,
        )
        for type, name in names.items()
    ]


def _searched(partners: Sequence[Debtor], search: str) -> list[Debtor]:
    wanted = search.strip().casefold()
    return [each for each in partners if wanted in (each.partner or "").casefold()]


def _part(partners: Sequence[Debtor], first: int) -> Part:
    shown, has_more = read_page(lambda limit: partners[first : first + limit], PARTNERS_AT_ONCE)
    return Part(shown, first + PARTNERS_AT_ONCE if has_more else None)


def _columns(asked: Asked) -> list[tuple[str, str]]:
    """Columns of the table of partners, as the macro takes them."""
    ages = ((name, "number") for name in age_names(asked).values())
    return [(_("Partner"), "name"), *ages, (_("Total"), "number")]


def _charts(
    asked: Asked, found: Outstanding, points: Sequence[TrendPoint]
) -> dict[str, dict[str, object]]:
    """Charts by name, in the order in which they are shown."""
    names = age_names(asked)
    top = found.partners[:TOP]
    charts: dict[str, dict[str, object]] = {
        "ages": {
            "kind": "bars",
            "labels": [*names.values()],
            "series": [_series(_("Open"), [getattr(found.total, age) for age in names])],
        },
        "top": {
            "kind": "stacked",
            "labels": [each.partner or _("Without a partner") for each in top],
            "series": [
                _series(name, [getattr(each, age) for each in top]) for age, name in names.items()
            ],
        },
        "trend": {
            "kind": "stacked",
            "labels": [month(point.day) for point in points],
            "series": [
                _series(_("Not due"), [point.not_due for point in points]),
                _series(_("Overdue"), [point.overdue for point in points]),
            ],
        },
    }
    return {
        name: {**chart, "places": asked.company.decimal_places or 0}
        for name, chart in charts.items()
    }


def _series(label: str, amounts: Sequence[Decimal]) -> dict[str, object]:
    return {"label": label, "values": [format(amount, "f") for amount in amounts]}


def _partners_table(asked: Asked, partners: Sequence[Debtor]) -> Table:
    columns = ("partner_id", "partner", *ALL_AGES, "total")
    rows = [
        (each.partner_id, each.partner, *(getattr(each, age) for age in (*ALL_AGES, "total")))
        for each in partners
    ]
    return Table(f"{asked.type}s-{asked.as_of}", columns, [rows])


def _items_table(asked: Asked, items: Sequence[PartnerItem]) -> Table:
    rows = [[getattr(item, column) for column in ITEM_COLUMNS] for item in items]
    return Table(f"open-items-{asked.as_of}", ITEM_COLUMNS, [rows])
