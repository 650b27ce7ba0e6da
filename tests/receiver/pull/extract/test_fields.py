"""Rows as each series answers them, and the lines they become: the same for the same books."""

from typing import Any

import pytest
from monitr_wire.streams import ACCOUNTS, ANALYTIC_ITEMS, COMPANIES, JOURNAL_ITEMS, PARTNERS, Stream

from receiver.errors import InvalidRecord
from receiver.ingest.validate import line_pattern
from receiver.pull.extract.fields import stream_in_odoo
from receiver.pull.scope import OdooInScope
from tests.receiver.pull import recorded
from tests.receiver.pull.recorded import Recorded, column, reference

ITEM = {
    "id": 7,
    "move_id": [3, "INV/2025/0001"],
    "company_id": 1,
    "date": "2025-02-28",
    "journal_id": [2, "Sales"],
    "account_id": 5,
    "partner_id": False,
    "sequence": 10,
    "name": "tab\there",
    "date_maturity": False,
    "debit": 0.1,
    "credit": 0.0,
    "balance": 0.1,
    "amount_currency": "100.10",  # as grouped reads give decimals
    "amount_residual": 1234567890123.45,
    "amount_residual_currency": -0.0,
    "currency_id": [1, "USD"],
    "reconciled": False,
    "full_reconcile_id": False,
    "matching_number": "",
}
ITEM_LINE = (
    r"7 3 1 2025-02-28 2 5 \N 10 tab\there \N"
    r" 0.1 0 0.1 1 100.1 1234567890123.45 0 f \N \N ".replace(" ", "\t")
)
ANALYTIC_ITEM = {
    "id": 9,
    "company_id": [1, "Acme"],
    "date": "2025-01-31",
    "general_account_id": False,
    "account_id": [12, "North"],
    "partner_id": [4, "Someone"],
    "name": False,
    "amount": -12.5,
    "unit_amount": 0.30000000000000004,
}
COMPANY = {
    "id": 3,
    "name": "Branch",
    "currency_id": [1, "USD"],
    "parent_id": [1, "Acme"],
    "fiscalyear_last_month": "12",
    "fiscalyear_last_day": 31,
    "fiscalyear_lock_date": "2024-12-31",
    "tax_lock_date": False,
}


def line(odoo: OdooInScope, stream: Stream, row: dict[str, Any]) -> str:
    return stream_in_odoo(odoo, stream).encode(row).decode().removesuffix("\n")


@pytest.mark.parametrize(
    ("distribution", "shares"),
    [
        (False, r"\N"),
        ({}, r"\N"),
        ({"12": 100.0}, "12:100"),
        ({"8": 40.0, "8,16": 60.0}, "8:40;8,16:60"),
        ({"12": 33.33, "9": 66.67}, "12:33.33;9:66.67"),
        ({"12": 100.0, "__update__": ["12"]}, "12:100"),
        ({"12": 33.333333333333336}, "12:33.333333333333336"),
        ({"12": 100.0, "9": None}, "12:100"),
    ],
)
def test_an_item_with_a_distribution(distribution: object, shares: str) -> None:
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()

    read = line(odoo, JOURNAL_ITEMS, {**ITEM, "analytic_distribution": distribution})

    assert read == ITEM_LINE + shares


