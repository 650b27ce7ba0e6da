"""The histories of a connection: its pulls, pushes, proofs, repairs and changes of closed books.

Each comes in pages, the newest first, and whole as CSV.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

from flask import render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection as Database

from receiver.db.accounting.closed_periods import ChangeQuery, StoredChange, stream_changes
from receiver.db.engine import reading
from receiver.db.proof.proofs import list_newest_repairs, list_proofs
from receiver.db.pull.pull_runs import list_runs
from receiver.db.store.receipts import list_pushes
from receiver.monitoring.set_aside import list_set_aside_lines
from receiver.monitoring.unbalanced import list_unbalanced_lines
from receiver.web.current import current_engine
from receiver.web.exports import table_answer, table_of
from receiver.web.media_types import Format
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint
from receiver.web.pages.shared.numbered_pages import numbered_page
from receiver.web.pages.shared.viewer import get_viewed_connection

histories = PagesBlueprint("histories", section="health")

PER_PAGE = 25


@dataclass(frozen=True)
class History:
    name: str  # in the address; that of its table in pages/history_tables.html
    label: LazyString
    all_label: LazyString
    read: Callable[..., Iterable[Any]]  # (db, connection id, limit=, offset=)
    columns: tuple[str, ...]  # of the CSV, as the attributes are called


def list_changes(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> Iterable[StoredChange]:
    query = ChangeQuery(limit=limit, offset=offset)
    return chain.from_iterable(stream_changes(db, connection_id, query))


HISTORIES = {
    each.name: each
    for each in (
        History(
            "pulls",
            _l("Pulls"),
            _l("All pulls"),
            list_runs,
            (
                *("run_id", "asked_at", "asked_by", "state", "started_at", "finished_at"),
                *("record_count", "written_count", "deleted_count", "repaired_count"),
                *("call_count", "milliseconds_in_odoo", "proof_id", "failure_code", "failure"),
            ),
        ),
        History(
            "pushes",
            _l("Pushes"),
            _l("All pushes"),
            list_pushes,
            (
                *("run_id", "began_at", "ended_at", "seconds", "batch_count"),
                *("received_count", "written_count", "deleted_count"),
            ),
        ),
        History(
            "missing",
            _l("Records set aside"),
            _l("All records set aside"),
            list_set_aside_lines,
            (
                *("stream", "record_id", "name", "field", "value", "reason"),
                *("company_id", "account_id", "date", "debit", "credit", "since", "odoo_link"),
            ),
        ),
        History(
            "unbalanced",
            _l("Entries that do not balance"),
            _l("All entries that do not balance"),
            list_unbalanced_lines,
            (
                *("entry_id", "number", "date", "company_id", "company"),
                *("debit", "credit", "difference", "odoo_link"),
            ),
        ),
        History(
            "proofs",
            _l("Proofs"),
            _l("All proofs"),
            list_proofs,
            (
                *("proof_id", "run_id", "proven_at", "made_by"),
                *("bucket_count", "record_count", "differing_count", "set_aside_count"),
                *("hidden_count", "unbalanced_count"),
            ),
        ),
        History(
            "repairs",
            _l("Repairs"),
            _l("All repairs"),
            list_newest_repairs,
            (
                *("proof_id", "noted_at", "stream", "missing_count", "changed_count"),
                *("extra_count", "deleted_count", "hidden_count"),
            ),
        ),
        History(
            "changes",
            _l("Changes in closed periods"),
            _l("All changes"),
            list_changes,
            (
                *("change_id", "noticed_at", "kind", "stream", "record_id", "company_id"),
                *("closed_until", "date_before", "date_after", "run_id"),
            ),
        ),
    )
}
ADDRESS = f"/health/<connection>/<any({', '.join(HISTORIES)}):name>"


@histories.get(ADDRESS)
def show(connection: str, name: str) -> Page:
    found, history = get_viewed_connection(connection), HISTORIES[name]
    address = partial(url_for, "histories_pages.show", connection=connection, name=name)
    with reading(current_engine()) as db:
        page = numbered_page(partial(history.read, db, found.id), PER_PAGE, address)
    return render_template(
        "pages/history.html",
        history=history,
        page=page,
        now=datetime.now(UTC),
    )


@histories.get(f"{ADDRESS}.csv")
def take_away(connection: str, name: str) -> Page:
    found, history = get_viewed_connection(connection), HISTORIES[name]
    with reading(current_engine()) as db:
        rows = history.read(db, found.id, limit=None)
        table = table_of(f"{found.name}-{name}", history.columns, rows)
    return table_answer(Format.CSV, table)
