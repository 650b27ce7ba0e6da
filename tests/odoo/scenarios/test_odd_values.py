"""Whatever Odoo accepts or its database holds arrives as it is, pushed and pulled."""

import pytest

from tests.odoo.equality import assert_ties_out
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper

THIRD = "33.333333333333336"


@pytest.mark.parametrize("day", ["0202-03-03", "9999-12-31", "9999-11-30"])
def test_an_entry_of_any_year_arrives(acme: Bookkeeper, day: str) -> None:
    """202 is what comes of a slip of the pen. Such a year disturbs Odoo's own numbering."""
    journal = acme.do(operations.make_journal, f"Z{day[2:4]}{day[5:7]}")  # of five characters
    entry = acme.do(operations.make_entry, 12.34, date=day, journal_id=journal)

    acme.push()

    assert acme.stored("journal_entries")[entry]["date"] == day
    assert {acme.stored("journal_items")[item]["date"] for item in acme.items(entry)} == {day}


def test_an_entry_of_the_first_day_there_is_arrives(acme: Bookkeeper) -> None:
    """Odoo would move it to the end of a year, or of a month."""
    journal = acme.do(operations.make_journal, "ZFIRST")
    entry = acme.do(operations.make_entry, 12.34, journal_id=journal)
    acme.push()

    acme.sql("UPDATE account_move SET date = '0001-01-01' WHERE id = %s", entry)
    acme.sql("UPDATE account_move_line SET date = '0001-01-01' WHERE move_id = %s", entry)

    acme.push()
    assert acme.stored("journal_entries")[entry]["date"] == "0001-01-01"
    assert acme.stored("journal_items")[acme.items(entry)[0]]["date"] == "0001-01-01"


def test_what_differs_in_the_last_month_there_is_is_repaired_by_the_pull(acme: Bookkeeper) -> None:
    journal = acme.do(operations.make_journal, "ZLAST")
    entry = acme.do(operations.make_entry, 12.34, date="9999-12-31", journal_id=journal)
    [item, _] = acme.items(entry)
    acme.push()

    acme.sql("UPDATE account_move_line SET amount_residual = 7 WHERE id = %s", item)

    acme.push()
    assert acme.stored("journal_items")[item]["residual"] == "7"


@pytest.mark.parametrize(
    "amount",
    ["1234567890123456", "9876543210987.65", "0.0000000001", "0.00000000000005684341886080802"],
)
def test_an_amount_arrives_however_long(acme: Bookkeeper, amount: str) -> None:
    debit, credit = acme.items(acme.do(operations.make_entry, 12.34))
    update = (
        "UPDATE account_move_line SET debit = %s, credit = %s, balance = %s, amount_currency = %s"
        " WHERE id = %s"
    )

    acme.sql(update, amount, 0, amount, amount, debit)
    acme.sql(update, 0, amount, f"-{amount}", f"-{amount}", credit)

    acme.push()
    assert acme.stored("journal_items")[debit]["balance"] == amount
    assert acme.stored("journal_items")[credit]["balance"] == f"-{amount}"


def test_an_amount_that_is_longer_than_a_double_is_pushed_whole(acme: Bookkeeper) -> None:
    """The pull gets what Odoo's RPC says of it, and ties out."""
    [item, _] = acme.items(acme.do(operations.make_entry, 12.34))
    acme.push()
    update = "UPDATE account_move_line SET amount_residual = %s WHERE id = %s"

    acme.sql(update, "123456789012345678.91", item)

    assert_ties_out(acme.pair, acme.pair.push())
    assert acme.stored("journal_items")[item]["residual"] == "123456789012345678.91"
    acme.pull()
    acme.sql(update, 0, item)


def test_a_currency_of_three_decimals_arrives(acme: Bookkeeper, customer: int) -> None:
    [(kwd,)] = acme.sql("SELECT id FROM res_currency WHERE name = 'KWD'")
    acme.write("res.currency", kwd, active=True)
    [item] = acme.items(acme.do(operations.make_entry, 12.34))[:1]

    acme.sql(
        "UPDATE account_move_line SET currency_id = %s, amount_currency = 3.785 WHERE id = %s",
        kwd,
        item,
    )

    acme.push()
    assert acme.stored("journal_items")[item]["amount_currency"] == "3.785"


def test_a_percentage_arrives_as_long_as_it_is(acme: Bookkeeper) -> None:
    plan = acme.do(operations.make_plan, "Thirds")
    thirds = [acme.do(operations.make_analytic_account, name, plan) for name in "ABC"]
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    if acme.pair.odoo.series < "16.0":
        tags = [acme.do(operations.make_tag, str(id), id, float(THIRD)) for id in thirds]
        acme.do(operations.set_tags, item, tags)
        expected = "33.3333333333333"  # of a floating point number PostgreSQL tells fifteen digits
    else:
        distribution = ", ".join(f'"{id}": {THIRD}' for id in thirds)
        update = "UPDATE account_move_line SET analytic_distribution = %s WHERE id = %s"
        acme.sql(update, "{" + distribution + "}", item)
        expected = THIRD

    acme.push(is_seen_by_pulls=False)
    shares = [{"analytic_account_ids": [id], "percentage": expected} for id in thirds]
    assert acme.stored("journal_items")[item]["shares"] == shares


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("0.3333333333333333", "0.3333333333"), ("100000000000000", "100000000000000")],
)
def test_a_quantity_is_as_exact_as_a_float_can_be(
    acme: Bookkeeper, customer: int, quantity: str, expected: str
) -> None:
    plan = acme.do(operations.make_plan, "Of a quantity")
    project = acme.do(operations.make_analytic_account, "Of a quantity", plan)
    [item] = acme.do(
        operations.analytic_items, acme.do(operations.make_shared_bill, customer, project)
    )
    acme.push()

    acme.sql("UPDATE account_analytic_line SET unit_amount = %s WHERE id = %s", quantity, item)

    acme.push(is_seen_by_pulls=False)
    assert acme.stored("analytic_items")[item]["quantity"] == expected
