"""The dimensional report: the result by analytic account, down to the items with their shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection as Database

from receiver.accounting.analytic.analytic_items import dimension_items
from receiver.accounting.analytic.analytic_report import (
    Dimension,
    DimensionalReport,
    DimensionLine,
    dimensional_report,
)
from receiver.accounting.ledger.paging import ledger_page
from receiver.accounting.shared.amounts import AccountLine
from receiver.db.accounting.analytic import AnalyticPlan, list_analytic_accounts, list_plans
from receiver.web.exports import Table
from receiver.web.pages.reports.report_request import (
    ACCOUNTS,
    Asked,
    report_page,
    report_template,
)
from receiver.web.pages.reports.statement_table import (
    LEDGER,
    RESULT,
    Row,
    cells_of,
    column_label,
    compared_label,
    shown_columns,
)
from receiver.web.pages.shared.blueprint import Page, ReportsBlueprint
from receiver.web.pages.shared.viewer import choose_connection
from receiver.web.paging import DEFAULT_LIMIT, encode_place
from receiver.web.report_exports import dimensions_table

dimensions = ReportsBlueprint("dimensions", label=_l("Dimensions"), icon="dimensions")

ITEMS = "dimensions_pages.show_items"
TITLE = _l("Dimensions")
OFFERS = ("columns",)


@dimensions.get("/dimensions/", defaults={"connection": None})
@dimensions.get("/dimensions/<connection>/")
def show(connection: str | None) -> Page:
    chosen = choose_connection(connection)
    if chosen is None:
        return render_template("pages/report_empty.html", title=TITLE)
    return report_page(chosen.name, TITLE, _dimensions_page)


@dimensions.get("/dimensions/<connection>/items")
def show_items(connection: str) -> Page:
    return report_page(connection, TITLE, _items_page)


def _dimensions_page(db: Database, asked: Asked) -> Page | Table:
    plans = list_plans(db, asked.connection.id)
    plan_id = _chosen_plan(asked, plans)
    found = dimensional_report(db, asked.connection, asked.question, plan_id)
    if "format" in asked.query:
        return dimensions_table(found)
    columns = shown_columns(found.columns)
    return report_template(
        "pages/dimensions.html",
        asked,
        TITLE,
        offers=OFFERS,
        plans=[(plan.id, plan.name or str(plan.id)) for plan in plans if plan.parent_id is None],
        plan_id=plan_id,
        heads=[column_label(found.columns[number]) for number in columns],
        compared_heads=[compared_label(found.compared_columns[n]) for n in columns]
        if found.compared_columns
        else [],
        closings=found.closings,
        sheets=[_DimensionRows(asked, found, each, columns) for each in found.dimensions],
    )


def _chosen_plan(asked: Asked, plans: Sequence[AnalyticPlan]) -> int | None:
    """The one asked for, else the only one; None: each."""
    tops = [plan.id for plan in plans if plan.parent_id is None]
    chosen: int | None = asked.query.get("plan_id")
    return tops[0] if chosen is None and len(tops) == 1 else chosen


@dataclass(frozen=True)
class _DimensionRows:
    asked: Asked
    report: DimensionalReport
    dimension: Dimension
    columns: Sequence[int]

    @property
    def name(self) -> str:
        return self.dimension.plan or _("Without a plan")

    def rows(self) -> list[Row]:
        lines = (*self.dimension.lines, self.dimension.not_allocated)
        return [row for line in lines for row in self._with_accounts(line)]

    def total(self) -> Row:
        cells = cells_of(self.dimension.total, self.columns, self._result)
        return Row("total", _("Result"), cells, kind="total")

    def _with_accounts(self, line: DimensionLine) -> Iterator[Row]:
        id = line.analytic_account_id
        yield Row(
            key=f"analytic-{self.dimension.plan_id}-{id}",
            name=(line.name or str(id)) if id else _("Not allocated"),
            cells=cells_of(line, self.columns, lambda n, old: self._items(line, n, old)),
            code=line.code,
            kind="part" if id else "rest",
            is_open=self._is_open(line) if id and line.accounts else None,
            turn=self.asked.turn(id) if id else "",
        )
        if self._is_open(line):
            yield from (self._account_row(line, account) for account in line.accounts)

    def _account_row(self, line: DimensionLine, account: AccountLine) -> Row:
        def href(number: int, is_compared: bool) -> str | None:
            return self._items(line, number, is_compared, account_id=account.id)

        return Row(
            key=f"account-{line.analytic_account_id}-{account.id}",
            name=account.name or _("Account %(id)s, not arrived yet", id=account.id),
            cells=cells_of(account, self.columns, href),
            level=1,
            code=account.code,
            kind="account",
        )

    def _is_open(self, line: DimensionLine) -> bool:
        is_usual = self.asked.query.get("detail") == ACCOUNTS
        return is_usual != (line.analytic_account_id in self.asked.query.get("turned", ()))

    def _items(
        self, line: DimensionLine, number: int, is_compared: bool, **what: object
    ) -> str | None:
        ids = {
            "plan_id": self.dimension.plan_id,
            "analytic_account_id": line.analytic_account_id,
        }
        return self._address(ITEMS, number, is_compared, **ids, **what)

    def _result(self, number: int, is_compared: bool) -> str | None:
        """Address of the result of the profit and loss, in whatever structure."""
        if self.asked.structure is None:
            return None
        id = self.asked.structure.structure_id
        return self._address(LEDGER, number, is_compared, structure_id=id, total=RESULT)

    def _address(self, endpoint: str, number: int, is_compared: bool, **what: object) -> str | None:
        columns = self.report.compared_columns if is_compared else self.report.columns
        column = columns[number]
        if column.from_date is None:
            return None
        days = {"from": column.from_date.isoformat(), "to": column.to_date.isoformat()}
        return self.asked.address(endpoint, **days, **what)


def _items_page(db: Database, asked: Asked) -> Page:
    plan_id, id = asked.query.get("plan_id"), asked.query.get("analytic_account_id")
    found = dimension_items(db, asked.connection, asked.ledger_question, plan_id, id)
    after = asked.query.get("cursor")
    page = ledger_page(db, asked.connection, found.question, after=after, limit=DEFAULT_LIMIT)
    analytic_accounts = list_analytic_accounts(db, asked.connection.id)
    return report_template(
        "pages/dimension_items.html",
        asked,
        next((each.name or str(id) for each in analytic_accounts if each.id == id), None)
        or _("Not allocated"),
        found=found,
        lines=page.items,
        next_cursor=encode_place(page.next_place),
    )
