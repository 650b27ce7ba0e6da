"""One record with a value that the contract refuses stops nothing: it is set aside and named, all
else comes, the proof says what is short, and when it is mended in Odoo it comes by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.postgres import PostgresServer

AN_ITEM = (
    "SELECT min(l.id) FROM account_move_line l JOIN account_move m ON m.id = l.move_id"
    f" WHERE m.ref = '{books_script.NASTY_ENTRY}' AND l.account_id IS NOT NULL AND l.debit <> 0"
)
FORTY_DIGITS = "1234567890123456789012345678901234567890"


@dataclass(frozen=True)
class Fault:
    """A value that old books hold, in a column of one row."""

    table: str
    column: str
    value: str  # SQL
    row: str  # SQL of its id
    stream: str
    field: str  # of the contract
    shown: str | None  # the value as people see it


def of_item(column: str, value: str, field: str, shown: str | None) -> Fault:
    return Fault("account_move_line", column, value, AN_ITEM, "journal_items", field, shown)


AN_ENTRY = f"SELECT min(id) FROM account_move WHERE ref = '{books_script.NASTY_ENTRY}'"
FAULTS = {
    "an entry without a currency": Fault(
        *("account_move", "currency_id", "NULL", AN_ENTRY, "journal_entries", "currency_id", None)
    ),
    "an entry without a type": Fault(
        *("account_move", "move_type", "NULL", AN_ENTRY, "journal_entries", "type", None)
    ),
    "an item without a date": of_item("date", "NULL", "date", None),
    "NaN": of_item("amount_currency", "'NaN'", "amount_currency", "NaN"),
    "forty digits": of_item("debit", FORTY_DIGITS, "debit", FORTY_DIGITS),
    "NaN among the sums": of_item("amount_residual", "'NaN'", "residual", "NaN"),
    "after the last year": of_item("date_maturity", "'10000-01-01'", "due_date", "10000-01-01"),
    "dated after the last year": of_item("date", "'10000-01-01'", "date", "10000-01-01"),
    "before Christ": of_item("date_maturity", "'0044-03-15 BC'", "due_date", "0044-03-15 BC"),
    "dated never": of_item("date_maturity", "'infinity'", "due_date", "infinity"),
    "dated since ever": of_item("date_maturity", "'-infinity'", "due_date", "-infinity"),
}


DISTRIBUTIONS_SINCE = 16
DISTRIBUTIONS = {  # of 16 and later: JSON, and how it is shown
    '{"1": "abc"}': '1:"abc"',
    '{"27": false}': "27:false",
    '{"1": ""}': '1:""',
}
A_TAGS_SHARE = (
    "SELECT min(d.id) FROM account_analytic_distribution d JOIN account_analytic_tag g"
    " ON g.id = d.tag_id JOIN account_analytic_tag_account_move_line_rel r"
    " ON r.account_analytic_tag_id = g.id WHERE g.active_analytic_distribution"
)


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("aside")) as pair:
        assert pair.push()["state"] == "succeeded"
        yield pair


def drop_constraints(pair: Paired, fault: Fault) -> None:
    """Books that come from older series lack them."""
    if fault.value == "NULL":
        pair.odoo.sql(f"ALTER TABLE {fault.table} ALTER {fault.column} DROP NOT NULL")
    checks = pair.odoo.sql(
        "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
        f" WHERE c.contype = 'c' AND a.attrelid = '{fault.table}'::regclass"
        f" AND a.attname = '{fault.column}'"
    )
    for (name,) in checks:
        pair.odoo.sql(f"ALTER TABLE {fault.table} DROP CONSTRAINT {name}")


@contextmanager
def broken(pair: Paired, fault: Fault) -> Iterator[int]:
    """The id of the row that has the value meanwhile."""
    [(id,)] = pair.odoo.sql(fault.row)
    [(before,)] = pair.odoo.sql(f"SELECT {fault.column}::text FROM {fault.table} WHERE id = {id}")
    drop_constraints(pair, fault)
    update = f"UPDATE {fault.table} SET {fault.column} = "
    pair.odoo.sql(f"{update}{fault.value} WHERE id = {id}")
    [(kind,)] = pair.odoo.sql(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        f" WHERE attrelid = '{fault.table}'::regclass AND attname = '{fault.column}'"
    )
    try:
        yield id
    finally:
        pair.odoo.sql(f"{update}%s::{kind} WHERE id = {id}", [before])


def page(pair: Paired) -> str:
    [page] = pair.odoo.call("monitr.connection", "search_read", [], ["status"])
    return str(page["status"])


def stored(pair: Paired, stream: str) -> dict[int, dict[str, Any]]:
    return {record["id"]: record for record in pair.records(stream)}


def proof(pair: Paired) -> tuple[int, int]:
    """How many slices differ, and how many records are set aside."""
    [row] = pair.receiver.sql(
        "SELECT differing_count, set_aside_count FROM proofs ORDER BY sequence DESC LIMIT 1"
    )
    return (int(row[0]), int(row[1]))


def set_aside(pair: Paired) -> list[tuple[Any, ...]]:
    return pair.receiver.sql("SELECT stream, record_id, field, value FROM set_aside_records")


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_set_aside_and_named_and_all_else_comes(pair: Paired, name: str) -> None:
    fault = FAULTS[name]
    before = stored(pair, fault.stream)
    pair.odoo.sql("UPDATE res_partner SET ref = %s WHERE name IS NOT NULL", [name])

    with broken(pair, fault) as id:
        run = pair.push()

        assert run["state"] == "succeeded", run["error"]
        assert set_aside(pair) == [(fault.stream, id, fault.field, fault.shown)]
        assert proof(pair) == (0, 1)
        assert stored(pair, fault.stream).keys() == before.keys() - {id}
        assert {each["reference"] for each in pair.records("partners")} == {name}
        status = page(pair)
        assert "Ties out except 1 record" in status
        assert "Tied out" not in status
        assert (fault.shown or "empty") in status
        assert f"({id})" in status

    assert pair.push()["state"] == "succeeded"
    assert stored(pair, fault.stream) == before
    assert (set_aside(pair), proof(pair)) == ([], (0, 0))
    assert "Tied out" in page(pair)


def test_shares_that_are_none_are_set_aside_too(pair: Paired) -> None:
    before = stored(pair, "journal_items")
    for fault in faults_of_shares(pair):
        with broken(pair, fault):
            run = pair.push()

            assert run["state"] == "succeeded", run["error"]
            found = set_aside(pair)
            assert found
            assert {each[2] for each in found} == {"shares"}
            assert all(str(fault.shown) in str(each[3]) for each in found)
            assert proof(pair) == (0, len(found))
        assert pair.push()["state"] == "succeeded"
        assert stored(pair, "journal_items") == before


def faults_of_shares(pair: Paired) -> list[Fault]:
    if int(pair.odoo.series.partition(".")[0]) >= DISTRIBUTIONS_SINCE:
        column = "analytic_distribution"
        return [of_item(column, f"'{j}'", "shares", shown) for j, shown in DISTRIBUTIONS.items()]
    table, items = "account_analytic_distribution", "journal_items"
    return [Fault(table, "percentage", "'NaN'", A_TAGS_SHARE, items, "shares", "NaN")]


def test_the_page_tells_by_how_much_which_account_is_short(pair: Paired) -> None:
    [(id,)] = pair.odoo.sql(AN_ITEM)
    item = stored(pair, "journal_items")[id]

    with broken(pair, FAULTS["NaN"]):
        pair.push()

        assert Decimal(item["debit"]) != 0
        assert f"<td>{item['date'][:7]}</td><td>{item['debit']}</td>" in page(pair)
        [shortfalls] = pair.receiver.sql(
            "SELECT shortfalls FROM proofs ORDER BY sequence DESC LIMIT 1"
        )
        assert f'"account_id": {item["account_id"]}' in shortfalls[0]
    pair.push()


def test_many_are_counted_and_the_first_are_named(pair: Paired) -> None:
    before = stored(pair, "journal_entries")
    pair.odoo.sql("ALTER TABLE account_move ALTER currency_id DROP NOT NULL")
    pair.odoo.sql("CREATE TABLE currency_before AS SELECT id, currency_id FROM account_move")
    pair.odoo.sql("UPDATE account_move SET currency_id = NULL")

    run = pair.push()

    assert run["state"] == "succeeded", run["error"]
    assert proof(pair) == (0, len(before))
    assert f"Ties out except {len(before)} records" in page(pair)
    assert f"And {len(before) - 100} more." in page(pair)
    pair.odoo.sql(
        "UPDATE account_move m SET currency_id = b.currency_id FROM currency_before b"
        " WHERE b.id = m.id"
    )
    assert pair.push()["state"] == "succeeded"
    assert stored(pair, "journal_entries") == before
    assert proof(pair) == (0, 0)


def test_a_record_that_is_deleted_in_odoo_is_forgotten(pair: Paired) -> None:
    [(id,)] = pair.odoo.sql(
        "INSERT INTO account_analytic_line"
        " (name, date, amount, company_id, account_id, unit_amount)"
        " SELECT 'set aside', date, 'NaN', company_id, account_id, 0"
        " FROM account_analytic_line ORDER BY id LIMIT 1 RETURNING id"
    )
    assert pair.push()["state"] == "succeeded"
    assert set_aside(pair) == [("analytic_items", id, "amount", "NaN")]

    pair.odoo.sql("DELETE FROM account_analytic_line WHERE id = %s", [id])

    assert pair.push()["state"] == "succeeded"
    assert (set_aside(pair), proof(pair)) == ([], (0, 0))
    assert f"({id})" not in page(pair)


def test_it_stays_set_aside_and_known_since_when_until_it_is_mended(pair: Paired) -> None:
    with broken(pair, FAULTS["NaN"]):
        pair.push()
        [first] = pair.receiver.sql("SELECT since FROM set_aside_records")
        [in_odoo] = pair.odoo.sql("SELECT since FROM monitr_set_aside")

        assert pair.push()["state"] == "succeeded"

        assert pair.receiver.sql("SELECT since FROM set_aside_records") == [first]
        assert pair.odoo.sql("SELECT since FROM monitr_set_aside") == [in_odoo]
        assert proof(pair) == (0, 1)
    pair.push()


def test_a_record_that_no_trigger_told_of_is_found_by_the_proof(pair: Paired) -> None:
    with pair.odoo.without_triggers("account_move_line"), broken(pair, FAULTS["forty digits"]):
        assert pair.push()["state"] == "succeeded"
        assert proof(pair) == (0, 1)
    assert pair.push()["state"] == "succeeded"
    assert proof(pair) == (0, 0)


def test_an_emptied_receiver_hears_of_it_again(pair: Paired) -> None:
    with broken(pair, FAULTS["NaN"]) as id:
        pair.push()
        pair.receiver.execute("DELETE FROM set_aside_records")
        pair.odoo.sql("UPDATE monitr_connection SET push_every = push_every")

        assert pair.push()["state"] == "succeeded"

        assert [row[1] for row in set_aside(pair)] == [id]
    pair.push()


def test_a_push_of_everything_goes_on_too(pair: Paired) -> None:
    with broken(pair, FAULTS["NaN"]) as id:
        pair.set(start_date="2000-01-01")
        run = pair.push()

        assert run["is_of_everything"]
        assert run["state"] == "succeeded", run["error"]
        assert [row[1] for row in set_aside(pair)] == [id]
        assert proof(pair) == (0, 1)
    pair.set(start_date=False)
    assert pair.push()["state"] == "succeeded"
    assert (set_aside(pair), proof(pair)) == ([], (0, 0))
