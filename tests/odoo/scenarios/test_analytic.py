"""Analytic shares and items arrive, also when Odoo makes them anew or moves them by raw SQL."""

import pytest

from tests.odoo.installations import series_under_test
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper

SERIES_WITH_TAGS = [series for series in series_under_test() if series < "16.0"]


@pytest.fixture
def plan(acme: Bookkeeper) -> int:
    return int(acme.do(operations.make_plan, "A plan"))


@pytest.fixture
def project(acme: Bookkeeper, plan: int) -> int:
    return int(acme.do(operations.make_analytic_account, "A project", plan))


@pytest.fixture
def bill(acme: Bookkeeper, customer: int, project: int) -> int:
    """A posted bill with one analytic item."""
    bill = int(acme.do(operations.make_shared_bill, customer, project))
    acme.push()
    return bill


def test_a_share_set_on_a_posted_item_arrives(acme: Bookkeeper, project: int) -> None:
    item = acme.items(acme.do(operations.make_entry, 12.34))[0]
    acme.push()

    acme.do(operations.share_item, item, project)

    acme.push()
    shares = [{"analytic_account_ids": [project], "percentage": "100"}]
    assert acme.stored("journal_items")[item]["shares"] == shares


def test_analytic_items_go_with_the_reset_and_new_ones_come_with_the_posting(
    acme: Bookkeeper, bill: int
) -> None:
    before = acme.do(operations.analytic_items, bill)

    acme.do(operations.reset, bill)
    acme.do(operations.post, bill)

    sent = acme.push()["analytic_items"]
    assert (sent.records, sent.deletions) == (1, 1)
    assert not set(before) & set(acme.stored("analytic_items"))


def test_a_share_changed_on_a_posted_bill_arrives(acme: Bookkeeper, bill: int, plan: int) -> None:
    other = acme.do(operations.make_analytic_account, "Another project", plan)

    acme.do(operations.share_item, acme.items(bill)[0], other)

    acme.push()
    [share] = acme.stored("journal_items")[acme.items(bill)[0]]["shares"]
    assert share["analytic_account_ids"] == [other]


def test_an_edited_analytic_item_arrives(acme: Bookkeeper, bill: int) -> None:
    [item] = acme.do(operations.analytic_items, bill)

    acme.write("account.analytic.line", item, amount=-70.0, unit_amount=2.5)

    acme.push()
    [item] = acme.do(operations.analytic_items, bill)  # 19 may have made it anew
    assert acme.stored("analytic_items")[item]["amount"] == "-70"


def test_a_deleted_analytic_item_is_deleted(acme: Bookkeeper, bill: int) -> None:
    [item] = acme.do(operations.analytic_items, bill)

    acme.call("account.analytic.line", "unlink", [item])

    assert acme.push()["analytic_items"].deletions == 1


def test_an_analytic_item_without_a_journal_item_arrives(acme: Bookkeeper, project: int) -> None:
    acme.push()
    values = {"name": "By hand", "account_id": project, "amount": 5.0, "date": "2025-10-10"}
    if acme.pair.odoo.series >= "17.0":  # where each plan has a column
        values = values | {"account_id": False, acme.do(operations.plan_column, project): project}

    acme.call("account.analytic.line", "create", values)

    assert acme.push()["analytic_items"].records == 1


def test_a_renamed_and_archived_analytic_account_arrives(acme: Bookkeeper, project: int) -> None:
    acme.push()

    acme.do(operations.rename_in_language, "account.analytic.account", project, "Projet", "fr_FR")
    acme.write("account.analytic.account", project, active=False)

    acme.push()
    stored = acme.stored("analytic_accounts")[project]
    assert (stored["name"], stored["active"]) == ("Projet", False)


def test_a_deleted_analytic_account_is_deleted_and_leaves_its_items(
    acme: Bookkeeper, project: int
) -> None:
    """14 takes it off the items by a foreign key; later series leave a dangling id."""
    entry = acme.do(operations.make_entry, 12.34)
    if acme.pair.odoo.series < "16.0":  # there the share of a posted item makes no analytic item
        acme.do(operations.share_item, acme.items(entry)[0], project)
    acme.push()

    acme.call("account.analytic.account", "unlink", [project])

    assert acme.push()["analytic_accounts"].deletions == 1
    assert acme.stored("journal_items")[acme.items(entry)[0]]["shares"] is None


