"""GET /v1/connections/{name}/trial-balance."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from receiver.accounting.ledger.trial_balance import TrialBalance, trial_balance
from receiver.db.engine import reading
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import (
    CompanyReportSchema,
    code_field,
    company_parameter,
    money_field,
)
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.exports import table_answer
from receiver.web.media_types import Format, wanted_format
from receiver.web.query import (
    Query,
    format_parameter,
    period_of,
    period_parameters,
    raw_text_parameter,
)
from receiver.web.report_exports import trial_balance_table

reports = ReadingBlueprint("Reports", "What the stored ledger adds up to")

FORMATS = (Format.JSON, Format.CSV, Format.XLSX)
QUERY = Query.from_dict(
    {
        "company_id": company_parameter(),
        **period_parameters(),
        "format": format_parameter(*FORMATS),
        "raw_text": raw_text_parameter(),
    }
)


class BalancesSchema(ma.Schema):
    opening_balance = money_field("Debit less credit of everything before the period")
    debit = money_field("Debit in the period")
    credit = money_field("Credit in the period")
    closing_balance = money_field("Opening balance, plus debit, less credit")


class AccountBalancesSchema(BalancesSchema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the account"})
    code = code_field()
    name = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)


class TrialBalanceSchema(CompanyReportSchema):
    from_date = fields.Date(required=True, allow_none=True, data_key="from")
    to_date = fields.Date(required=True, allow_none=True, data_key="to")
    accounts = fields.List(fields.Nested(AccountBalancesSchema), required=True)
    totals = fields.Nested(BalancesSchema, required=True)


@reports.reads("/connections/<name>/trial-balance", QUERY(), TrialBalanceSchema(), *FORMATS[1:])
def get_trial_balance(query: Mapping[str, Any], name: str) -> TrialBalance | Response:
    """The trial balance of one company.

    Opening balances are cumulative for every account, income and expense included: they carry over
    year ends, and lack what is dated before `start_date`. Without `from` and `to` it covers
    everything stored. Accounts without movement and balance are left out. CSV and XLSX have the
    accounts, without totals.
    """
    from_date, to_date = period_of(query)
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        report = trial_balance(db, connection, query.get("company_id"), from_date, to_date)
    format = wanted_format(query.get("format"), *FORMATS)
    if format is Format.JSON:
        return report
    table = trial_balance_table(report.accounts)
    return table_answer(format, table, raw_text=query.get("raw_text", False))
