"""The reports: statements, trial balance and general ledger, each figure down to its entry."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from monitr_wire.values import decode_shares
from sqlalchemy import Connection as Database

from receiver.accounting.ledger.general_ledger import (
    GeneralLedger,
    LedgerQuestion,
    general_ledger,
    open_entry,
)
from receiver.accounting.ledger.paging import ledger_page
from receiver.accounting.shared.columns import BALANCE, MONTHS
from receiver.accounting.shared.periods import DAY, fiscal_year_start
from receiver.accounting.shared.statement_kinds import KINDS, TOTAL_TITLES, StatementKind
from receiver.accounting.statements.chart_series import chart_series
from receiver.accounting.statements.drill_down import items_of
from receiver.accounting.statements.statements import Statement, report_statement
from receiver.accounting.structures.structure import get_line
from receiver.db.accounting.analytic import list_analytic_accounts
from receiver.db.accounting.ledger import list_accounts, list_companies
from receiver.db.proof.proofs import find_last_proof
from receiver.messages import Sentence
from receiver.web.current import request_snapshot
from receiver.web.exports import Table
from receiver.web.pages.reports.ledger_groups import account_options, ledger_groups
from receiver.web.pages.reports.report_request import Asked, report_page, report_template
from receiver.web.pages.reports.statement_table import column_label, statement_grid
from receiver.web.pages.shared.blueprint import Page, ReportsBlueprint
from receiver.web.pages.shared.sentences import words
from receiver.web.pages.shared.viewer import choose_connection, get_viewed_connection
from receiver.web.paging import DEFAULT_LIMIT, encode_place
from receiver.web.query import id_in_path
from receiver.web.report_exports import ledger_table, statement_table, trial_balance_table

reports = ReportsBlueprint("reports", label=_l("Reports"), icon="reports")

LEDGERS = {"trial-balance": _l("Trial balance"), "general-ledger": _l("General ledger")}
OFFERS = ("columns", "structure", "detail")
SLUGS = {kind.slug: kind for kind in KINDS.values()}


@reports.get("/reports/", defaults={"connection": None})
@reports.get("/reports/<connection>/")
def show(connection: str | None) -> Page:
    chosen = choose_connection(connection)
    if chosen is None:
        return render_template("pages/report_empty.html", title=_("Reports"))
    address = url_for(
        "reports_pages.show_statement",
        connection=chosen.name,
        statement=next(iter(SLUGS)),
        company_id=request.args.get("company_id"),
    )
    return redirect(address)


@reports.get(f"/reports/<connection>/<any({', '.join(map(repr, SLUGS))}):statement>")
def show_statement(connection: str, statement: str) -> Page:
    return _tab_page(connection, statement, partial(_statement_page, kind=SLUGS[statement]))


@reports.get("/reports/<connection>/trial-balance")
def show_trial_balance(connection: str) -> Page:
    return _tab_page(connection, "trial-balance", _trial_balance_page)


@reports.get("/reports/<connection>/general-ledger")
def show_general_ledger(connection: str) -> Page:
    return _tab_page(connection, "general-ledger", _general_ledger_page)


@reports.get("/reports/<connection>/entries/<entry_id>")
def show_entry(connection: str, entry_id: str) -> Page:
    with request_snapshot() as db:
        chosen = get_viewed_connection(connection)
        entry = open_entry(db, chosen, id_in_path(entry_id))
        companies = list_companies(db, chosen.id)
        analytic_accounts = list_analytic_accounts(db, chosen.id)
        proof = find_last_proof(db, chosen.id)
    names = {each.id: each.name for each in analytic_accounts}
    return render_template(
        "pages/entry.html",
        entry=entry,
        entry_company=next((each for each in companies if each.id == entry.company_id), None),
        shares={line.id: shares_by_name(line.shares, names) for line in entry.lines},
        proof=proof,
    )


def shares_by_name(
    shares: str | None, names: Mapping[int, str | None]
) -> list[tuple[str, Decimal]]:
    """The analytic accounts of each share, and its percentage."""
    return [
        (" + ".join(names.get(id) or str(id) for id in ids), percentage)
        for ids, percentage in (decode_shares(shares) if shares else ())
    ]


def _tab_page(
    connection: str, name: str, page_of: Callable[[Database, Asked], Page | Table]
) -> Page:
    return report_page(connection, _titles()[name], page_of, partial(_tab, name=name))


def _tab(template: str, asked: Asked, name: str, **more: object) -> str:
    titles = _titles()
    tabs = [(title, _address(asked, each), each == name) for each, title in titles.items()]
    offers = OFFERS if name in SLUGS else ()
    return report_template(
        template, asked, titles[name], name=name, tabs=tabs, offers=offers, **more
    )


def _titles() -> dict[str, str]:
    """Title of each tab, in the viewer's language."""
    ledgers = {name: str(title) for name, title in LEDGERS.items()}
    return {**{slug: words(kind.title) for slug, kind in SLUGS.items()}, **ledgers}