@pytest.mark.parametrize(
    ("account", "tags", "shares"),
    [
        (False, [], r"\N"),
        ([12, "North"], [], "12:100"),
        (False, [1], "12:60;9:40"),
        (False, [3], r"\N"),  # a tag that distributes nothing
        ([12, "North"], [1, 3], "12:160;9:40"),
        (False, [1, 2], "12:93.33;13:66.67;9:40"),
    ],
)
def test_an_item_with_an_account_and_tags(account: object, tags: list[int], shares: str) -> None:
    distributions = [
        {"id": 1, "tag_id": [1, "60/40"], "account_id": [12, "North"], "percentage": 60.0},
        {"id": 2, "tag_id": [1, "60/40"], "account_id": [9, "South"], "percentage": 40.0},
        {"id": 3, "tag_id": [2, "Thirds"], "account_id": [12, "North"], "percentage": 33.33},
        {"id": 4, "tag_id": [2, "Thirds"], "account_id": [13, "Project"], "percentage": 66.67},
    ]
    rows = {"account.analytic.distribution": distributions}
    odoo = Recorded("14.0", {"account.move.line": recorded.ITEM_14}, rows).in_scope()

    read = line(
        odoo, JOURNAL_ITEMS, {**ITEM, "analytic_account_id": account, "analytic_tag_ids": tags}
    )

    assert read == ITEM_LINE + shares


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ((1, "other", "expense"), "expense_direct_cost"),
        ((2, "receivable", "asset"), "asset_receivable"),
        ((2, "payable", "liability"), "liability_payable"),
        ((2, "liquidity", "asset"), "asset_cash"),
        ((2, "other", "asset"), "asset_current"),
        ((2, "other", "liability"), "liability_current"),
        ((2, "other", "income"), "income"),
        ((3, "other", "off_balance"), "off_balance"),
    ],
)
def test_an_account_of_14(kind: tuple[int, str, str], expected: str) -> None:
    types = [
        {"id": 1, "xmlid": "account.data_account_type_direct_costs"},
        {"id": 2, "xmlid": "theirs.a_type_of_their_own"},
        {"id": 3, "xmlid": False},
    ]
    rows: dict[Any, Any] = {"account.account.type": types}
    odoo = Recorded("14.0", {"account.account": recorded.ACCOUNT_14}, rows).in_scope()
    type_id, internal_type, internal_group = kind
    row = {
        **{"id": 5, "name": "Sales", "code": "400000", "company_id": [1, "Acme"]},
        **{"currency_id": False, "reconcile": False, "deprecated": True},
        **{"user_type_id": [type_id, "Type"], "internal_type": internal_type},
        "internal_group": internal_group,
    }

    read = line(odoo, ACCOUNTS, row)

    assert read == f'5\tSales\t{{"1": "400000"}}\t1\t{expected}\t\\N\tf\t\\N\tf'


def test_an_account_of_16_and_17() -> None:
    odoo = Recorded("16.0", {"account.account": recorded.ACCOUNT_16}).in_scope()
    row = {
        **{"id": 5, "name": "Clients", "code": 'a"b', "company_id": 2, "currency_id": 1},
        **{"reconcile": True, "deprecated": False, "non_trade": False},
        "account_type": "asset_receivable",
    }

    read = line(odoo, ACCOUNTS, row)

    assert read == '5\tClients\t{"2": "a\\\\"b"}\t2\tasset_receivable\t1\tt\tf\tt'


@pytest.mark.parametrize(
    ("series", "described", "active"),
    [
        ("18.0", recorded.ACCOUNT_18, {"deprecated": False}),
        ("19.0", recorded.ACCOUNT_19, {"active": True}),
    ],
)
def test_an_account_since_18_has_a_code_in_each_root_company(
    series: str, described: dict[str, Any], active: dict[str, bool]
) -> None:
    companies = [{"id": 1, "parent_path": "1/"}, {"id": 3, "parent_path": "3/"}]
    companies.append({"id": 4, "parent_path": "3/4/"})
    rows: dict[Any, Any] = {
        "res.company": companies,
        ("account.account", 1): [{"id": 5, "code": "101000"}, {"id": 6, "code": "102000"}],
        ("account.account", 4): [{"id": 5, "code": "512"}, {"id": 6, "code": False}],
    }
    odoo = Recorded(series, {"account.account": described}, rows).in_scope(1, 3, 4)
    row = {
        **{"id": 5, "name": "Cash", "company_ids": [3, 1], "currency_id": False},
        **{"reconcile": False, "non_trade": False, "account_type": "asset_cash"},
        **active,
    }

    both, one = (line(odoo, ACCOUNTS, {**row, "id": id}) for id in (5, 6))

    assert both == '5\tCash\t{"1": "101000", "3": "512"}\t1,3\tasset_cash\t\\N\tf\tf\tt'
    assert one == '6\tCash\t{"1": "102000"}\t1,3\tasset_cash\t\\N\tf\tf\tt'


