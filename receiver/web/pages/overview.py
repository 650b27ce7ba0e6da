"""The start: every connection that the viewer may see, and how it does."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.engine import reading
from receiver.db.heartbeat import get_keys
from receiver.db.ledger import Company, list_companies
from receiver.db.proofs import find_last_tie_out
from receiver.report.health import Health, health_of
from receiver.web.current import current_engine
from receiver.web.pages.blueprint import Page, PagesBlueprint
from receiver.web.pages.viewer import current_viewer

overview = PagesBlueprint("overview", label=_l("Overview"), icon="overview")


@dataclass(frozen=True)
class Summary:
    connection: Connection
    companies: list[Company]
    health: Health
    tied_out_at: datetime | None


@overview.get("/")
def show() -> Page:
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        summaries = [_summary(db, each, now) for each in current_viewer().connections]
    return render_template("pages/overview.html", summaries=summaries)


def _summary(db: Database, connection: Connection, now: datetime) -> Summary:
    tied_out_at = find_last_tie_out(db, connection.id, now)
    return Summary(
        connection,
        list_companies(db, connection.id),
        health_of(connection, get_keys(db, connection.id), tied_out_at, now),
        tied_out_at,
    )
