"""A real Odoo pushes its ledger: what arrives equals the books, read from Odoo by another path."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.equality import assert_equals_odoo
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

# Of both companies, and not of the third that Odoo's demo data may bring.
BOOKS = (
    "(SELECT l.* FROM account_move_line l JOIN res_company c ON c.id = l.company_id "
    f"WHERE l.parent_state = 'posted' AND l.account_id IS NOT NULL "
    f"AND c.name IN ('{books_script.COMPANY_A}', '{books_script.COMPANY_B}')) books"
)


@pytest.fixture(scope="module")
def pushed(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The books of both companies, pushed once."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pushed")) as pair:
        assert pair.push()["state"] == "succeeded"
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


def shares_in_odoo(pushed: Paired) -> dict[int, dict[str, Decimal]]:
    if pushed.odoo.series >= "16.0":
        rows = pushed.odoo.sql(
            f"SELECT id, key, value::numeric FROM {BOOKS}, jsonb_each_text(analytic_distribution)"
        )
    else:
        rows = pushed.odoo.sql(
            "SELECT id, account::text, sum(percentage)::numeric FROM ("
            "SELECT id, analytic_account_id AS account, 100 AS percentage "
            f"FROM {BOOKS} WHERE analytic_account_id IS NOT NULL UNION ALL "
            f"SELECT books.id, d.account_id, d.percentage FROM {BOOKS} "
            "JOIN account_analytic_tag_account_move_line_rel r "
            "ON r.account_move_line_id = books.id "
            "JOIN account_analytic_tag t ON t.id = r.account_analytic_tag_id "
            "JOIN account_analytic_distribution d ON d.tag_id = t.id "
            "WHERE t.active_analytic_distribution) s GROUP BY id, account"
        )
    shares: dict[int, dict[str, Decimal]] = {}
    for id, accounts, percentage in rows:
        shares.setdefault(id, {})[accounts] = Decimal(percentage)
    return shares


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
