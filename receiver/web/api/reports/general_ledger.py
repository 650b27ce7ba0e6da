"""GET /v1/connections/{name}/reports/general-ledger and /entries/{entry_id}."""

import base64
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.ledger.general_ledger import (
    GeneralLedger,
    LedgerLine,
    LedgerQuestion,
    OpenedEntry,
    general_ledger,
    ledger_lines,
    open_entry,
    place_of,
)
from receiver.accounting.statements.drill_down import (
    OFF_BALANCE_TOTAL,
    TOTALS,
    Figure,
    figure_of_line,
    figure_of_total,
    figure_of_unmapped,
    items_of,
    off_balance_of,
)
from receiver.accounting.structures.structure import STATEMENTS, Structure
from receiver.accounting.structures.structure_store import get_chosen_structure
from receiver.db.accounting.general_ledger import Place
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading
from receiver.errors import InvalidQuery
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
from receiver.web.exports import Table, table_answer
from receiver.web.media_types import Format, wanted_format
from receiver.web.paging import DEFAULT_LIMIT, page_parameters
from receiver.web.query import (
    Ids,
    Query,
    format_parameter,
    id_in_path,
    id_of,
    period_of,
    period_parameters,
)

ledger = ReadingBlueprint("General ledger", "What figures are made of, down to the entry in Odoo")

FIGURE_PARAMETERS = ("line_id", "unmapped", "total")
CURSOR = re.compile(rb"place:([1-9]\d{0,17}):(\d{4}-\d\d-\d\d):([1-9]\d{0,17})")
COLUMNS = (
    "account_code",
    "account",
    "date",
    "number",
    "journal",
    "reference",
    "partner",
    "label",
    "debit",
    "credit",
    "running_balance",
    "currency",
    "amount_currency",
    "id",
    "entry_id",
)
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
        **page_parameters("items"),
        "format": format_parameter(*FORMATS),
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
    next_cursor = text_field("Pass it as `cursor` for the next page; null on the last one")


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


@dataclass(frozen=True)
class LedgerPage(GeneralLedger):
    after: Place | None  # of the last item of the page before; None: this is the first page
    items: tuple[LedgerLine, ...]
    next_cursor: str | None
    next_account_id: int | None  # of the first item of the next page


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
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        if format is Format.JSON:
            return ledger_page(db, connection, query)
    return ledger_answer(format, connection, query)


@ledger.reads("/connections/<name>/entries/<entry_id>", Query(), EntrySchema())
def get_entry(_query: object, name: str, entry_id: str) -> OpenedEntry:
    """A journal entry with all of its items, and where it opens in Odoo."""
    with reading(current_engine()) as db:
        return open_entry(db, get_visible_connection(db, name), id_in_path(entry_id))


def ledger_page(db: Database, connection: Connection, query: Mapping[str, Any]) -> LedgerPage:
    """``query`` is QUERY's values. Raises InvalidQuery, DifferentCurrencies and NotFound."""
    limit = query.get("limit", DEFAULT_LIMIT)
    after = place_in(query)
    found = general_ledger(db, connection, _question(db, connection, query))
    parts = ledger_lines(db, found, after=after, limit=limit + 1)
    items = [line for part in parts for line in part]
    has_more = len(items) > limit
    return LedgerPage(
        **vars(found),
        after=after,
        items=tuple(items[:limit]),
        next_cursor=encode_place(place_of(items[limit - 1])) if has_more else None,
        next_account_id=items[limit].account_id if has_more else None,
    )


def ledger_answer(format: Format, connection: Connection, query: Mapping[str, Any]) -> Response:
    """The items as a table to take away. Raises as ledger_page does."""
    parts = _read_rows(current_engine(), connection, query)
    answer = table_answer(format, Table("general_ledger", COLUMNS, parts))
    answer.call_on_close(parts.close)
    return answer


def encode_place(place: Place) -> str:
    text = f"place:{place.account_id}:{place.date}:{place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def place_in(query: Mapping[str, Any]) -> Place | None:
    """After which the page begins; None: the first one. Raises InvalidQuery."""
    return decode_place(query["cursor"]) if "cursor" in query else None


def decode_place(cursor: str) -> Place:
    """Raises InvalidQuery."""
    try:
        found = CURSOR.fullmatch(base64.urlsafe_b64decode(cursor))
        if found:
            account_id, day, id = (value.decode() for value in found.groups())
            return Place(int(account_id), date.fromisoformat(day), int(id))
    except ValueError:
        pass
    raise InvalidQuery("This is not a cursor that a page gave.", path="cursor")


def find_figure(structure: Structure, query: Mapping[str, Any]) -> Figure | None:
    """That is to be opened; None where accounts are. Raises InvalidQuery and NotFound."""
    chosen = [name for name in FIGURE_PARAMETERS if name in query]
    if query.get("total") == OFF_BALANCE_TOTAL and len(chosen) == 2:
        others = {name: query[name] for name in chosen if name != "total"}
        figure = find_figure(structure, others)
        return figure and off_balance_of(figure)
    if len(chosen) > 1:
        raise InvalidQuery("Ask for one figure at a time.", path=chosen[1])
    if "line_id" in query:
        return figure_of_line(structure, query["line_id"])
    if "unmapped" in query:
        return figure_of_unmapped(structure, query["unmapped"])
    return figure_of_total(structure, query["total"]) if "total" in query else None


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


def _read_rows(
    engine: Engine, connection: Connection, query: Mapping[str, Any]
) -> Generator[list[list[Any]]]:
    with reading(engine) as db:
        found = general_ledger(db, connection, _question(db, connection, query))
        limit = query.get("limit")
        for part in ledger_lines(db, found, after=place_in(query), limit=limit):
            yield [[getattr(line, column) for column in COLUMNS] for line in part]
