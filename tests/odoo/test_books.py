"""The test books are as promised, seen by plain SQL: other tests build on each of these facts."""

from typing import LiteralString

import pytest

from tests.odoo import books_script as script
from tests.odoo.server import Odoo, OdooError


def test_every_entry_balances(shared_odoo: Odoo) -> None:
    unbalanced = shared_odoo.sql(
        "SELECT move_id FROM account_move_line GROUP BY move_id"
        " HAVING sum(debit) <> sum(credit) OR sum(balance) <> 0"
    )

    assert unbalanced == []


def test_the_large_entry_has_ten_thousand_different_lines(shared_odoo: Odoo) -> None:
    (entry,) = shared_odoo.sql(
        "SELECT count(*), count(DISTINCT line.name), sum(debit) = max(amount_total),"
        " count(DISTINCT balance) > 5000, max(state)"
        " FROM account_move_line line JOIN account_move entry ON entry.id = move_id"
        " WHERE entry.ref = %s",
        [script.LARGE_ENTRY],
    )

    assert entry == (10_000, 10_000, True, True, "posted")


@pytest.mark.parametrize(
    ("ref", "state"),
    [
        (script.DRAFT, "draft"),
        (script.CANCELLED, "cancel"),
        (script.RESET_TO_DRAFT, "draft"),
        (script.ARCHIVED_ENTRY, "posted"),
        (script.EXCHANGE_INVOICE, "posted"),
    ],
)
def test_each_company_has_an_entry(shared_odoo: Odoo, ref: str, state: str) -> None:
    found = shared_odoo.sql(
        "SELECT company.name, state FROM account_move entry"
        " JOIN res_company company ON company.id = company_id WHERE ref = %s ORDER BY 1",
        [ref],
    )

    assert found == [(script.COMPANY_A, state), (script.COMPANY_B, state)]


def test_the_entry_reset_to_draft_was_posted_before(shared_odoo: Odoo) -> None:
    query = "SELECT DISTINCT posted_before FROM account_move WHERE ref = %s"

    assert shared_odoo.sql(query, [script.RESET_TO_DRAFT]) == [(True,)]


def test_companies_keep_different_currencies(shared_odoo: Odoo) -> None:
    currencies = shared_odoo.sql(
        "SELECT company.name, currency.name FROM res_company company"
        " JOIN res_currency currency ON currency.id = currency_id WHERE company.name IN (%s, %s)"
        " ORDER BY 1",
        [script.COMPANY_A, script.COMPANY_B],
    )

    assert currencies == [(script.COMPANY_A, "USD"), (script.COMPANY_B, "EUR")]


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", "1000"), ("JPY", "150001"), ("KWD", "1234.567")]
)
def test_foreign_amounts_are_exact(shared_odoo: Odoo, currency: str, amount: str) -> None:
    found = shared_odoo.sql(
        "SELECT line.id FROM account_move_line line"
        " JOIN res_currency currency ON currency.id = line.currency_id"
        " WHERE currency.name = %s AND amount_currency = %s::numeric",
        [currency, amount],
    )

    assert found


def test_labels_are_as_nasty_as_written(shared_odoo: Odoo) -> None:
    rows = shared_odoo.sql(
        "SELECT DISTINCT line.name FROM account_move_line line"
        " JOIN account_move entry ON entry.id = move_id WHERE entry.ref = %s",
        [script.NASTY_ENTRY],
    )

    labels = {label or "" for (label,) in rows}
    assert labels == set(script.NASTY_LABELS)
    assert max(map(len, labels)) >= 20_000


def test_paying_at_another_rate_makes_an_exchange_difference(shared_odoo: Odoo) -> None:
    differences = shared_odoo.sql(
        "SELECT company.name FROM account_move entry"
        " JOIN res_company company ON company.id = entry.company_id"
        " WHERE entry.journal_id = company.currency_exchange_journal_id AND state = 'posted'"
        " AND company.name IN (%s, %s) GROUP BY 1 ORDER BY 1",
        [script.COMPANY_A, script.COMPANY_B],
    )

    assert differences == [(script.COMPANY_A,), (script.COMPANY_B,)]


