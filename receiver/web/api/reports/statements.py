"""GET /v1/connections/{name}/reports/: profit-and-loss, balance-sheet, cash-flow, dimensions."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from receiver.accounting.analytic.analytic_report import (
    DimensionalReport,
    dimensional_report,
)
from receiver.accounting.shared.columns import COLUMN_KINDS, By, Comparison
from receiver.accounting.shared.report_parameters import StatementQuestion
from receiver.accounting.shared.statement_kinds import (
    BALANCE_SHEET,
    CASH_FLOW,
    FIGURES,
    PROFIT_AND_LOSS,
    STATEMENTS,
)
from receiver.accounting.statements.statement_lines import LINE, UNMAPPED
from receiver.accounting.statements.statements import Statement, report_statement
from receiver.accounting.structures.structure_store import get_chosen_structure
from receiver.db.engine import reading
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import Amount, code_field
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.exports import table_answer
from receiver.web.media_types import Format, wanted_format
from receiver.web.query import (
    Ids,
    Query,
    TrueOrFalse,
    format_parameter,
    id_of,
    period_of,
    period_parameters,
    raw_text_parameter,
)
from receiver.web.report_exports import dimensions_table, statement_table

statements = ReadingBlueprint(
    "Statements", "Profit and loss, balance sheet and dimensions, by month and compared"
)

FORMATS = (Format.JSON, Format.CSV, Format.XLSX)
PARAMETERS: dict[str, fields.Field[Any]] = {
    "company_id": Ids("Odoo's ids of companies of one currency, joined by commas; all of them"),
    **period_parameters(),
    "comparison": fields.Enum(Comparison, by_value=fields.String),
    "by": fields.Enum(
        By,
        by_value=fields.String,
        metadata={
            "description": "Columns for each month, or each quarter or year of the fiscal year, or"
            " for the whole period alone; month"
        },
    ),
    "format": format_parameter(*FORMATS),
    "raw_text": raw_text_parameter(),
}
WITH_CLOSINGS = TrueOrFalse(
    metadata={
        "description": "Whether results have the entries that close years in them: false, or what"
        " the connection's `closings` leave out is left out"
    }
)
STRUCTURE_ID = id_of("The reporting structure; needed where the connection has several")
QUERY = Query.from_dict({**PARAMETERS, "structure_id": STRUCTURE_ID})
RESULTS_QUERY = Query.from_dict(
    {**PARAMETERS, "structure_id": STRUCTURE_ID, "with_closings": WITH_CLOSINGS}
)
DIMENSIONS_QUERY = Query.from_dict(
    {
        **PARAMETERS,
        "plan_id": id_of("Odoo's id of an analytic plan at the top; each of them"),
        "with_closings": WITH_CLOSINGS,
    }
)


class AmountsSchema(ma.Schema):
    amounts = fields.List(
        Amount(metadata={"type": "string", "format": "decimal"}),
        required=True,
        metadata={"description": "One for each of the columns"},
    )
    compared = fields.List(
        Amount(metadata={"type": "string", "format": "decimal"}),
        required=True,
        metadata={"description": "One for each of the compared columns"},
    )


class AccountLineSchema(AmountsSchema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the account"})
    code = code_field()
    name = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)


class FinancialLineSchema(AmountsSchema):
    line_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: unmapped"}
    )
    kind = fields.String(required=True, validate=ma.validate.OneOf([LINE, UNMAPPED, *FIGURES]))
    name = fields.String(required=True, allow_none=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    level = fields.Integer(required=True, metadata={"description": "0 at the top"})
    is_credit_positive = fields.Boolean(
        required=True, metadata={"description": "Amounts are credit less debit; else the reverse"}
    )
    accounts = fields.List(fields.Nested(AccountLineSchema), required=True)


class ColumnSchema(ma.Schema):
    kind = fields.String(required=True, validate=ma.validate.OneOf(COLUMN_KINDS))
    from_date = fields.Date(
        required=True,
        allow_none=True,
        data_key="from",
        metadata={"description": "null: the beginning, or the companies' fiscal years differ"},
    )
    to_date = fields.Date(required=True, data_key="to")


class ReportedCompanySchema(ma.Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)


class JournalCountSchema(ma.Schema):
    id = fields.Integer(required=True, allow_none=True, metadata={"description": "Odoo's"})
    name = fields.String(required=True, allow_none=True)
    entry_count = fields.Integer(required=True)


class ClosingEntriesSchema(ma.Schema):
    are_left_out = fields.Boolean(required=True)
    journals = fields.List(fields.Nested(JournalCountSchema), required=True)


def closings_field() -> fields.Nested:
    return fields.Nested(
        ClosingEntriesSchema,
        required=True,
        metadata={"description": "Entries of results that close a year, and whether they count"},
    )


class ColumnsReportSchema(ma.Schema):
    companies = fields.List(fields.Nested(ReportedCompanySchema), required=True)
    currency = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "ISO 4217 code of every amount"},
    )
    start_date = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "What is dated before it is not here"},
    )
    columns = fields.List(fields.Nested(ColumnSchema), required=True)
    compared_columns = fields.List(fields.Nested(ColumnSchema), required=True)


class TotalsSchema(ma.Schema):
    debit = fields.Nested(
        AmountsSchema, required=True, metadata={"description": "Of top lines like assets"}
    )
    credit = fields.Nested(
        AmountsSchema, required=True, metadata={"description": "Of the other top lines"}
    )
    unmapped = fields.Nested(
        AmountsSchema,
        required=True,
        metadata={"description": "Credit less debit of accounts without a line: in neither"},
    )
    net = fields.Nested(
        AmountsSchema,
        required=True,
        metadata={
            "description": "Credit and unmapped less debit: the result; of a balance sheet zero"
        },
    )


class FinancialStatementSchema(ColumnsReportSchema):
    statement = fields.String(required=True, validate=ma.validate.OneOf(STATEMENTS))
    closings = closings_field()
    lines = fields.List(fields.Nested(FinancialLineSchema), required=True)
    off_balance = fields.List(
        fields.Nested(FinancialLineSchema),
        required=True,
        metadata={"description": "Of a balance sheet: off-balance accounts, in none of the totals"},
    )
    totals = fields.Nested(TotalsSchema, required=True)


class CashFlowSchema(FinancialStatementSchema):
    opening = fields.Nested(
        AmountsSchema, required=True, metadata={"description": "Cash before the first day"}
    )
    closing = fields.Nested(
        AmountsSchema, required=True, metadata={"description": "Opening, and the net total"}
    )


class DimensionLineSchema(AmountsSchema):
    analytic_account_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: not allocated"}
    )
    code = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    accounts = fields.List(fields.Nested(AccountLineSchema), required=True)


class DimensionSchema(ma.Schema):
    plan_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: without a plan"}
    )
    plan = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(DimensionLineSchema), required=True)
    not_allocated = fields.Nested(DimensionLineSchema, required=True)
    total = fields.Nested(
        AmountsSchema, required=True, metadata={"description": "The result, whatever the plan"}
    )


class DimensionalReportSchema(ColumnsReportSchema):
    closings = closings_field()
    dimensions = fields.List(fields.Nested(DimensionSchema), required=True)


@statements.reads(
    "/connections/<name>/reports/profit-and-loss",
    RESULTS_QUERY(),
    FinancialStatementSchema(),
    *FORMATS[1:],
)
def get_profit_and_loss(query: Mapping[str, Any], name: str) -> Statement | Response:
    """The profit and loss in the lines of a reporting structure.

    By month, over the whole period, and from the start of the fiscal year. Accounts that are not
    mapped are in a line of their own, the last one: the net total equals the trial balance of the
    income and expense accounts, but for entries that close a year: `closings` counts those.
    Without `from` and `to`: the fiscal year up to the last day stored that is not after the next
    fiscal year.
    """
    return _answer(PROFIT_AND_LOSS, query, name)


@statements.reads(
    "/connections/<name>/reports/balance-sheet",
    QUERY(),
    FinancialStatementSchema(),
    *FORMATS[1:],
)
def get_balance_sheet(query: Mapping[str, Any], name: str) -> Statement | Response:
    """The balance sheet at the end of each month, in the lines of a reporting structure.

    It holds the earnings that no account holds yet: of the fiscal year so far, and of earlier years
    that were not allocated. So on every day the debit total equals those of credit and of what is
    unmapped, and the net total is zero.
    """
    return _answer(BALANCE_SHEET, query, name)


@statements.reads(
    "/connections/<name>/reports/cash-flow",
    QUERY(),
    CashFlowSchema(),
    *FORMATS[1:],
)
def get_cash_flow(query: Mapping[str, Any], name: str) -> Statement | Response:
    """The cash flow by the direct method: what cash was exchanged for, in the lines of a structure.

    An entry that moves cash is shown by its other items, in the lines that their accounts have in
    the cash flow. The net total is exactly by how much cash grew.
    """
    return _answer(CASH_FLOW, query, name)


@statements.reads(
    "/connections/<name>/reports/dimensions",
    DIMENSIONS_QUERY(),
    DimensionalReportSchema(),
    *FORMATS[1:],
)
def get_dimensions(query: Mapping[str, Any], name: str) -> DimensionalReport | Response:
    """The result by analytic account, for each analytic plan at the top.

    An item's balance goes to the analytic accounts of its shares, so many percent to each, exactly
    and without rounding. What no share takes is not allocated; with it each plan's total is the
    result of the profit and loss. Amounts are credit less debit.
    """
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        report = dimensional_report(db, connection, question_of(query), query.get("plan_id"))
    format = wanted_format(query.get("format"), *FORMATS)
    if format is Format.JSON:
        return report
    return table_answer(format, dimensions_table(report), raw_text=query.get("raw_text", False))


def question_of(query: Mapping[str, Any]) -> StatementQuestion:
    """Raises InvalidQuery."""
    from_date, to_date = period_of(query)
    return StatementQuestion(
        from_date,
        to_date,
        query.get("company_id", ()),
        query.get("comparison"),
        query.get("by", By.MONTH),
        query.get("with_closings", False),
    )


def _answer(statement: str, query: Mapping[str, Any], name: str) -> Statement | Response:
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        chosen = get_chosen_structure(db, connection.id, query.get("structure_id"))
        question = question_of(query)
        report = report_statement(db, connection, statement, chosen.structure, question)
    format = wanted_format(query.get("format"), *FORMATS)
    if format is Format.JSON:
        return report
    return table_answer(format, statement_table(report), raw_text=query.get("raw_text", False))
