"""Whoever changes closed books is found out, whichever way it was done; who pays is left alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

LAST_ACTUALS = "2025-12-31"
LOCK_DATE = "2024-01-31"  # before the first draft: Odoo locks no period that has one


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pushed and proven, and closed at the end of 2025."""
    with paired(installation, postgres, tmp_path_factory.mktemp("closed")) as pair:
        pair.receiver.monitr("connection", "close", NAME, LAST_ACTUALS)
        assert pushed(pair) == []
        yield pair


def pushed(pair: Paired) -> list[dict[str, Any]]:
    """The changes in closed periods that a push brings."""
    run = pair.push()
    assert run["state"] == "succeeded", run["error"]
    path = f"/v1/connections/{NAME}/closed-period-changes"
    changes = pair.receiver.get(path, limit=10_000)["changes"]
    return [change for change in changes if change["run_id"] == run["run_id"]]


def entry(pair: Paired, reference: str, company: str = books_script.COMPANY_A) -> int:
    [(id,)] = pair.odoo.sql(
        "SELECT id FROM account_move WHERE ref = %s AND company_id = %s",
        [reference, pair.company_id(company)],
    )
    return int(id)


def item_ids(pair: Paired, entry_id: int) -> set[int]:
    rows = pair.odoo.sql("SELECT id FROM account_move_line WHERE move_id = %s", [entry_id])
    return {id for (id,) in rows}


def ids(changes: list[dict[str, Any]], stream: str) -> set[int]:
    return {change["record_id"] for change in changes if change["stream"] == stream}


def kinds(changes: list[dict[str, Any]]) -> set[str]:
    return {change["kind"] for change in changes}


def test_an_entry_reset_to_draft_vanishes_and_appears_again(pair: Paired) -> None:
    id = entry(pair, books_script.NASTY_ENTRY)
    items = item_ids(pair, id)
    before = {each["id"]: each for each in pair.records("journal_items") if each["id"] in items}

    pair.odoo.call("account.move", "button_draft", [id])
    vanished = pushed(pair)

    assert kinds(vanished) == {"vanished"}
    assert ids(vanished, "journal_entries") == {id}
    shown = [each["before"] for each in vanished if each["stream"] == "journal_items"]
    assert {each["id"]: each for each in shown} == before

    pair.odoo.call("account.move", "action_post", [id])
    appeared = pushed(pair)

    assert kinds(appeared) == {"appeared"}
    assert ids(appeared, "journal_items") == items
    assert {each["closed_until"] for each in appeared} == {LAST_ACTUALS}


def test_a_label_changed_by_sql_is_shown_before_and_after(pair: Paired) -> None:
    id = min(item_ids(pair, entry(pair, books_script.OFF_BALANCE_ENTRY)))
    pair.odoo.sql("UPDATE account_move_line SET name = 'by SQL' WHERE id = %s", [id])

    [change] = pushed(pair)

    assert (change["kind"], change["record_id"]) == ("changed", id)
    [field] = change["fields"]
    assert (field["field"], field["after"]) == ("label", "by SQL")
    assert field["before"] in ("Debit", "Credit")


def test_an_amount_changed_by_sql_unseen_by_any_trigger_is_found_by_the_proof(
    pair: Paired,
) -> None:
    items = item_ids(pair, entry(pair, books_script.OFF_BALANCE_ENTRY))
    with pair.odoo.without_triggers("account_move_line"):
        pair.odoo.sql(
            "UPDATE account_move_line SET debit = debit * 2, credit = credit * 2,"
            " balance = balance * 2, amount_currency = amount_currency * 2 WHERE id = ANY(%s)",
            [list(items)],
        )

    changes = pushed(pair)

    assert ids(changes, "journal_items") == items
    differing = {field["field"] for change in changes for field in change["fields"]}
    assert differing == {"balance", "debit", "credit", "amount_currency"}