def _address(asked: Asked, name: str) -> str:
    if name in SLUGS:
        return asked.address("reports_pages.show_statement", statement=name)
    return asked.address(f"reports_pages.show_{name.replace('-', '_')}")


def _statement_page(db: Database, asked: Asked, kind: StatementKind) -> Page | Table:
    if asked.structure is None:
        return _tab("pages/statement_without_structure.html", asked, kind.slug)
    structure = asked.structure.structure
    found = report_statement(db, asked.connection, kind.name, structure, asked.question)
    if "format" in asked.query:
        return statement_table(found)
    return _tab(
        "pages/statement.html",
        asked,
        kind.slug,
        grid=statement_grid(found, asked),
        chart=statement_chart(found, asked),
    )


def statement_chart(found: Statement, asked: Asked) -> dict[str, object] | None:
    """None where there is no more than one month, quarter or year, or nothing else to show."""
    series = chart_series(found)
    numbers = [n for n, column in enumerate(found.columns) if column.kind in (*MONTHS, BALANCE)]
    if len(numbers) < 2 or not series:
        return None
    return {
        "kind": "bars",
        "labels": [column_label(found.columns[number]) for number in numbers],
        "series": [
            {
                "label": words(each.series.title),
                "values": [format(each.amounts[number], "f") for number in numbers],
            }
            for each in series
        ],
        "places": asked.company.decimal_places or 0,
    }


def _trial_balance_page(db: Database, asked: Asked) -> Page | Table:
    period = asked.period
    question = LedgerQuestion(asked.company_ids, period.from_date, period.to_date)
    found = general_ledger(db, asked.connection, question)
    if "format" in asked.query:
        return trial_balance_table(found.accounts)
    before = max(period.from_date, date.min + DAY) - DAY
    earlier = {
        "from": fiscal_year_start(asked.company, before).isoformat(),
        "to": before.isoformat(),
    }
    return _tab(
        "pages/trial_balance.html",
        asked,
        "trial-balance",
        ledger=found,
        earlier=earlier,  # the days whose end the opening balances are
    )


def _general_ledger_page(db: Database, asked: Asked) -> Page | Table:
    after, question = asked.query.get("cursor"), asked.ledger_question
    if asked.figure is not None:
        question = items_of(db, asked.connection, asked.chosen_structure, asked.figure, question)
    if "format" in asked.query:
        return ledger_table(db, asked.connection, question, after=after, limit=None)
    found = ledger_page(db, asked.connection, question, after=after, limit=DEFAULT_LIMIT)
    chosen = [each for each in asked.companies if each.id in asked.company_ids]
    return _tab(
        "pages/general_ledger.html",
        asked,
        "general-ledger",
        ledger=found,
        groups=ledger_groups(found),
        next_cursor=encode_place(found.next_place),
        account_options=account_options(list_accounts(db, asked.connection.id), chosen),
        figure=_opened_figure(asked, found),
    )


def _opened_figure(asked: Asked, ledger: GeneralLedger) -> tuple[str, Decimal] | None:
    """The name of the figure that the items are narrowed to, and what they add up to."""
    if asked.figure is None:
        return None
    total = ledger.totals.closing_balance
    names: list[str | None] = [*_figure_names(asked)]
    if "account_id" in asked.query and len(ledger.accounts) == 1:
        names += [ledger.accounts[0].code, ledger.accounts[0].name]
    return " · ".join(filter(None, names)), -total if asked.figure.is_credit_positive else total


def _figure_names(asked: Asked) -> Iterator[str]:
    """Two of them for what a line has of the off-balance accounts."""
    if "total" in asked.query:
        yield words(TOTAL_TITLES.get(asked.query["total"], Sentence("Total")))
    if "line_id" in asked.query:
        yield get_line(asked.chosen_structure, asked.query["line_id"]).name
    if "unmapped" in asked.query:
        yield _("Unmapped")
