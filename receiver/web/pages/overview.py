"""The start: the chosen company at a glance, then every connection and how it does."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.engine import reading
from receiver.db.ledger import Company, list_companies
from receiver.db.proofs import Proof, find_last_proof, find_last_tie_out
from receiver.report.glance import Glance, at_a_glance
from receiver.report.health import Health, find_health
from receiver.web.current import current_engine
from receiver.web.pages.blueprint import Page, PagesBlueprint
from receiver.web.pages.companies import choose_company
from receiver.web.pages.formats import month
from receiver.web.pages.viewer import choose_connection, current_viewer

overview = PagesBlueprint("overview", label=_l("Overview"), icon="overview")


@dataclass(frozen=True)
class Summary:
    connection: Connection
    companies: list[Company]
    health: Health
    proof: Proof | None  # the newest
    tied_out_at: datetime | None


@overview.get("/")
def show() -> Page:
    """``connection`` of the query names the one at a glance."""
    now = datetime.now(UTC)
    chosen = choose_connection(request.args.get("connection"))
    glance = company = None
    with reading(current_engine()) as db:
        summaries = [_summary(db, each, now) for each in current_viewer().connections]
        if chosen:
            company = choose_company(db, chosen)
        if chosen and company:
            glance = at_a_glance(db, chosen, company, now.date())
    return render_template(
        "pages/overview.html",
        summaries=summaries,
        summary=next((each for each in summaries if each.connection == chosen), None),
        glance=glance,
        chart=glance and company and _chart(glance, company),
    )


def _summary(db: Database, connection: Connection, now: datetime) -> Summary:
    return Summary(
        connection,
        list_companies(db, connection.id),
        find_health(db, connection, now),
        find_last_proof(db, connection.id),
        find_last_tie_out(db, connection.id, now),
    )


def _chart(glance: Glance, company: Company) -> dict[str, object]:
    values = [format(each.amount, "f") for each in glance.results]
    return {
        "kind": "bars",
        "labels": [month(each.month) for each in glance.results],
        "series": [{"label": _("Result"), "values": values}],
        "places": company.decimal_places or 0,
    }
