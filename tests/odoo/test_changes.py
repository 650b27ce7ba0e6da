"""After a change in Odoo the next push sends just what changed, whichever way it was changed."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.postgres import PostgresServer

ITEMS = (
    "SELECT l.id, l.name, l.balance, l.amount_residual, l.partner_id, l.account_id, l.reconciled "
    "FROM account_move_line l JOIN res_company c ON c.id = l.company_id "
    "WHERE l.parent_state = 'posted' AND l.account_id IS NOT NULL "
    f"AND c.name IN ('{books_script.COMPANY_A}', '{books_script.COMPANY_B}')"
)


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("changes")) as pair:
        pair.push()
        yield pair


def push_changes(pair: Paired) -> int:
    """Push; the receiver then equals Odoo's database, and this many journal items were sent."""
    run = pair.push()
    assert run["state"] == "succeeded"
    assert not run["is_of_everything"]
    assert stored_items(pair) == {tuple(row) for row in items_in_odoo(pair)}
    received = pair.receiver.sql(
        "SELECT COALESCE(sum(received_count), 0) FROM receipts "
        f"WHERE stream = 'journal_items' AND run_id = '{run['run_id']}'"
    )
    return int(received[0][0])


def items_in_odoo(pair: Paired) -> list[tuple[object, ...]]:
    return [(id, label or None, *rest) for id, label, *rest in pair.odoo.sql(ITEMS)]


def stored_items(pair: Paired) -> set[tuple[object, ...]]:
    return {
        (
            record["id"],
            record["label"],
            Decimal(record["balance"]),
            Decimal(record["residual"]),
            record["partner_id"],
            record["account_id"],
            record["reconciled"],
        )
        for record in pair.records("journal_items")
    }


def entry(pair: Paired, reference: str) -> int:
    return int(pair.odoo.sql("SELECT id FROM account_move WHERE ref = %s", [reference])[0][0])


def test_nothing_is_sent_where_nothing_changed(pair: Paired) -> None:
    push_changes(pair)

    assert push_changes(pair) == 0


def test_an_entry_reset_to_draft_is_deleted_and_comes_back_when_posted(pair: Paired) -> None:
    id = entry(pair, books_script.NASTY_ENTRY)

    pair.odoo.call("account.move", "button_draft", [id])
    push_changes(pair)
    entries = {record["id"] for record in pair.records("journal_entries")}
    assert id not in entries

    pair.odoo.call("account.move", "action_post", [id])
    assert 0 < push_changes(pair) < 1000


def test_raw_sql_is_noticed(pair: Paired) -> None:
    id = entry(pair, books_script.NASTY_ENTRY)
    pair.odoo.sql("UPDATE account_move_line SET name = 'by SQL' WHERE move_id = %s", [id])

    assert push_changes(pair) > 0

    pair.odoo.sql("DELETE FROM account_move WHERE id = %s", [id])
    push_changes(pair)
    assert id not in {record["entry_id"] for record in pair.records("journal_items")}


def test_a_transaction_that_commits_after_a_later_push_is_not_lost(pair: Paired) -> None:
    [(id, label)] = pair.odoo.sql(f"SELECT id, name FROM ({ITEMS} ORDER BY 1 LIMIT 1) i")
    with psycopg.connect(pair.odoo.postgres.conninfo(pair.odoo.database)) as late:
        late.execute("UPDATE account_move_line SET name = 'committed late' WHERE id = %s", [id])
        push_changes(pair)
        late.commit()

    assert push_changes(pair) == 1
    pair.odoo.sql("UPDATE account_move_line SET name = %s WHERE id = %s", [label, id])


def test_a_renamed_partner_and_account_arrive(pair: Paired) -> None:
    [(partner_id, account_id)] = pair.odoo.sql(
        f"SELECT partner_id, account_id FROM ({ITEMS} AND l.partner_id IS NOT NULL LIMIT 1) i"
    )
    french = {"context": {"lang": books_script.LANGUAGE}}
    pair.odoo.call("res.partner", "write", [partner_id], {"name": "Renamed Ltd"})
    pair.odoo.call("account.account", "write", [account_id], {"name": "Renommé"}, **french)

    push_changes(pair)

    assert names(pair, "accounts")[account_id] == "Renommé"
    assert "Renamed Ltd" in names(pair, "partners")[partner_id]


def names(pair: Paired, stream: str) -> dict[int, str]:
    return {record["id"]: record["name"] for record in pair.records(stream)}


def test_merged_partners_arrive(pair: Paired) -> None:
    first, second = pair.odoo.sql(
        f"SELECT DISTINCT partner_id FROM ({ITEMS} AND l.partner_id IS NOT NULL) i "
        "JOIN res_partner p ON p.id = i.partner_id AND p.parent_id IS NULL "
        "AND p.id NOT IN (SELECT partner_id FROM res_users "
        "UNION SELECT partner_id FROM res_company) "
        "ORDER BY 1 LIMIT 2"
    )
    pair.odoo.shell(f"""
        wizard = env["base.partner.merge.automatic.wizard"].create({{}})
        partners = env["res.partner"].browse([{first[0]}, {second[0]}])
        wizard._merge(partners.ids, partners[0], extra_checks=False)
        result = None
    """)

    assert push_changes(pair) > 0
    assert second[0] not in names(pair, "partners")


def test_changed_settings_send_everything_again(pair: Paired) -> None:
    pair.set(language="en_US")

    run = pair.push()

    assert run["is_of_everything"]
    assert "Ventes de produits" not in names(pair, "accounts").values()
    assert pair.receiver.get(f"/v1/connections/{NAME}")["language"] == "en_US"
