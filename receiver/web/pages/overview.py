"""The start: the chosen company at a glance, then every connection and how it does."""

from datetime import UTC, datetime

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from receiver.accounting.overview import Glance, at_a_glance
from receiver.db.accounting.ledger import Company
from receiver.db.engine import reading
from receiver.monitoring.connection_status import list_standings
from receiver.web.current import current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint
from receiver.web.pages.shared.companies import choose_company
from receiver.web.pages.shared.connection_filter import find
from receiver.web.pages.shared.jinja_filters import month
from receiver.web.pages.shared.viewer import choose_connection, current_viewer

overview = PagesBlueprint("overview", label=_l("Overview"), icon="overview")


@overview.get("/")
def show() -> Page:
    """``connection`` of the query names the one at a glance."""
    now = datetime.now(UTC)
    chosen = choose_connection(request.args.get("connection"))
    glance = company = None
    with reading(current_engine()) as db:
        standings = list_standings(db, current_viewer().connections, now)
        if chosen:
            company = choose_company(db, chosen)
        if chosen and company:
            glance = at_a_glance(db, chosen, company, now.date())
    return render_template(
        "pages/overview.html",
        found=find(standings),
        standing=next((each for each in standings if each.connection == chosen), None),
        glance=glance,
        chart=glance and company and _chart(glance, company),
    )


def _chart(glance: Glance, company: Company) -> dict[str, object]:
    values = [format(each.amount, "f") for each in glance.results]
    return {
        "kind": "bars",
        "labels": [month(each.month) for each in glance.results],
        "series": [{"label": _("Result"), "values": values}],
        "places": company.decimal_places or 0,
    }
