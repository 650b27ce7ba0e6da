"""A real Odoo pushes its ledger: what arrives equals the books, read from Odoo by another path."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.equality import assert_equals_odoo
from tests.odoo.figures import (
    BOOKS,
    LONG_AGO,
    allocated_in_odoo,
    balances_in_odoo,
    currency_in_odoo,
    fiscal_year_start,
    results_in_odoo,
    set_fiscal_years,
    shares_in_odoo,
)
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

each_company = pytest.mark.parametrize("company", [books_script.COMPANY_A, books_script.COMPANY_B])


@pytest.fixture(scope="module")
def pushed(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The books of both companies, pushed once; one's fiscal year ends in June."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pushed")) as pair:
        set_fiscal_years(pair)
        assert pair.push()["state"] == "succeeded"
        pair.receiver.post(f"/v1/connections/{NAME}/structures", {"template": "international"})
        yield pair


def test_every_record_of_every_stream_equals_odoos_row(pushed: Paired) -> None:
    assert_equals_odoo(pushed)


def test_every_posted_journal_item_arrives_and_no_other(pushed: Paired) -> None:
    arrived = {record["id"] for record in pushed.records("journal_items")}

    posted = pushed.odoo.sql(f"SELECT id FROM {BOOKS}")
    assert arrived == {id for (id,) in posted}
    assert len(arrived) > books_script.LARGE_ENTRY_LINES


def test_the_trial_balance_equals_odoos_per_account_and_company(pushed: Paired) -> None:
    for company in (books_script.COMPANY_A, books_script.COMPANY_B):
        company_id = pushed.company_id(company)

        ours = pushed.receiver.get(f"/v1/connections/{NAME}/trial-balance", company_id=company_id)

        theirs = trial_balance_of_odoo(pushed, company_id)
        assert {
            row["id"]: (Decimal(row["debit"]), Decimal(row["credit"])) for row in ours["accounts"]
        } == theirs


def trial_balance_of_odoo(pushed: Paired, company_id: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Asked from Odoo's own API, as its reports do; amounts rounded as its currency says."""
    groups = pushed.odoo.call(
        "account.move.line",
        "read_group",
        [["parent_state", "=", "posted"], ["company_id", "=", company_id]],
        ["debit:sum", "credit:sum"],
        ["account_id"],
        user=books_script.ACCOUNTANT_AB,
    )
    cent = Decimal("0.01")
    return {
        group["account_id"][0]: (
            Decimal(str(group["debit"])).quantize(cent),
            Decimal(str(group["credit"])).quantize(cent),
        )
        for group in groups
        if group["account_id"]
    }


@each_company
def test_the_profit_and_loss_equals_odoos(pushed: Paired, company: str) -> None:
    report = report_of(pushed, "profit-and-loss", company, "2025-04-01", "2025-09-30")

    months = [each for each in report["columns"] if each["kind"] in ("month", "total")]
    assert len(months) == 7
    for number, column in enumerate(months):
        theirs = results_in_odoo(pushed, company, column["from"], column["to"])
        assert accounts_of(report, number) == theirs
        assert Decimal(report["totals"]["net"]["amounts"][number]) == -sum(theirs.values())
    assert report["currency"] == currency_in_odoo(pushed, company)


@each_company
@pytest.mark.parametrize("as_of", ["2024-06-30", "2024-07-01", "2025-03-31", "2025-12-31"])
def test_the_balance_sheet_equals_odoos(pushed: Paired, company: str, as_of: str) -> None:
    """With the earnings of the fiscal year so far, which ends in June in one of the companies."""
    report = report_of(pushed, "balance-sheet", company, as_of, as_of)

    theirs = balances_in_odoo(pushed, company, LONG_AGO, as_of)
    results = results_in_odoo(pushed, company, LONG_AGO, as_of)
    assert accounts_of(report, 0) == {
        id: balance for id, balance in theirs.items() if id not in results
    }
    assert Decimal(report["totals"]["net"]["amounts"][0]) == 0
    earned = {line["kind"]: Decimal(line["amounts"][0]) for line in report["lines"]}
    in_year = results_in_odoo(pushed, company, fiscal_year_start(company, as_of), as_of)
    assert earned["current_year_earnings"] == -sum(in_year.values())
    before = sum(in_year.values()) - sum(results.values())
    assert earned["previous_years_earnings"] == before