def test_an_analytic_item_before_17_has_one_account() -> None:
    fields = {"account.analytic.line": recorded.ANALYTIC_ITEM_14}
    odoo = Recorded("14.0", fields).in_scope()

    read = line(odoo, ANALYTIC_ITEMS, {**ANALYTIC_ITEM, "move_id": [7, "Item"]})

    assert read == "9\t1\t2025-01-31\t7\t\\N\t12\t4\t\\N\t-12.5\t0.3"


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(1234567890.123456, "1234567890.12346"), (0.1, "0.1"), (1e15, "1000000000000000"), (3, "3")],
)
def test_a_floating_point_number_has_the_digits_that_postgresql_keeps(
    quantity: float, expected: str
) -> None:
    fields = {"account.analytic.line": recorded.ANALYTIC_ITEM_14}
    odoo = Recorded("14.0", fields).in_scope()

    read = line(odoo, ANALYTIC_ITEMS, {**ANALYTIC_ITEM, "move_id": 7, "unit_amount": quantity})

    assert read.split("\t")[-1] == expected


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ({"account_id": [12, "North"], "x_plan7_id": [9, "Project"]}, "9,12"),
        ({"account_id": False, "x_plan7_id": 9}, "9"),
        ({"account_id": 9, "x_plan7_id": 9}, "9"),
        ({"account_id": False, "x_plan7_id": False}, r"\N"),
    ],
)
def test_an_analytic_item_since_17_has_an_account_in_each_plan(
    accounts: dict[str, Any], expected: str
) -> None:
    fields = {"account.analytic.line": recorded.ANALYTIC_ITEM_17}
    odoo = Recorded("19.0", fields).in_scope()

    read = line(odoo, ANALYTIC_ITEMS, {**ANALYTIC_ITEM, "move_line_id": False, **accounts})

    assert read == f"9\t1\t2025-01-31\t\\N\t\\N\t{expected}\t4\t\\N\t-12.5\t0.3"


@pytest.mark.parametrize(
    ("series", "described", "more", "root_id"),
    [
        ("14.0", recorded.COMPANY_14, {}, 3),
        ("18.0", recorded.COMPANY_18, {"parent_path": "1/3/", "hard_lock_date": False}, 1),
    ],
)
def test_a_company(
    series: str, described: dict[str, Any], more: dict[str, Any], root_id: int
) -> None:
    odoo = Recorded(series, {"res.company": described}).in_scope(3)

    read = line(odoo, COMPANIES, {**COMPANY, **more})

    assert read == f"3\tBranch\t1\t1\t{root_id}\t12\t31\t2024-12-31\t\\N\t\\N"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"complete_name": column(), "display_name": column()}, "complete"),
        ({"complete_name": {**column(), "store": False}, "display_name": column()}, "display"),
    ],
)
def test_the_first_field_that_is_stored_is_read(fields: dict[str, Any], expected: str) -> None:
    odoo = Recorded("17.0", {"res.partner": {"id": column("integer"), **fields}}).in_scope()
    known = stream_in_odoo(odoo, PARTNERS)
    row = {"id": 1, "complete_name": "complete", "display_name": "display"}

    assert known.encode(row).decode().split("\t")[1] == expected
    assert len(known.names) == 2


@pytest.mark.parametrize(
    "garbage",
    [
        {"debit": "much"},
        {"debit": float("inf")},
        {"date": "2025-02-30"},
        {"date": 7},
        {"account_id": []},
        {"account_id": {"id": 5}},
        {"analytic_distribution": {"12": "all"}},
        {"analytic_distribution": {"12": False}},
        {"analytic_distribution": {"12": ""}},
        {"analytic_distribution": "all"},
        {"name": "half a character \ud800"},
    ],
)
def test_a_value_that_is_none_breaks_the_contract_and_the_others_stay(
    garbage: dict[str, Any],
) -> None:
    """So the record is set aside, with all that is known of it."""
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()
    row = {**ITEM, "analytic_distribution": False, **garbage}
    good = line(odoo, JOURNAL_ITEMS, {**ITEM, "analytic_distribution": False})

    bad = line(odoo, JOURNAL_ITEMS, row)

    assert line_pattern(JOURNAL_ITEMS.fields).fullmatch(good.encode())
    assert not line_pattern(JOURNAL_ITEMS.fields).fullmatch(bad.encode())
    values = zip(good.split("\t"), bad.split("\t"), strict=True)
    assert sum(one != other for one, other in values) == 1


