"""What is changed past Odoo, straight in its database, arrives like everything else."""

from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper, Sent


def test_an_update_of_items_arrives(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.sql("UPDATE account_move_line SET name = 'By SQL' WHERE move_id = %s", entry)

    assert acme.push(is_seen_by_pulls=False)["journal_items"] == Sent(2, 0)


def test_more_changes_than_are_taken_at_once_arrive(acme: Bookkeeper) -> None:
    acme.push()

    for position in range(6):  # of more than ten thousand items; 50,000 events are taken at once
        update = "UPDATE account_move_line SET sequence = %s WHERE parent_state = 'posted'"
        acme.sql(update, position)

    assert acme.push(is_seen_by_pulls=False)["journal_items"].records > 10_000


def test_the_cascade_of_a_deleted_entry_takes_its_items(acme: Bookkeeper, customer: int) -> None:
    plan = acme.do(operations.make_plan, "Of a deleted bill")
    project = acme.do(operations.make_analytic_account, "Of a deleted bill", plan)
    bill = acme.do(operations.make_shared_bill, customer, project)
    acme.push()

    acme.sql("DELETE FROM account_move WHERE id = %s", bill)

    sent = acme.push()
    assert sent["journal_entries"] == Sent(0, 1)
    assert sent["journal_items"] == Sent(0, 2)
    assert sent["analytic_items"] == Sent(0, 1)


def test_a_deletion_of_one_item_is_a_deletion_of_that_item(acme: Bookkeeper) -> None:
    debit, credit = acme.items(acme.do(operations.make_entry, 12.34))
    acme.push()

    acme.sql("DELETE FROM account_move_line WHERE id = %s", debit)

    assert acme.push()["journal_items"] == Sent(0, 1)
    assert credit in acme.stored("journal_items")


def test_a_state_changed_on_items_only_takes_them_and_their_reconciliation(
    acme: Bookkeeper, customer: int
) -> None:
    invoice = acme.do(operations.make_invoice, customer, 100.0)
    [payment] = acme.do(operations.pay, invoice)
    acme.push()

    unposted = "UPDATE account_move_line SET parent_state = 'draft' WHERE move_id IN (%s, %s)"
    acme.sql(unposted, invoice, payment)

    sent = acme.push()
    assert sent["journal_items"] == Sent(0, 4)
    assert sent["reconciliations"] == Sent(0, 1)


def test_a_deleted_reconciliation_is_deleted(acme: Bookkeeper, customer: int) -> None:
    invoice = acme.do(operations.make_invoice, customer, 100.0)
    acme.do(operations.pay, invoice, amount=40.0)
    items = acme.do(operations.open_items, invoice)
    acme.push()

    acme.sql("DELETE FROM account_partial_reconcile WHERE debit_move_id = ANY(%s)", items)

    assert acme.push()["reconciliations"] == Sent(0, 1)


def test_a_full_reconciliation_deleted_with_its_references_set_to_null_reaches_the_items(
    acme: Bookkeeper, customer: int
) -> None:
    invoice = acme.do(operations.make_invoice, customer, 100.0)
    acme.do(operations.pay, invoice)
    [item] = acme.do(operations.open_items, invoice)
    acme.push()

    acme.sql(
        "DELETE FROM account_full_reconcile WHERE id = "
        "(SELECT full_reconcile_id FROM account_move_line WHERE id = %s)",
        item,
    )

    acme.push()
    assert acme.stored("journal_items")[item]["full_reconcile_id"] is None


def test_an_entry_given_to_the_other_company_arrives(acme: Bookkeeper, globex: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    other = globex.company_ids[0]
    acme.sql("UPDATE account_move_line SET company_id = %s WHERE move_id = %s", other, entry)

    acme.push()
    stored = acme.stored("journal_items")
    assert {stored[item]["company_id"] for item in acme.items(entry)} == {other}