def test_the_cash_flow_is_by_how_much_odoos_cash_grew(pushed: Paired) -> None:
    company, first, last = books_script.COMPANY_A, "2025-01-01", "2025-12-31"

    report = report_of(pushed, "cash-flow", company, first, last)

    is_cash = "account_type = 'asset_cash'"
    if pushed.odoo.series < "16.0":
        is_cash = "internal_type = 'liquidity'"
    grown = balances_in_odoo(pushed, company, first, last, is_cash)
    total = [column["kind"] for column in report["columns"]].index("total")
    assert Decimal(report["totals"]["net"]["amounts"][total]) == sum(grown.values())
    assert grown


@each_company
def test_the_general_ledger_equals_odoos(pushed: Paired, company: str) -> None:
    days = {"from": "2025-01-01", "to": "2025-06-30"}
    path = f"/v1/connections/{NAME}/reports/general-ledger"
    company_id = pushed.company_id(company)

    ledger = pushed.receiver.get(path, company_id=company_id, limit=10_000, **days)

    opening = balances_in_odoo(pushed, company, LONG_AGO, "2024-12-31")
    closing = balances_in_odoo(pushed, company, LONG_AGO, days["to"])
    accounts = ledger["accounts"]
    assert amounts_of(accounts, "opening_balance") == opening
    assert amounts_of(accounts, "closing_balance") == closing
    last = {item["account_id"]: item for item in ledger["items"]}.values()
    assert {item["account_id"]: Decimal(item["running_balance"]) for item in last}.items() <= {
        account["id"]: Decimal(account["closing_balance"]) for account in accounts
    }.items()
    in_odoo = pushed.odoo.sql(
        f"SELECT id FROM {BOOKS} WHERE company_id = %s AND date BETWEEN %s AND %s",
        [company_id, *days.values()],
    )
    assert {item["id"] for item in ledger["items"]} == {id for (id,) in in_odoo}


def test_the_dimensional_report_equals_odoos_shares(pushed: Paired) -> None:
    path = f"/v1/connections/{NAME}/reports/dimensions"
    company_id = pushed.company_id(books_script.COMPANY_A)
    days = {"from": LONG_AGO, "to": "2025-12-31", "by": "total"}

    report = pushed.receiver.get(path, company_id=company_id, **days)

    company, last = books_script.COMPANY_A, days["to"]
    shared = allocated_in_odoo(pushed, company, LONG_AGO, last)
    results = results_in_odoo(pushed, company, LONG_AGO, last)
    known = {record["id"] for record in pushed.records("analytic_accounts")}
    lines = [line for each in report["dimensions"] for line in each["lines"]]
    assert {line["analytic_account_id"]: Decimal(line["amounts"][0]) for line in lines} == {
        id: amount for id, amount in shared.items() if id in known
    }
    assert lines
    for each in report["dimensions"]:
        assert Decimal(each["total"]["amounts"][0]) == -sum(results.values())


def test_an_entry_tells_where_it_opens_in_odoo(pushed: Paired) -> None:
    [(id,)] = pushed.odoo.sql(
        "SELECT id FROM account_move WHERE ref = %s ORDER BY id LIMIT 1",
        [books_script.EXCHANGE_INVOICE],
    )

    entry = pushed.receiver.get(f"/v1/connections/{NAME}/entries/{id}")

    base = pushed.odoo.call("ir.config_parameter", "get_param", "web.base.url")
    assert entry["odoo_link"].startswith(f"{base}/")
    assert f"{id}" in entry["odoo_link"]
    [(count,)] = pushed.odoo.sql(f"SELECT count(*) FROM {BOOKS} WHERE move_id = %s", [id])
    assert len(entry["lines"]) == count


def report_of(pushed: Paired, report: str, company: str, first: str, last: str) -> dict[str, Any]:
    path = f"/v1/connections/{NAME}/reports/{report}"
    days = {"from": first, "to": last}
    return dict(pushed.receiver.get(path, company_id=pushed.company_id(company), **days))


