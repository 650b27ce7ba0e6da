"""Every page and every operation holds over books with all that Odoo accepts: dates of the first
and of the last year, amounts of eighteen digits, many decimals, shares that are floats."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import product
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine
from werkzeug.routing import Rule

from receiver.db.accounting.closed_periods import Change, insert_changes
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import RunState
from receiver.db.store.store import store
from receiver.db.tables import STREAM_TABLES
from tests.receiver.batches import incoming_of, lines_of
from tests.receiver.pulled_connections import add_access, ask, take_newest
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.report_books.two_years import add_year_books
from tests.receiver.web.addresses import (
    Parameters,
    addresses_of,
    parameters_of,
    rules_of_books,
    taken_of,
)
from tests.receiver.web.conftest import managing, reader_of
from tests.receiver.web.pages.conftest import add_user, signed_in

FIRST_ID = 10_001
DAYS = ("0001-01-01", "0202-03-03", "9999-12-31")
LARGE, SMALL = "999999999999999999.99", "0.0000000001"
THIRD = Decimal("33.333333333333336")
BANK, CUSTOMERS, SUPPLIERS, SALES, GOODS = 10, 12, 13, 20, 22
CHAIN = 4  # a company whose currency has eight decimals
EXPECTED = {"/reports/": 302, "/reports/<connection>/": 302}
PERIODS = (
    *({"from": day, "to": day} for day in DAYS),
    *({"from": f"{day[:4]}-01-01", "to": f"{day[:4]}-12-31"} for day in DAYS),
    {"from": "0001-01-01", "to": "9999-12-31", "by": "total"},
    {"from": "9996-01-01", "to": "9999-12-31", "by": "year"},
    {"from": "9999-10-01", "to": "9999-12-31", "by": "quarter", "comparison": "previous_year"},
    {"from": "9999-12-31", "to": "9999-12-31", "comparison": "previous_period"},
    {"from": "0202-01-01", "to": "0202-12-31", "comparison": "previous_year", "by": "quarter"},
)
OWED, OWING = {"type": "receivable"}, {"type": "payable", "aged_from": "invoice_date"}
QUERIES: tuple[dict[str, str], ...] = (
    *({"company_id": "1", **period} for period in PERIODS),
    *({"company_id": str(CHAIN), **period} for period in PERIODS[:6]),
    *({"company_id": "1", "as_of": day, **OWED} for day in DAYS),
    {"company_id": "1"},
    {"company_id": str(CHAIN)},
    *({"company_id": "1", "as_of": day, **OWING} for day in DAYS),
    *({"company_id": "1", **PERIODS[6], "format": each} for each in ("csv", "xlsx")),
    *({"company_id": "1", "as_of": DAYS[2], **OWED, "format": each} for each in ("csv", "xlsx")),
    {"company_id": "1", **PERIODS[5], "line_id": "2"},
    {"company_id": "1", **PERIODS[5], "total": "cash_flow.opening"},
    {"company_id": "1", **PERIODS[3], "total": "cash_flow.opening"},
    {"company_id": "1", **PERIODS[5], "total": "balance_sheet.credit"},
    {"company_id": "1", **PERIODS[3], "total": "balance_sheet.credit"},
    {"company_id": "1", **PERIODS[5], "plan_id": "1", "analytic_account_id": "1"},
)


def odd_records() -> dict[str, list[Record]]:
    entries: list[Record] = []
    items: list[Record] = []
    amounts = (LARGE, SMALL, "0.005", "9876543210987.65")
    for number, (day, amount) in enumerate(product(map(date.fromisoformat, DAYS), amounts)):
        entry, company = FIRST_ID + number, CHAIN if amount == SMALL else 1
        shared = {"entry_id": entry, "company_id": company, "date": day, "journal_id": 1}
        entries.append(
            record_of(
                "journal_entries",
                id=entry,
                number=f"ODD/{number}",
                **{name: shared[name] for name in ("company_id", "date")},
                **{"invoice_date": date.max, "due_date": date.min, "partner_id": 1},
            )
        )
        sides = (
            (CUSTOMERS, amount, "0"),
            (SALES, "0", amount),
            (GOODS, amount, "0"),
            (BANK, "0", amount),
        )
        for account, debit, credit in sides:
            shares = [((id,), THIRD) for id in (1, 2, 3)] if account in (SALES, GOODS) else None
            values: dict[str, Any] = {**shared, "account_id": account, "shares": shares}
            values |= {"amount_currency": Decimal(amount), "partner_id": 1, "label": "Odd"}
            values |= {"due_date": day if account == CUSTOMERS else None, "currency_id": 3}
            items.append(journal_item(FIRST_ID + len(items), debit, credit, **values))
    first, last = items[0]["id"], items[-4]["id"]
    return {
        "currencies": [record_of("currencies", id=3, code="XBT", decimal_places=8)],
        "companies": [
            record_of(
                "companies",
                id=CHAIN,
                name="Acme Chain",
                currency_id=3,
                root_company_id=1,
                fiscal_year_last_month=6,
                fiscal_year_last_day=30,
                fiscal_year_lock_date=date.max,
            )
        ],
        "journal_entries": entries,
        "journal_items": items,
        "reconciliations": [
            record_of(
                "reconciliations",
                id=id,
                debit_item_id=debit,
                credit_item_id=credit,
                date=day,
                amount=Decimal(amount),
                debit_amount_currency=Decimal(amount),
                credit_amount_currency=Decimal(SMALL),
            )
            for id, (debit, credit, day, amount) in enumerate(
                [(first, last, date.max, LARGE), (first, last, date.min, "0.0000000001")], 1
            )
        ],
        "analytic_items": [
            record_of(
                "analytic_items",
                id=id,
                date=date.fromisoformat(day),
                amount=Decimal(LARGE),
                quantity=Decimal("0.3333333333"),
            )
            for id, day in enumerate(DAYS, 1)
        ],
    }  # fmt: skip


@pytest.fixture
def odd_books(engine: Engine, config: Any, acme: ConnectionKey) -> None:
    add_year_books(engine, "acme")
    with reading(engine) as db:
        acme_id = get_connection(db, "acme").id
    for stream, records in odd_records().items():
        with writing(engine) as db:
            store(db, acme_id, incoming_of(stream, records))
    with writing(engine) as db:
        line = lines_of("journal_items", odd_records()["journal_items"][:1]).decode().rstrip("\n")
        change = Change(
            *("changed", "journal_items", FIRST_ID, 1, date.max, date.min, date.max, line, line),
            *("run-1", "batch-1", datetime.now(UTC)),
        )
        insert_changes(db, acme_id, [change])
    add_access(engine, config, acme_id, url="https://127.0.0.1")
    ask(engine, acme_id)
    take_newest(engine, RunState.SUCCEEDED, record_count=1)


def test_every_page_and_operation_holds(app: Flask, engine: Engine, odd_books: None) -> None:
    add_user(engine, "anna", is_administrator=True)
    anna, program = signed_in(app, "anna"), managing(engine, "acme", reader_of(app, engine, "acme"))
    operations = program.get("/openapi.json").get_json()["paths"]
    failed, count = [], 0

    for rule in rules_of_books(app):
        parameters = parameters_of(operations, rule)
        paths = addresses_of(rule, entry_id=FIRST_ID, line_id=2)
        for path, query in product(paths, queries_of(rule, parameters)):
            reader = anna if parameters is None else program
            answer = reader.get(path, query_string=query)
            count += answer.status_code == 200 and bool(answer.data)
            if answer.status_code not in (200, EXPECTED.get(rule.rule)):
                failed.append((path, query, answer.status_code))

    assert failed == []
    assert count > 700


def queries_of(rule: Rule, parameters: Parameters | None) -> list[dict[str, str]]:
    """Of what is asked of a report, the different ones that the operation takes."""
    if rule.rule == "/":
        return [{"connection": "acme", "company_id": id} for id in ("1", str(CHAIN))]
    if parameters is None:
        is_report = any(each in rule.rule for each in ("/reports", "/outstanding", "/dimensions"))
        return [*QUERIES] if is_report else [{}]
    taken = [taken_of(query, parameters) for query in QUERIES]
    unique = {tuple(query.items()): query for query in taken}
    if "company_id" in parameters and "limit" not in parameters:
        unique.pop((), None)  # a company must be named
    return [*unique.values()]


@pytest.mark.parametrize(("stored", "zeros"), [(4000, 28), (-4000, 0)])
def test_a_currency_that_came_before_its_decimals_had_a_bound_is_shown(
    app: Flask, engine: Engine, program: FlaskClient, stored: int, zeros: int
) -> None:
    add_user(engine, "anna", is_administrator=True)
    anna, query = signed_in(app, "anna"), {"company_id": 1, "to": "9999-12-31"}
    with writing(engine) as db:
        db.execute(sa.update(STREAM_TABLES["currencies"]).values(decimal_places=stored))

    found = report(program, "trial-balance", **query, **{"from": "9999-01-01"})

    assert found["totals"]["debit"] == "2000019753086421975.29" + "0" * zeros
    for page in ("/", "/reports/acme/balance-sheet", "/outstanding/acme/", "/health/acme/"):
        assert anna.get(page).status_code == 200, page
    assert report(program, "open-items", company_id=1, type="receivable")["items"] != []


@pytest.fixture
def program(app: Flask, engine: Engine, odd_books: None) -> FlaskClient:
    return reader_of(app, engine, "acme")


def report(program: FlaskClient, name: str, **asked: object) -> Any:
    answer = program.get(f"/v1/connections/acme/{name}", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def days_of(found: Any) -> tuple[str, str]:
    [total] = [column for column in found["columns"] if column["kind"] == "total"]
    return total["from"], total["to"]


def of_company(company_id: int) -> list[Record]:
    return [each for each in odd_records()["journal_items"] if each["company_id"] == company_id]


def test_every_digit_is_in_the_sums(program: FlaskClient) -> None:
    of_year = [each for each in of_company(1) if each["date"] == date.max]
    debit = sum(each["debit"] for each in of_year)

    found = report(program, "trial-balance", company_id=1, **{"from": "9999-01-01"})

    assert found["to"] == "9999-12-31"
    assert Decimal(found["totals"]["debit"]) == Decimal(found["totals"]["credit"]) == debit
    assert Decimal(found["totals"]["opening_balance"]) == 0
    assert str(debit) == "2000019753086421975.290"


def test_a_balance_sheet_of_the_last_day_has_all_and_balances(program: FlaskClient) -> None:
    found = report(program, "reports/balance-sheet", company_id=1, to="9999-12-31", by="total")

    [net] = found["totals"]["net"]["amounts"]
    assert Decimal(net) == 0
    [assets] = found["totals"]["debit"]["amounts"]
    assert Decimal(assets) != 0


@pytest.mark.parametrize("day", DAYS)
def test_small_amounts_are_in_the_result_of_their_day(program: FlaskClient, day: str) -> None:
    """Cost of goods and sales of the same day; the ones are the others."""
    period = {"company_id": CHAIN, "from": day, "to": day}

    found = report(program, "reports/general-ledger", **period, account_id=GOODS)

    assert [each["debit"] for each in found["items"]] == [SMALL]
    result = report(program, "reports/profit-and-loss", **period, by="total")
    lines = {line["name"]: line["amounts"] for line in result["lines"]}
    assert lines["Revenue"] == lines["Cost of sales"] == [SMALL, SMALL]


def test_what_is_left_of_an_item_is_rounded_as_odoo_rounds_it(program: FlaskClient) -> None:
    query = {"company_id": 1, "type": "receivable"}
    first = odd_records()["journal_items"][0]["id"]

    earlier = report(program, "open-items", **query, as_of="9999-12-30")["items"]
    open_then = {each["id"]: each["open_amount"] for each in earlier}
    assert open_then[first] == LARGE  # less SMALL, which is less than half a cent

    items = report(program, "open-items", **query, as_of="9999-12-31")["items"]
    assert first not in {each["id"] for each in items}  # SMALL is owed by nobody


def test_a_sheet_has_the_dates_before_1900_too(program: FlaskClient) -> None:
    query = {"company_id": 1, "from": "0001-01-01", "format": "xlsx"}
    answer = program.get("/v1/connections/acme/reports/general-ledger", query_string=query)

    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    [column] = [each for each in sheet.iter_cols(values_only=True) if each[0] == "date"]

    assert {*DAYS[:2], datetime(9999, 12, 31), datetime(2024, 7, 1)} <= {*column}  # noqa: DTZ001


def test_the_default_period_ends_with_what_is_no_slip_of_the_pen(program: FlaskClient) -> None:
    found = report(program, "reports/profit-and-loss", company_id=1)

    assert days_of(found) == ("2025-07-01", "2025-12-28")


def test_where_everything_is_odd_the_default_period_ends_with_it(program: FlaskClient) -> None:
    found = report(program, "reports/profit-and-loss", company_id=CHAIN)

    assert days_of(found) == ("0201-07-01", "0202-03-03")


def test_a_comparison_with_what_is_before_the_first_day_is_refused(program: FlaskClient) -> None:
    query = {"company_id": 1, "from": "0001-01-01", "to": "0001-12-31"}
    path = "/v1/connections/acme/reports/profit-and-loss"

    answer = program.get(path, query_string={**query, "comparison": "previous_year"})

    assert answer.status_code == 422
    assert answer.get_json()["detail"].startswith("There is nothing so much earlier.")


def test_the_page_says_what_is_dated_oddly(app: Flask, engine: Engine, odd_books: None) -> None:
    add_user(engine, "anna", is_administrator=True)
    anna = signed_in(app, "anna")

    usual = anna.get("/reports/acme/profit-and-loss?company_id=1").text
    far = anna.get("/reports/acme/profit-and-loss?company_id=1&from=9999-01-01&to=9999-12-31").text
    other = anna.get("/reports/acme/profit-and-loss?company_id=2").text

    assert "Something is dated Jan 1, 1," in usual
    assert "Something is dated Dec 31, 9999," in usual
    assert "general-ledger?company_id=1&amp;from=9999-12-31&amp;to=9999-12-31" in usual
    assert "Dec 31, 9999, which" not in far
    assert "Something is dated" not in other