def test_open_items_fall_due_over_two_years(shared_odoo: Odoo) -> None:
    years = shared_odoo.sql(
        "SELECT DISTINCT extract(year FROM date_maturity)::int FROM account_move_line"
        " WHERE amount_residual <> 0 AND parent_state = 'posted' AND date_maturity < '2026-01-01'"
        " AND date_maturity >= '2024-01-01' ORDER BY 1"
    )

    assert years == [(2024,), (2025,)]


def test_some_items_are_settled_in_part(shared_odoo: Odoo) -> None:
    partly = shared_odoo.sql(
        "SELECT id FROM account_move_line"
        " WHERE amount_residual <> 0 AND amount_residual <> balance AND parent_state = 'posted'"
    )

    assert partly


def test_analytic_shares_have_every_form_of_the_series(shared_odoo: Odoo) -> None:
    if shared_odoo.series in ("14.0", "15.0"):
        forms: LiteralString = (
            "SELECT line.analytic_account_id IS NOT NULL, count(tag.account_analytic_tag_id)"
            " FROM account_move_line line LEFT JOIN account_analytic_tag_account_move_line_rel tag"
            " ON tag.account_move_line_id = line.id"
            " WHERE line.name LIKE 'Analytic:%%' GROUP BY line.id ORDER BY line.id"
        )
        expected = [(True, 0), (False, 1), (False, 1), (False, 1), (True, 2), (False, 2)]
        assert shared_odoo.sql(forms, []) == expected
    else:
        shares = shared_odoo.sql(
            "SELECT line.name, array_agg(share.value::float ORDER BY share.value::float)"
            " FROM account_move_line line, jsonb_each_text(analytic_distribution) share"
            " WHERE line.name LIKE 'Analytic:%%' GROUP BY 1",
            [],
        )
        assert (
            dict(shares).items()
            >= {
                "Analytic: one account": [100.0],
                "Analytic: thirds": [33.33, 66.67],
                "Analytic: over 100": [50.0, 100.0],
                "Analytic: under 100": [12.5],
            }.items()
        )


def test_sections_and_notes_are_no_journal_items(shared_odoo: Odoo) -> None:
    without_account = shared_odoo.sql(
        "SELECT count(*) FROM account_move_line line JOIN account_move entry ON entry.id = move_id"
        " WHERE entry.ref = %s AND account_id IS NULL",
        [script.SECTION_INVOICE],
    )

    assert without_account == [(2,)]


def test_names_are_translated_where_promised(shared_odoo: Odoo) -> None:
    in_french = {"lang": script.LANGUAGE, "allowed_company_ids": [1]}
    codes = ["400000", script.ACCOUNT_WITHOUT_TRANSLATION]

    accounts = shared_odoo.call(
        "account.account",
        "search_read",
        [("code", "in", codes)],
        ["code", "name"],
        user=script.ACCOUNTANT_A,
        context=in_french,
    )

    names = {account["code"]: account["name"] for account in accounts}
    assert names == {"400000": script.TRANSLATED_NAMES["400000"], "600000": "Expenses"}


@pytest.mark.parametrize("user", script.USERS)
def test_users_can_log_in_and_see_their_companies(shared_odoo: Odoo, user: str) -> None:
    companies = shared_odoo.call("res.company", "search_read", [], ["name"], user=user)

    expected = {script.COMPANY_A}
    if user == script.ACCOUNTANT_AB:
        expected.add(script.COMPANY_B)
    assert {company["name"] for company in companies} == expected


def test_only_accountants_read_journal_items(shared_odoo: Odoo) -> None:
    def count(user: str) -> int:
        return int(shared_odoo.call("account.move.line", "search_count", [], user=user))

    assert count(script.ACCOUNTANT_AB) > count(script.ACCOUNTANT_A) > 10_000
    with pytest.raises(OdooError) as refused:
        count(script.PLAIN_USER)
    assert refused.value.name == "odoo.exceptions.AccessError"
