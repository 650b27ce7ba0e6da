"""How every connection does, and of one its runs, proofs, repairs and changes of closed books."""

from datetime import UTC, datetime

from flask import Response, render_template
from flask_babel import lazy_gettext as _l

from receiver.db.engine import reading
from receiver.db.proof.proofs import get_proof
from receiver.monitoring.connection_status import Way, find_standing, list_standings
from receiver.monitoring.proofs import report_proof
from receiver.web.current import current_engine
from receiver.web.pages.monitoring.histories import HISTORIES
from receiver.web.pages.monitoring.run_charts import charts_of, costs_of_pulls, costs_of_pushes
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint
from receiver.web.pages.shared.connection_filter import find
from receiver.web.pages.shared.viewer import current_viewer, get_viewed_connection
from receiver.web.proof_certificate import STATEMENT_HEADERS, render_statement

health = PagesBlueprint("health", label=_l("Health"), icon="health")

SHOWN = 10  # of each history, the newest
PLOTTED = 50  # runs


@health.get("/health/", defaults={"connection": None})
@health.get("/health/<connection>/")
def show(connection: str | None) -> Page:
    return _show_one(connection) if connection else _show_all()


@health.get("/health/<connection>/proofs/<proof_id>")
def show_statement(connection: str, proof_id: str) -> Page:
    """The proof as a page to print, which looks the same for who has it by the API."""
    found = get_viewed_connection(connection)
    with reading(current_engine()) as db:
        report = report_proof(db, found, get_proof(db, found.id, proof_id))
    page = render_statement(found, report)
    return Response(page, mimetype="text/html", headers=STATEMENT_HEADERS)


def _show_all() -> Page:
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        standings = list_standings(db, current_viewer().connections, now)
    return render_template("pages/health.html", found=find(standings), now=now)


def _show_one(name: str) -> Page:
    connection, now = get_viewed_connection(name), datetime.now(UTC)
    with reading(current_engine()) as db:
        standing = find_standing(db, connection, now)
        newest = {
            name: [*history.read(db, connection.id, limit=PLOTTED)]
            for name, history in HISTORIES.items()
        }
    is_pushed = standing.way is Way.PUSH
    costs = costs_of_pushes(newest["pushes"]) if is_pushed else costs_of_pulls(newest["pulls"])
    unused = "pulls" if is_pushed else "pushes"
    return render_template(
        "pages/connection_health.html",
        standing=standing,
        charts=charts_of(costs),
        histories=[
            (HISTORIES[name], rows[:SHOWN])
            for name, rows in newest.items()
            if rows or name != unused
        ],
        now=now,
    )
