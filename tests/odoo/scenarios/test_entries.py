"""Whatever happens to an entry, the next push brings it, or takes away what has left the ledger."""

from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper, Sent


def test_nothing_is_sent_where_nothing_changed(acme: Bookkeeper) -> None:
    acme.push()

    assert acme.push() == {}


def test_a_posted_entry_arrives(acme: Bookkeeper) -> None:
    acme.push()

    entry = acme.do(operations.make_entry, 12.34)

    assert acme.push()["journal_items"] == Sent(2, 0)
    assert entry in acme.stored("journal_entries")


def test_an_entry_reset_to_draft_is_deleted_and_comes_back_when_posted(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.do(operations.reset, entry)
    acme.push()
    assert entry not in acme.stored("journal_entries")

    acme.do(operations.post, entry)
    acme.push()
    assert entry in acme.stored("journal_entries")


def test_a_cancelled_entry_is_deleted(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.do(operations.reset, entry)
    acme.do(operations.cancel, entry)

    assert acme.push()["journal_entries"].deletions == 1
    assert entry not in acme.stored("journal_entries")


def test_an_entry_deleted_in_odoo_is_deleted(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.do(operations.reset, entry)
    acme.do(operations.delete_entry, entry)

    assert acme.push()["journal_items"].deletions == 2


def test_a_draft_never_arrives(acme: Bookkeeper) -> None:
    acme.push()

    entry = acme.do(operations.make_draft, 12.34)

    assert acme.push()["journal_items"].records == 0
    assert entry not in acme.stored("journal_entries")


def test_items_replaced_in_draft_are_deleted_and_their_successors_arrive(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    before = acme.items(entry)
    acme.push()

    after = acme.do(operations.replace_items, entry)

    assert acme.push()["journal_items"] == Sent(2, 2)
    assert not set(before) & set(after)


def test_an_edited_label_of_a_posted_item_arrives(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    acme.write("account.move.line", item, name="Another label")

    acme.push()
    assert acme.stored("journal_items")[item]["label"] == "Another label"


def test_an_edited_reference_of_a_posted_entry_arrives(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.write("account.move", entry, ref="Another reference")

    acme.push()
    assert acme.stored("journal_entries")[entry]["reference"] == "Another reference"


def test_an_edited_due_date_of_a_posted_item_arrives(acme: Bookkeeper, customer: int) -> None:
    invoice = acme.do(operations.make_invoice, customer, 100.0)
    [item] = acme.do(operations.open_items, invoice)
    acme.push()

    acme.write("account.move.line", item, date_maturity="2025-12-31")

    acme.push()
    assert acme.stored("journal_items")[item]["due_date"] == "2025-12-31"


def test_an_entry_moved_to_another_month_arrives_with_its_items(acme: Bookkeeper) -> None:
    entry = acme.do(operations.make_entry, 12.34)
    acme.push()

    acme.do(operations.move_to_date, entry, "2025-08-08")

    acme.push()
    dates = {acme.stored("journal_items")[item]["date"] for item in acme.items(entry)}
    assert dates == {"2025-08-08"}


def test_resequenced_entries_arrive_with_their_numbers(acme: Bookkeeper) -> None:
    entries = [acme.do(operations.make_entry, 12.34, date="2025-04-04") for _ in range(3)]
    acme.push()

    acme.do(operations.resequence, entries, "MISC/2025/04/0500")

    acme.push()
    numbers = {acme.stored("journal_entries")[entry]["number"] for entry in entries}
    assert numbers == {f"MISC/2025/04/050{n}" for n in range(3)}


def test_a_credit_note_that_cancels_an_invoice_arrives(acme: Bookkeeper, customer: int) -> None:
    invoice = acme.do(operations.make_invoice, customer, 100.0)
    acme.push()

    credit_note = acme.do(operations.credit_note, invoice)

    assert acme.push()["reconciliations"].records == 1
    assert acme.stored("journal_entries")[credit_note]["reversed_entry_id"] == invoice


def test_a_balance_transferred_to_another_account_arrives(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    destination = acme.do(operations.make_account, "600901", "Destination")
    acme.push()

    acme.do(operations.transfer_to_account, [item], destination)

    acme.push()
    stored = acme.stored("journal_items").values()
    assert [record["balance"] for record in stored if record["account_id"] == destination] == [
        "12.34"
    ]


def test_an_edited_bank_statement_line_arrives(acme: Bookkeeper) -> None:
    line = acme.do(operations.make_statement_line, 55.5)
    acme.push()

    acme.do(operations.edit_statement_line, line, 66.6)

    acme.push()
    [(entry,)] = acme.sql("SELECT move_id FROM account_bank_statement_line WHERE id = %s", line)
    stored = acme.stored("journal_items")
    assert {stored[item]["balance"] for item in acme.items(entry)} == {"66.6", "-66.6"}


def test_a_tax_tag_set_on_a_posted_item_leaves_the_books_equal(acme: Bookkeeper) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    acme.do(operations.set_tax_tag, item)

    acme.push()


def test_an_entry_in_a_journal_with_hashes_arrives(acme: Bookkeeper) -> None:
    journal = acme.do(operations.make_journal, "HASH", restrict_mode_hash_table=True)
    acme.push()

    entry = acme.do(operations.make_entry, 12.34, journal_id=journal)

    acme.push()
    assert acme.stored("journal_entries")[entry]["journal_id"] == journal


def test_entries_of_both_companies_arrive(acme: Bookkeeper, globex: Bookkeeper) -> None:
    acme.push()

    entries = [bookkeeper.do(operations.make_entry, 12.34) for bookkeeper in (acme, globex)]

    acme.push()
    stored = acme.stored("journal_entries")
    companies = [acme.company_ids[0], globex.company_ids[0]]
    assert [stored[entry]["company_id"] for entry in entries] == companies