def accounts_of(report: dict[str, Any], column: int) -> dict[int, Decimal]:
    """Debit less credit of every account that has any; off-balance accounts stand apart."""
    amounts = {
        account["id"]: Decimal(account["amounts"][column]) * (-1) ** line["is_credit_positive"]
        for line in (*report["lines"], *report.get("off_balance", ()))
        for account in line["accounts"]
    }
    return {id: amount for id, amount in amounts.items() if amount}


def amounts_of(accounts: list[dict[str, Any]], name: str) -> dict[int, Decimal]:
    amounts = {account["id"]: Decimal(account[name]) for account in accounts}
    return {id: amount for id, amount in amounts.items() if amount}


def test_drafts_and_cancelled_entries_are_absent(pushed: Paired) -> None:
    references = {record["reference"] for record in pushed.records("journal_entries")}

    not_posted = {books_script.DRAFT, books_script.CANCELLED, books_script.RESET_TO_DRAFT}
    assert not references & not_posted
    assert books_script.NASTY_ENTRY in references


def test_amounts_in_every_currency_arrive_exactly(pushed: Paired) -> None:
    arrived = {
        record["id"]: tuple(
            Decimal(record[name])
            for name in ("balance", "amount_currency", "residual", "residual_currency")
        )
        for record in pushed.records("journal_items")
    }

    in_odoo = pushed.odoo.sql(
        "SELECT id, balance, amount_currency, amount_residual, amount_residual_currency "
        f"FROM {BOOKS}"
    )
    assert arrived == {id: tuple(amounts) for id, *amounts in in_odoo}
    currencies = pushed.odoo.sql(f"SELECT DISTINCT currency_id FROM {BOOKS}")
    assert len(currencies) >= 4


def test_labels_arrive_character_by_character(pushed: Paired) -> None:
    arrived = {record["id"]: record["label"] for record in pushed.records("journal_items")}

    in_odoo = pushed.odoo.sql(f"SELECT id, name FROM {BOOKS}")
    assert arrived == {id: label or None for id, label in in_odoo}
    assert set(books_script.NASTY_LABELS) - {""} <= set(arrived.values())


def test_names_come_in_the_chosen_language(pushed: Paired) -> None:
    company_a = str(pushed.company_id(books_script.COMPANY_A))
    accounts = {
        record["codes"].get(company_a): record["name"] for record in pushed.records("accounts")
    }
    journals = {record["name"] for record in pushed.records("journals")}
    analytic = {record["name"] for record in pushed.records("analytic_accounts")}

    for code, name in books_script.TRANSLATED_NAMES.items():
        assert accounts[code] == name
    assert accounts[books_script.ACCOUNT_WITHOUT_TRANSLATION]
    assert books_script.TRANSLATED_JOURNAL in journals
    assert books_script.TRANSLATED_ANALYTIC_ACCOUNT in analytic


def test_analytic_shares_arrive_as_odoo_distributes_them(pushed: Paired) -> None:
    arrived = {
        record["id"]: shares_as_text(record["shares"])
        for record in pushed.records("journal_items")
        if record["shares"]
    }

    assert arrived == shares_in_odoo(pushed)
    assert any("," in share for shares in arrived.values() for share in shares) == (
        pushed.odoo.series >= "17.0"
    )


def shares_as_text(shares: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {
        ",".join(map(str, share["analytic_account_ids"])): Decimal(share["percentage"])
        for share in shares
    }


def test_pushing_again_changes_nothing(pushed: Paired) -> None:
    run = pushed.push()

    assert run["state"] == "succeeded"
    written = pushed.receiver.sql(
        f"SELECT count(*) FROM receipts WHERE written_count > 0 AND run_id = '{run['run_id']}'"
    )
    assert written == [(0,)]


def test_the_settings_page_tells_how_it_went(pushed: Paired) -> None:
    page = pushed.odoo.call("monitr.connection", "search_read", [], ["status", "address"])[0]

    assert "succeeded" in page["status"]
    assert page["address"] == pushed.receiver.url
