"""GET /v1/connections/{name}/open-items."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from receiver.accounting.open_items.ageing import AGES, OLDEST
from receiver.accounting.open_items.open_items import ACCOUNT_TYPES, OpenItems, Question, open_items
from receiver.db.accounting.open_items import AgedFrom
from receiver.db.engine import reading
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import (
    CompanyReportSchema,
    Rows,
    code_field,
    company_parameter,
    money_field,
    text_field,
)
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.exports import table_answer, table_of
from receiver.web.media_types import Format, wanted_format
from receiver.web.query import Day, Query, format_parameter, id_of, raw_text_parameter

ageing = ReadingBlueprint(
    "Open items", "What was still to be paid on a day, by customers and to suppliers"
)


FORMATS = (Format.JSON, Format.CSV, Format.XLSX)


def type_field(*, required: bool) -> fields.String:
    return fields.String(required=required, validate=ma.validate.OneOf(list(ACCOUNT_TYPES)))


QUERY = Query.from_dict(
    {
        "company_id": company_parameter(),
        "as_of": Day(metadata={"description": "Last accounting date, included; today (in UTC)"}),
        "type": type_field(required=False),
        "aged_from": fields.Enum(
            AgedFrom,
            by_value=True,
            metadata={"description": "The day that ages count from, else the accounting date"},
        ),
        "account_id": id_of("Odoo's id of an account"),
        "partner_id": id_of("Odoo's id of a partner"),
        "format": format_parameter(*FORMATS),
        "raw_text": raw_text_parameter(),
    }
)


class OpenItemSchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the journal item"})
    entry_id = fields.Integer(required=True)
    number = text_field("Of the journal entry")
    reference = text_field("Of the journal entry")
    date = fields.Date(required=True, metadata={"description": "Accounting date"})
    invoice_date = fields.Date(required=True, allow_none=True)
    due_date = fields.Date(required=True, allow_none=True)
    partner_id = fields.Integer(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)
    account_id = fields.Integer(required=True)
    account_code = code_field()
    account = fields.String(required=True, allow_none=True)
    type = type_field(required=True)
    label = fields.String(required=True, allow_none=True)
    amount = money_field("Debit less credit, in the company's currency")
    open_amount = money_field("What was not reconciled of it by that date")
    currency = text_field("ISO 4217 code of the item's own currency")
    amount_currency = money_field("Debit less credit, in the item's own currency")
    open_amount_currency = money_field("What was not reconciled of that by that date")
    days_overdue = fields.Integer(
        required=True,
        metadata={"description": "Since the due date, else the accounting date; 0 when not due"},
    )
    age = fields.String(
        required=True,
        validate=ma.validate.OneOf([*AGES, OLDEST]),
    )


class AgedSchema(ma.Schema):
    type = type_field(required=True)
    total = money_field("All ages together")
    not_due = money_field("Due on that date or later, or invoiced so where ages count from that")
    days_1_30 = money_field("1 to 30 days old")
    days_31_60 = money_field("31 to 60 days old")
    days_61_90 = money_field("61 to 90 days old")
    days_91_120 = money_field("91 to 120 days old")
    over_120 = money_field("More than 120 days old")


class AgedPartnerSchema(AgedSchema):
    partner_id = fields.Integer(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)


class AccountTotalSchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the account"})
    code = code_field()
    name = fields.String(required=True, allow_none=True)
    type = type_field(required=True)
    open_amount = money_field("What the open items add up to")
    balance = money_field("Of the ledger on that date, summed without reconciliations")
    difference = money_field("Open amount less balance: zero where everything reconciled is here")


class OpenItemsSchema(CompanyReportSchema):
    as_of = fields.Date(required=True)
    items = Rows(OpenItemSchema)
    partners = fields.List(fields.Nested(AgedPartnerSchema), required=True)
    accounts = fields.List(fields.Nested(AccountTotalSchema), required=True)
    totals = fields.List(fields.Nested(AgedSchema), required=True)


@ageing.reads("/connections/<name>/open-items", QUERY(), OpenItemsSchema(), *FORMATS[1:])
def get_open_items(query: Mapping[str, Any], name: str) -> OpenItems | Response:
    """The open items of one company as of any date, with their age.

    An item on a receivable or payable account is open by its balance, less what it was reconciled
    with up to that date; without `as_of`, up to today. All amounts are debit less credit, so what
    is owed to others is negative, and an unused credit note or payment lowers its partner's total.
    An item stays as long as anything is open in the company's currency or in its own.

    Ages count from the due date, or with `aged_from=invoice_date` from the invoice date, else the
    accounting date; days overdue always count from the due date.

    Per account, the open items add up to the account's balance of that date: each reconciliation
    takes the same amount off a debit and a credit item of the same account and counts from the
    date on which both are there. The balance is summed apart, and a `difference` that is not zero
    says that items were reconciled with something that is not in these books: dated before
    `start_date`, in an entry that was reset to draft while it stayed reconciled, in a branch, or,
    where `partner_id` is given, of another partner.

    CSV and XLSX have the items, without partners, accounts and totals.
    """
    today = datetime.now(UTC).date()
    question = Question(
        company_id=query.get("company_id"),
        as_of=query.get("as_of", today),
        type=query.get("type"),
        account_id=query.get("account_id"),
        partner_id=query.get("partner_id"),
        aged_from=query.get("aged_from", AgedFrom.DUE_DATE),
    )
    with reading(current_engine()) as db:
        report = open_items(db, get_visible_connection(db, name), question)
    format = wanted_format(query.get("format"), *FORMATS)
    if format is Format.JSON:
        return report
    table = table_of("open_items", list(OpenItemSchema().fields), report.items)
    return table_answer(format, table, raw_text=query.get("raw_text", False))
