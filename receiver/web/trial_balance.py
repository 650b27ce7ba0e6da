"""GET /v1/connections/{name}/trial-balance."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from receiver.db.engine import reading
from receiver.report.trial_balance import TrialBalance, trial_balance
from receiver.web.api import ReadingBlueprint
from receiver.web.current import current_engine
from receiver.web.formats import MEDIA_TYPES, Format, csv_parts, wanted_format
from receiver.web.query import Query, format_parameter, id_of, period_of, period_parameters
from receiver.web.tokens import get_visible_connection

reports = ReadingBlueprint("Reports", "What the stored ledger adds up to")

QUERY = Query.from_dict(
    {
        "company_id": id_of("Odoo's id of the company; needed where the connection has several"),
        **period_parameters(),
        "format": format_parameter(Format.JSON, Format.CSV),
    }
)
CSV_COLUMNS = (
    "id",
    "code",
    "name",
    "type",
    "opening_balance",
    "debit",
    "credit",
    "closing_balance",
)


class Amount(fields.Field[Decimal]):
    """Exact, with the decimals of the company's currency."""

    def _serialize(self, value: Decimal | None, *_: Any, **__: Any) -> str:
        return format(value, "f")


def amount(description: str) -> Amount:
    metadata = {"type": "string", "format": "decimal", "description": description}
    return Amount(required=True, metadata=metadata)


class BalancesSchema(ma.Schema):
    opening_balance = amount("Debit less credit of everything before the period")
    debit = amount("Debit in the period")
    credit = amount("Credit in the period")
    closing_balance = amount("Opening balance, plus debit, less credit")


class AccountBalancesSchema(BalancesSchema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the account"})
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "In the company's root company"}
    )
    name = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)


class TrialBalanceSchema(ma.Schema):
    company_id = fields.Integer(required=True, attribute="company.id")
    company = fields.String(required=True, allow_none=True, attribute="company.name")
    currency = fields.String(
        required=True,
        allow_none=True,
        attribute="company.currency",
        metadata={"description": "ISO 4217 code of every amount here"},
    )
    from_date = fields.Date(required=True, allow_none=True, data_key="from")
    to_date = fields.Date(required=True, allow_none=True, data_key="to")
    start_date = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "What is dated before it is not here: openings lack it"},
    )
    accounts = fields.List(fields.Nested(AccountBalancesSchema), required=True)
    totals = fields.Nested(BalancesSchema, required=True)


@reports.reads("/connections/<name>/trial-balance", QUERY(), TrialBalanceSchema(), Format.CSV)
def get_trial_balance(query: Mapping[str, Any], name: str) -> TrialBalance | Response:
    """The trial balance of one company.

    Opening balances are cumulative for every account, income and expense included: they carry over
    year ends. Without `from` and `to` it covers everything stored. Accounts without movement and
    balance are left out. CSV has the accounts, without totals.
    """
    from_date, to_date = period_of(query)
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        report = trial_balance(db, connection, query.get("company_id"), from_date, to_date)
    if wanted_format(query.get("format"), Format.JSON, Format.CSV) is Format.CSV:
        return _csv(report)
    return report


def _csv(report: TrialBalance) -> Response:
    rows = [
        [account[column] for column in CSV_COLUMNS]
        for account in AccountBalancesSchema(many=True).dump(report.accounts)
    ]
    return Response(csv_parts(CSV_COLUMNS, [rows]), mimetype=MEDIA_TYPES[Format.CSV])
