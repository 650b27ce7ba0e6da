"""How every connection does, and of one its runs, proofs, repairs and changes of closed books."""

from datetime import UTC, datetime
from itertools import chain

from flask import Response, render_template
from flask_babel import lazy_gettext as _l

from receiver.db.closed_periods import ChangeQuery, stream_changes
from receiver.db.engine import reading
from receiver.db.proofs import get_proof, list_newest_repairs, list_proofs
from receiver.db.pull_runs import list_runs
from receiver.db.receipts import list_pushes
from receiver.report.proofs import report_proof
from receiver.report.standing import find_standing, list_standings
from receiver.web.current import current_engine
from receiver.web.pages.blueprint import Page, PagesBlueprint
from receiver.web.pages.viewer import current_viewer, get_viewed_connection
from receiver.web.statement import STATEMENT_HEADERS, render_statement

health = PagesBlueprint("health", label=_l("Health"), icon="health")

SHOWN = 25  # of each history, the newest


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
    return render_template("pages/health.html", standings=standings, now=now)


def _show_one(name: str) -> Page:
    connection, now = get_viewed_connection(name), datetime.now(UTC)
    with reading(current_engine()) as db:
        changes = stream_changes(db, connection.id, ChangeQuery(limit=SHOWN))
        return render_template(
            "pages/connection_health.html",
            standing=find_standing(db, connection, now),
            runs=list_runs(db, connection.id, limit=SHOWN),
            pushes=list_pushes(db, connection.id, limit=SHOWN),
            proofs=list_proofs(db, connection.id, limit=SHOWN),
            repairs=list_newest_repairs(db, connection.id, limit=SHOWN),
            changes=list(chain.from_iterable(changes)),
            now=now,
        )
