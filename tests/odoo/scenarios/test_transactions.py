"""Transactions that end long after they began, or never: what is committed arrives, no more."""

from contextlib import ExitStack

import psycopg

from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper, Sent

RENAME = "UPDATE account_move_line SET name = %s WHERE id = %s"


def open_transaction(acme: Bookkeeper) -> psycopg.Connection[tuple[object, ...]]:
    odoo = acme.pair.odoo
    return psycopg.connect(odoo.postgres.conninfo(odoo.database))


def test_a_transaction_that_commits_after_a_later_push_is_not_lost(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    with open_transaction(acme) as late:
        late.execute(RENAME, ["committed late", item])
        acme.do(operations.make_entry, 56.78)
        acme.push()
        late.commit()

    assert acme.push(is_seen_by_pulls=False)["journal_items"] == Sent(1, 0)


def test_many_that_commit_in_another_order_than_they_began_are_not_lost(acme: Bookkeeper) -> None:
    items = [acme.items(acme.do(operations.make_entry, 12.34))[0] for _ in range(6)]
    acme.push()

    with ExitStack() as open_ones:
        late = [open_ones.enter_context(open_transaction(acme)) for _ in items]
        for transaction, item in zip(late, items, strict=True):
            transaction.execute(RENAME, ["committed late", item])
        for transaction in reversed(late[1:]):
            transaction.commit()
            assert acme.push(is_seen_by_pulls=False)["journal_items"] == Sent(1, 0)
        late[0].rollback()

    assert acme.push() == {}


def test_a_late_deletion_is_not_lost(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    with open_transaction(acme) as late:
        late.execute("DELETE FROM account_move WHERE id = %s", [entry])
        acme.push()
        assert entry in acme.stored("journal_entries")
        late.commit()

    assert acme.push()["journal_entries"] == Sent(0, 1)


def test_what_is_rolled_back_to_a_savepoint_does_not_arrive(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    acme.do(operations.undo_in_savepoint, item, "undone", "kept")

    acme.push()
    assert acme.stored("journal_items")[item]["label"] == "kept"


def test_what_is_rolled_back_is_not_sent(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    with open_transaction(acme) as undone:
        undone.execute(RENAME, ["never", item])
        undone.rollback()

    assert acme.push() == {}


def test_a_change_and_its_undoing_leave_the_books_equal(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    acme.write("account.move.line", item, name="changed")
    acme.write("account.move.line", item, name="Debit")

    acme.push()
    assert acme.stored("journal_items")[item]["label"] == "Debit"


def test_what_is_made_and_deleted_between_two_pushes_leaves_the_books_equal(
    acme: Bookkeeper,
) -> None:
    acme.push()

    entry = acme.do(operations.make_entry, 12.34)
    acme.do(operations.reset, entry)
    acme.do(operations.delete_entry, entry)

    assert acme.push()["journal_entries"].records <= 1  # 14 touches the entry numbered before it
