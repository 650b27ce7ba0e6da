"""What is reconciled and undone arrives, with the residuals that Odoo writes by raw SQL."""

import pytest

from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper

Item = dict[str, object]


@pytest.fixture
def invoice(acme: Bookkeeper, customer: int) -> int:
    invoice = int(acme.do(operations.make_invoice, customer, 100.0))
    acme.push()
    return invoice


def receivable(acme: Bookkeeper, invoice: int) -> Item:
    """The invoice's receivable as it is stored."""
    [item] = acme.do(operations.open_items, invoice)
    return acme.stored("journal_items")[item]


def test_a_payment_arrives(acme: Bookkeeper, invoice: int) -> None:
    acme.do(operations.pay, invoice)

    assert acme.push()["reconciliations"].records == 1
    assert receivable(acme, invoice)["reconciled"] is True


def test_a_part_payment_leaves_a_residual(acme: Bookkeeper, invoice: int) -> None:
    acme.do(operations.pay, invoice, amount=40.0)

    acme.push()
    assert receivable(acme, invoice)["residual"] == "60"


def test_a_full_reconciliation_completed_by_a_later_payment_reaches_the_older_items(
    acme: Bookkeeper, invoice: int
) -> None:
    [first] = acme.do(operations.pay, invoice, amount=40.0)
    acme.push()

    acme.do(operations.pay, invoice)

    acme.push()
    completed = receivable(acme, invoice)["full_reconcile_id"]
    assert completed
    assert receivable(acme, first)["full_reconcile_id"] == completed


def test_an_undone_reconciliation_is_deleted(acme: Bookkeeper, invoice: int) -> None:
    acme.do(operations.pay, invoice)
    acme.push()

    acme.do(operations.unreconcile, acme.do(operations.open_items, invoice))

    assert acme.push()["reconciliations"].deletions == 1
    assert receivable(acme, invoice)["residual"] == "100"


def test_what_is_reconciled_again_arrives(acme: Bookkeeper, invoice: int) -> None:
    [payment] = acme.do(operations.pay, invoice)
    items = acme.do(operations.open_items, invoice)
    acme.do(operations.unreconcile, items)
    acme.push()

    acme.do(operations.reconcile, items + acme.do(operations.open_items, payment))

    assert acme.push()["reconciliations"].records == 1


def test_one_part_taken_out_of_a_full_reconciliation_reaches_the_others(
    acme: Bookkeeper, invoice: int
) -> None:
    [first] = acme.do(operations.pay, invoice, amount=40.0)
    [second] = acme.do(operations.pay, invoice)
    acme.push()

    acme.do(operations.delete_partials, acme.do(operations.open_items, second))

    acme.push()
    assert receivable(acme, first)["full_reconcile_id"] is None


def test_items_follow_the_switch_that_allows_reconciliation(acme: Bookkeeper) -> None:
    account = acme.do(operations.make_account, "100901", "Switched", "asset_current")
    item = acme.items(acme.do(operations.make_entry, 12.34, debit=account))[0]
    acme.push()

    acme.write("account.account", account, reconcile=True)
    acme.push()
    assert acme.stored("journal_items")[item]["residual"] == "12.34"

    acme.write("account.account", account, reconcile=False)
    acme.push()
    assert acme.stored("journal_items")[item]["residual"] == "0"


def test_an_exchange_difference_arrives_and_is_undone(acme: Bookkeeper, customer: int) -> None:
    [(euro,)] = acme.sql("SELECT id FROM res_currency WHERE name = 'EUR'")
    foreign = {"currency_id": euro}
    invoice = acme.do(operations.make_invoice, customer, 100.0, "2024-03-01", **foreign)
    acme.push()

    acme.do(operations.pay, invoice, "2025-08-01", amount=100.0, **foreign)
    assert acme.push()["journal_entries"].records >= 3  # invoice, payment, difference

    acme.do(operations.unreconcile, acme.do(operations.open_items, invoice))
    acme.push()
    assert receivable(acme, invoice)["residual_currency"] == "100"


def test_a_reconciliation_follows_its_items_out_of_the_ledger_and_back(
    acme: Bookkeeper, invoice: int
) -> None:
    """19 keeps the reconciliation of entries that are reset; before, it is undone."""
    [payment] = acme.do(operations.pay, invoice)
    acme.push()

    for entry in (invoice, payment):
        acme.do(operations.reset, entry)
    assert acme.push()["reconciliations"].deletions == 1

    for entry in (invoice, payment):
        acme.do(operations.post, entry)
    acme.push()