def test_an_analytic_account_moved_to_another_plan_arrives_with_its_items(
    acme: Bookkeeper, bill: int, project: int
) -> None:
    other = acme.do(operations.make_plan, "Another plan")
    acme.push()

    acme.do(operations.move_analytic_account, project, other)

    acme.push()
    [item] = acme.do(operations.analytic_items, bill)
    assert acme.stored("analytic_items")[item]["analytic_account_ids"] == [project]
    assert acme.stored("analytic_accounts")[project]["plan_id"] == other


def test_a_plan_put_under_another_and_back_arrives_with_its_items(
    acme: Bookkeeper, bill: int, plan: int
) -> None:
    """From 17 the plan's column goes; 17 and 18 lose what the items have in it, 19 does not."""
    parent = acme.do(operations.make_plan, "Parent")
    acme.push()

    acme.do(operations.write_plan, plan, parent_id=parent, name="Child")
    acme.push()
    assert acme.stored("analytic_plans")[plan]["parent_id"] == parent

    acme.do(operations.write_plan, plan, parent_id=False)
    acme.push()
    [item] = acme.do(operations.analytic_items, bill)
    is_kept = acme.pair.odoo.series not in ("17.0", "18.0")
    assert bool(acme.stored("analytic_items")[item]["analytic_account_ids"]) is is_kept


def test_a_deleted_plan_is_deleted(acme: Bookkeeper, plan: int) -> None:
    acme.push()

    acme.do(operations.delete_plan, plan)

    assert acme.push()["analytic_plans"].deletions == 1


@pytest.mark.parametrize("series", SERIES_WITH_TAGS, indirect=True, scope="session")
class TestTags:
    """14 and 15 only: a tag on an item stands for shares."""

    @pytest.fixture
    def tag(self, acme: Bookkeeper, project: int) -> int:
        return int(acme.do(operations.make_tag, "A tag", project, 40.0))

    @pytest.fixture
    def item(self, acme: Bookkeeper, tag: int) -> int:
        """A posted item with the tag."""
        item = acme.items(acme.do(operations.make_entry, 12.34))[0]
        acme.do(operations.set_tags, item, [tag])
        acme.push()
        return item

    def test_a_changed_percentage_reaches_every_item_with_the_tag(
        self, acme: Bookkeeper, tag: int, item: int
    ) -> None:
        acme.do(operations.write_tag_share, tag, 55.0)

        acme.push()
        assert acme.stored("journal_items")[item]["shares"][0]["percentage"] == "55"

    def test_a_tag_taken_off_an_item_takes_its_share(self, acme: Bookkeeper, item: int) -> None:
        acme.do(operations.set_tags, item, [])

        acme.push()
        assert acme.stored("journal_items")[item]["shares"] is None

    def test_a_deleted_tag_takes_its_shares(self, acme: Bookkeeper, tag: int, item: int) -> None:
        acme.do(operations.delete_tag, tag)

        acme.push()
        assert acme.stored("journal_items")[item]["shares"] is None

    def test_a_tag_without_active_distribution_stands_for_nothing(
        self, acme: Bookkeeper, tag: int, item: int
    ) -> None:
        acme.write("account.analytic.tag", tag, active_analytic_distribution=False)

        acme.push()
        assert acme.stored("journal_items")[item]["shares"] is None

    def test_a_tag_moved_to_another_item_by_raw_sql_changes_both(
        self, acme: Bookkeeper, tag: int, item: int
    ) -> None:
        other = acme.items(acme.do(operations.make_entry, 56.78))[0]
        acme.push()

        acme.sql(
            "UPDATE account_analytic_tag_account_move_line_rel SET account_move_line_id = %s "
            "WHERE account_move_line_id = %s",
            other,
            item,
        )

        acme.push(is_seen_by_pulls=False)
        assert acme.stored("journal_items")[item]["shares"] is None
        assert acme.stored("journal_items")[other]["shares"]