def test_an_entry_deleted_by_sql_has_vanished(pair: Paired) -> None:
    id = entry(pair, books_script.FOREIGN_ACCOUNT_ENTRY)
    items = item_ids(pair, id)
    pair.odoo.sql("DELETE FROM account_move WHERE id = %s", [id])

    changes = pushed(pair)

    assert kinds(changes) == {"vanished"}
    assert ids(changes, "journal_entries") == {id}
    assert ids(changes, "journal_items") == items


def test_an_entry_dated_back_has_appeared_and_one_dated_later_has_not(pair: Paired) -> None:
    original = entry(pair, books_script.OFF_BALANCE_ENTRY)
    back, later = (
        pair.odoo.shell(f"""
            entry = env["account.move"].browse({original})
            copied = entry.copy({{"date": "{day}", "ref": "Copied"}})
            copied.write({{"date": "{day}"}})
            copied.action_post()
            result = copied.id
        """)
        for day in ("2024-03-03", "2026-03-03")
    )

    changes = pushed(pair)

    assert kinds(changes) == {"appeared"}
    assert ids(changes, "journal_entries") == {back}
    assert ids(changes, "journal_items") == item_ids(pair, back)
    assert later in {record["id"] for record in pair.records("journal_entries")}


def test_the_payment_of_an_old_invoice_is_no_change(pair: Paired) -> None:
    [(invoice,)] = pair.odoo.sql(
        "SELECT m.id FROM account_move m JOIN account_move_line l ON l.move_id = m.id "
        "WHERE l.name = 'Sale 3' AND m.state = 'posted' AND m.company_id = %s",
        [pair.company_id(books_script.COMPANY_A)],
    )
    before = settled(pair, invoice)
    pair.odoo.shell(f"""
        context = {{"active_model": "account.move", "active_ids": [{invoice}]}}
        wizard = env["account.payment.register"].with_context(**context)
        wizard.create({{"payment_date": "2026-06-30"}}).action_create_payments()
        result = None
    """)

    assert pushed(pair) == []

    after = settled(pair, invoice)
    assert before != after
    assert "0" in {residual for residual, _ in after}


def settled(pair: Paired, entry_id: int) -> set[tuple[str, bool]]:
    return {
        (record["residual"], record["reconciled"])
        for record in pair.records("journal_items")
        if record["entry_id"] == entry_id
    }


def test_a_company_locked_in_odoo_is_closed(pair: Paired) -> None:
    pair.receiver.monitr("connection", "close", NAME, "--none")
    company_id = pair.company_id(books_script.COMPANY_B)
    pair.odoo.call("res.company", "write", [company_id], {"fiscalyear_lock_date": LOCK_DATE})
    assert pushed(pair) == []
    items = item_ids(pair, entry(pair, books_script.ARCHIVED_ENTRY, books_script.COMPANY_B))
    open_items = item_ids(pair, entry(pair, books_script.EXCHANGE_INVOICE, books_script.COMPANY_B))
    pair.odoo.sql(
        "UPDATE account_move_line SET name = 'by SQL' WHERE id = ANY(%s)",
        [list(items | open_items)],
    )

    changes = pushed(pair)

    assert ids(changes, "journal_items") == items
    assert {change["closed_until"] for change in changes} == {LOCK_DATE}
    assert {change["company_id"] for change in changes} == {company_id}


def test_a_push_of_everything_brings_no_change(pair: Paired) -> None:
    pair.receiver.monitr("connection", "close", NAME, LAST_ACTUALS)
    pair.set(language="en_US")

    assert pushed(pair) == []
    assert pair.last_run()["is_of_everything"]


def test_a_company_taken_out_and_put_back_brings_no_change(pair: Paired) -> None:
    acme, globex = (pair.company_id(n) for n in (books_script.COMPANY_A, books_script.COMPANY_B))

    pair.set(company_ids=[(6, 0, [acme])], start_date="2024-07-01")
    assert pushed(pair) == []

    pair.set(company_ids=[(6, 0, [acme, globex])], start_date=False)
    assert pushed(pair) == []
    assert globex in {record["company_id"] for record in pair.records("journal_items")}