@pytest.mark.parametrize("id", [None, 0, "5"])
def test_a_row_without_an_id_is_refused(id: object) -> None:
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()

    with pytest.raises(InvalidRecord, match="without an id"):
        line(odoo, JOURNAL_ITEMS, {**ITEM, "id": id})


@pytest.mark.parametrize(
    ("written", "day"),
    [("202-03-03", "0202-03-03"), ("1-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31")],
)
def test_a_year_before_1000_may_be_written_without_its_zeros(written: str, day: str) -> None:
    """As Odoo's RPC does: odoo/odoo#62818."""
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()
    row = {**ITEM, "analytic_distribution": False, "date": written}

    assert line(odoo, JOURNAL_ITEMS, row) == ITEM_LINE.replace("2025-02-28", day) + r"\N"


@pytest.mark.parametrize(
    ("answered", "amount"),
    [
        (1234567890123456.0, "1234567890123456"),
        (1e17, "100000000000000000"),
        (1e-10, "0.0000000001"),
        ("123456789012345678.91", "123456789012345678.91"),
        (5.684341886080802e-14, "0.00000000000005684341886080802"),
    ],
)
def test_an_amount_is_what_was_answered(answered: object, amount: str) -> None:
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()
    row = {**ITEM, "analytic_distribution": False, "amount_currency": answered}

    assert line(odoo, JOURNAL_ITEMS, row) == ITEM_LINE.replace("100.1", amount) + r"\N"


def test_a_field_that_the_row_lacks_is_refused() -> None:
    odoo = Recorded("16.0", {"account.move.line": recorded.ITEM_16}).in_scope()

    with pytest.raises(InvalidRecord, match="analytic_distribution"):
        line(odoo, JOURNAL_ITEMS, ITEM)


def test_a_field_that_an_addon_made_computed_is_read_as_odoo_computes_it() -> None:
    described = {**recorded.COMPANY_14, "fiscalyear_lock_date": {"type": "date", "store": False}}
    odoo = Recorded("14.0", {"res.company": described}).in_scope(3)

    known = stream_in_odoo(odoo, COMPANIES)

    assert known.computed == ("fiscal_year_lock_date",)
    assert "fiscalyear_lock_date" in known.names
    assert "2024-12-31" in line(odoo, COMPANIES, COMPANY)


def test_names_that_addons_share_with_other_series_are_not_taken_for_odoos() -> None:
    """Each would be read instead of what Odoo 14 goes by."""
    text, list_of_companies = column(), column("many2many", relation="res.company")
    described = {**recorded.ACCOUNT_14, "account_type": text, "company_ids": list_of_companies}
    described["active"] = column("boolean")
    odoo = Recorded("14.0", {"account.account": described}, {"account.account.type": []}).in_scope()
    row = {
        **{"id": 5, "name": "Sales", "code": "400000", "company_id": [1, "Acme"]},
        **{"currency_id": False, "reconcile": False, "deprecated": True, "active": True},
        **{"user_type_id": [1, "Type"], "internal_type": "other", "internal_group": "income"},
        **{"account_type": "theirs", "company_ids": [1, 2]},
    }

    read = line(odoo, ACCOUNTS, row)

    assert read == '5\tSales\t{"1": "400000"}\t1\tincome\t\\N\tf\t\\N\tf'
    path = Recorded("14.0", {"res.company": {**recorded.COMPANY_14, "parent_path": text}})
    assert stream_in_odoo(path.in_scope(3), COMPANIES).sources["root_company_id"].names == ("id",)
    shares = {**recorded.ITEM_14, "analytic_distribution": reference("x_distribution")}
    items = Recorded("14.0", {"account.move.line": shares}, {"account.analytic.distribution": []})
    read_from = stream_in_odoo(items.in_scope(), JOURNAL_ITEMS).sources["shares"].names
    assert read_from == ("analytic_account_id", "analytic_tag_ids")
