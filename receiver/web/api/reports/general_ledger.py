"""GET /v1/connections/{name}/reports/general-ledger and /entries/{entry_id}."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields
from sqlalchemy import Connection as Database

from receiver.accounting.ledger.general_ledger import (
    LedgerQuestion,
    OpenedEntry,
    open_entry,
)
from receiver.accounting.ledger.paging import LedgerPage, ledger_page
from receiver.accounting.shared.statement_kinds import STATEMENTS
from receiver.accounting.statements.drill_down import (
    FIGURE_PARAMETERS,
    OFF_BALANCE_TOTAL,
    TOTALS,
    find_figure,
    items_of,
)
from receiver.accounting.structures.structure_store import get_chosen_structure
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import code_field, money_field, text_field
from receiver.web.api.reports.statements import (
    FORMATS,
    STRUCTURE_ID,
    WITH_CLOSINGS,
    ReportedCompanySchema,
)
from receiver.web.api.reports.trial_balance import AccountBalancesSchema
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.exports import table_answer
from receiver.web.media_types import Format, wanted_format
from receiver.web.paging import DEFAULT_LIMIT, PlaceCursor, next_cursor_field, page_parameters
from receiver.web.query import (
    Ids,
    Query,
    format_parameter,
    id_in_path,
    id_of,
    period_of,
    period_parameters,
    raw_text_parameter,
)
from receiver.web.report_exports import ledger_table

ledger = ReadingBlueprint("General ledger", "What figures are made of, down to the entry in Odoo")

QUERY = Query.from_dict(
    {
        "company_id": Ids("Odoo's ids of companies of one currency, joined by commas; all of them"),
        **period_parameters(),
        "account_id": Ids("Odoo's ids of accounts, joined by commas; all of them"),
        "line_id": id_of("A line of the reporting structure: the items that its figure is made of"),
        "unmapped": fields.String(
            validate=ma.validate.OneOf(STATEMENTS),
            metadata={"description": "The same for a statement's line of unmapped accounts"},
        ),
        "total": fields.String(
            validate=ma.validate.OneOf(TOTALS),
            metadata={
                "description": "The same for one of a statement's totals; with a line, or unmapped,"
                f" what that has of `{OFF_BALANCE_TOTAL}`"
            },
        ),
        "structure_id": STRUCTURE_ID,
        "with_closings": WITH_CLOSINGS,
        **page_parameters("items", PlaceCursor),
        "format": format_parameter(*FORMATS),
        "raw_text": raw_text_parameter(),
    }
)


class ItemSchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the journal item"})
    account_id = fields.Integer(required=True)
    account_code = code_field()
    account = text_field("Its name; null until it has arrived")
    partner_id = fields.Integer(required=True, allow_none=True)
    partner = text_field("Its name")
    label = text_field("Of the journal item")
    debit = money_field("In the company's currency")
    credit = money_field("In the company's currency")
    balance = money_field("Debit less credit")
    currency = text_field("ISO 4217 code of the item's own currency")
    amount_currency = money_field("Debit less credit, in the item's own currency")


class LedgerLineSchema(ItemSchema):
    entry_id = fields.Integer(required=True)
    number = text_field("Of the journal entry")
    reference = text_field("Of the journal entry")
    company_id = fields.Integer(required=True)
    date = fields.Date(required=True, metadata={"description": "Accounting date"})
    journal = text_field("Its name")
    running_balance = money_field("Of the account, after this item")


class GeneralLedgerSchema(ma.Schema):
    companies = fields.List(fields.Nested(ReportedCompanySchema), required=True)
    currency = text_field("ISO 4217 code of every amount without a currency of its own")
    start_date = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "What is dated before it is not here"},
    )
    from_date = fields.Date(required=True, allow_none=True, data_key="from")
    to_date = fields.Date(required=True, allow_none=True, data_key="to")
    accounts = fields.List(fields.Nested(AccountBalancesSchema), required=True)
    items = fields.List(fields.Nested(LedgerLineSchema), required=True)
    next_cursor = next_cursor_field(PlaceCursor, attribute="next_place")


class EntrySchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the journal entry"})
    number = text_field()
    type = fields.String(required=True, metadata={"description": "Odoo's `move_type`"})
    reference = text_field()
    journal = text_field("Its name")
    company_id = fields.Integer(required=True)
    company = text_field("Its name")
    currency = text_field("ISO 4217 code of the company's currency")
    partner_id = fields.Integer(required=True, allow_none=True)
    partner = text_field("Its name")
    date = fields.Date(required=True, metadata={"description": "Accounting date"})
    invoice_date = fields.Date(required=True, allow_none=True)
    due_date = fields.Date(required=True, allow_none=True)
    odoo_link = text_field("Where it opens in Odoo; null where Odoo's address is not known")
    lines = fields.List(fields.Nested(ItemSchema), required=True)


@ledger.reads(
    "/connections/<name>/reports/general-ledger",
    QUERY(),
    GeneralLedgerSchema(),
    *FORMATS[1:],
)
def get_general_ledger(query: Mapping[str, Any], name: str) -> LedgerPage | Response:
    """The journal items of accounts, with the balance before and after each.

    Account by account, by date, then by id. `accounts` are all of them, also where the items are
    one page of many; they open and close as in the trial balance. With `line_id`, `unmapped` or
    `total` there are only the items that a figure of a statement is made of, so that the closing
    balances add up to it; give `from` and `to` of its column, and `account_id` for what it has of
    an account. CSV and XLSX have the items, all of them unless `limit` is given.
    """
    format = wanted_format(query.get("format"), *FORMATS)
    with ExitStack() as transaction:
        db = transaction.enter_context(reading(current_engine()))
        connection = get_visible_connection(db, name)
        question, after = _question(db, connection, query), query.get("cursor")
        if format is Format.JSON:
            limit = query.get("limit", DEFAULT_LIMIT)
            return ledger_page(db, connection, question, after=after, limit=limit)
        table = ledger_table(db, connection, question, after=after, limit=query.get("limit"))
        raw_text = query.get("raw_text", False)
        return table_answer(format, table, transaction, raw_text=raw_text)


@ledger.reads("/connections/<name>/entries/<entry_id>", Query(), EntrySchema())
def get_entry(_query: object, name: str, entry_id: str) -> OpenedEntry:
    """A journal entry with all of its items, and where it opens in Odoo."""
    with reading(current_engine()) as db:
        return open_entry(db, get_visible_connection(db, name), id_in_path(entry_id))


def _question(db: Database, connection: Connection, query: Mapping[str, Any]) -> LedgerQuestion:
    from_date, to_date = period_of(query)
    asked = LedgerQuestion(
        query.get("company_id", ()),
        from_date,
        to_date,
        query.get("account_id"),
        with_closings=query.get("with_closings", False),
    )
    if not any(name in query for name in FIGURE_PARAMETERS):
        return asked
    structure = get_chosen_structure(db, connection.id, query.get("structure_id")).structure
    figure = find_figure(structure, query)
    return items_of(db, connection, structure, figure, asked) if figure else asked
