"""The contract's rules: values that are more than one Odoo field as it stands.

Each rule looks at the fields that this Odoo has and gives a Source. What it must know besides the
row itself is read here, once a run. The addon's columns.py says the same in SQL.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from monitr_wire.account_types import STANDARD_TYPES
from monitr_wire.values import KEY_OF_SHARE, Share

from receiver.errors import MissingPermissions
from receiver.pull.extract.values import read_decimal, read_float8, read_id, read_text
from receiver.pull.scope import OdooInScope, Row

ACCOUNT_TYPE = "account.account.type"
ANALYTIC_ACCOUNT = "account.analytic.account"
IDS_OF_SHARE = re.compile(KEY_OF_SHARE)
NATURES = {"asset": "asset_current", "liability": "liability_current"}
OPEN_ITEM_TYPES = {
    "receivable": "asset_receivable",
    "payable": "liability_payable",
    "liquidity": "asset_cash",
}

Described = dict[str, Row]  # {Odoo field: what fields_get says of it}


@dataclass(frozen=True)
class Source:
    """Which Odoo fields are read for a value, and how the value is made of a row of them.

    ``besides`` is what else it is made of, that may change without a change of the row.
    """

    names: tuple[str, ...]
    make: Callable[[Row], object]
    besides: object = None


def _root_company(_odoo: OdooInScope, described: Described) -> Source:
    """Branches (17 and later) belong to the first company of their path."""
    if not {"parent_path", "root_id"} <= described.keys():
        return Source(("id",), lambda row: row["id"])
    return Source(("parent_path",), lambda row: int(row["parent_path"].split("/")[0]))


def _account_codes(odoo: OdooInScope, described: Described) -> Source:
    """From 18 an account has a code in each root company; Odoo shows that of the first company."""
    if _has_one_company(described):
        return Source(("company_id", "code"), _code_of_company)
    codes: dict[int, dict[str, str]] = {}
    for root_id, company_id in _companies_by_root(odoo).items():
        context = odoo.scope.context(first_company_id=company_id)
        for row in odoo.search_read("account.account", [], ["code"], context=context):
            if row["code"]:
                codes.setdefault(row["id"], {})[str(root_id)] = row["code"]
    return Source(("id",), lambda row: codes.get(row["id"]))


def _has_one_company(described: Described) -> bool:
    """Until 17 an account's code is stored as it is, and a company's."""
    return "company_ids" not in described or bool(described["code"]["store"])


def _code_of_company(row: Row) -> dict[str, str] | None:
    return {str(read_id(row["company_id"])): row["code"]} if row["code"] else None


def _companies_by_root(odoo: OdooInScope) -> dict[int, int]:
    """``{root company: one of its companies that is pulled}``."""
    return {path[0]: path[-1] for path in _company_paths(odoo)}


def _company_paths(odoo: OdooInScope) -> list[list[int]]:
    """The path of each company that is pulled: from the root company down to itself."""
    companies = odoo.search_read("res.company", [], ["parent_path"])
    return [[int(id) for id in row["parent_path"].split("/") if id] for row in companies]


def _account_companies(odoo: OdooInScope, described: Described) -> Source:
    """From 18 an account may belong to several companies. Branches use their parents' accounts."""
    if _has_one_company(described):
        return Source(("company_id",), lambda row: (read_id(row["company_id"]),))
    of_parents = _parents_by_account(odoo)

    def make(row: Row) -> tuple[int, ...]:
        return tuple({*row["company_ids"], *of_parents.get(row["id"], ())})

    return Source(("company_ids",), make)


def _parents_by_account(odoo: OdooInScope) -> dict[int, list[int]]:
    """``{account: companies}`` that Odoo leaves out of an account's list: of a branch's parents the
    user sees nothing but their accounts."""
    above = {id for path in _company_paths(odoo) for id in path} - {*odoo.scope.company_ids}
    parents: dict[int, list[int]] = {}
    for parent in sorted(above):
        for row in odoo.search_read("account.account", [("company_ids", "in", [parent])], ["id"]):
            parents.setdefault(row["id"], []).append(parent)
    return parents


def _account_type(odoo: OdooInScope, described: Described) -> Source:
    """14 and 15: the standard types by their XML ids, types of one's own by their nature."""
    if not {"user_type_id", "internal_type", "internal_group"} <= described.keys():
        return Source(("account_type",), lambda row: row["account_type"])
    types = {id: STANDARD_TYPES.get(xml_id) for id, xml_id in _xml_ids_of_types(odoo).items()}

    def make(row: Row) -> object:
        nature = row["internal_group"]
        return (
            types.get(read_id(row["user_type_id"]) or 0)
            or OPEN_ITEM_TYPES.get(row["internal_type"])
            or NATURES.get(nature, nature)
        )

    return Source(("user_type_id", "internal_type", "internal_group"), make)


def _xml_ids_of_types(odoo: OdooInScope) -> dict[int, str]:
    """Where they are kept only administrators may read in 15. Asked for many, 14 tells of one."""
    ids = [row["id"] for row in odoo.search_read(ACCOUNT_TYPE, [], ["id"])]
    xml_ids = _xml_ids(odoo, ids)
    for id in ids:
        if id not in xml_ids:
            xml_ids |= _xml_ids(odoo, [id])
    return xml_ids


def _xml_ids(odoo: OdooInScope, ids: list[int]) -> dict[int, str]:
    rows = odoo.call(ACCOUNT_TYPE, "get_metadata", ids=ids)
    return {row["id"]: row["xmlid"] for row in rows if row["xmlid"]}


def _account_active(_odoo: OdooInScope, described: Described) -> Source:
    """Until 18 an account is deprecated, then archived; where an addon adds the other, both."""
    if "deprecated" not in described:
        return Source(("active",), lambda row: bool(row["active"]))
    if "active" not in described:
        return Source(("deprecated",), lambda row: not row["deprecated"])
    names = ("active", "deprecated")
    return Source(names, lambda row: bool(row["active"]) and not row["deprecated"])


def _analytic_shares(odoo: OdooInScope, described: Described) -> Source:
    """From 16 the distribution, a JSON object; before, the analytic account and the tags."""
    if described.get("analytic_distribution", {}).get("type") == "json":
        return Source(("analytic_distribution",), _distribution)
    tags = _shares_of_tags(odoo)
    if tags is None:
        return Source(("analytic_account_id",), _share_of_account)

    def make(row: Row) -> list[Share]:
        of_tags = [share for tag in row["analytic_tag_ids"] for share in tags.get(tag, [])]
        return _share_of_account(row) + of_tags

    return Source(("analytic_account_id", "analytic_tag_ids"), make, besides=sorted(tags.items()))


def _distribution(row: Row) -> list[Share]:
    """Under other keys than ids Odoo keeps notes to itself. Raises what is UNREADABLE."""
    distribution = row["analytic_distribution"] or {}
    return [
        (tuple(map(int, ids.split(","))), _percentage(percentage))
        for ids, percentage in distribution.items()
        if IDS_OF_SHARE.fullmatch(ids) and percentage is not None
    ]


def _percentage(value: object) -> Decimal:
    """Raises ValueError for what Python takes for a number and Odoo does not."""
    if isinstance(value, bool) or value == "":
        raise ValueError("no percentage")
    return read_decimal(value)


def _share_of_account(row: Row) -> list[Share]:
    account_id = read_id(row["analytic_account_id"])
    return [((account_id,), Decimal(100))] if account_id else []


def _shares_of_tags(odoo: OdooInScope) -> dict[int, list[Share]] | None:
    """``{tag: its shares}``; a tag that distributes nothing has none. None where the user may not
    read them."""
    shares: dict[int, list[Share]] = {}
    try:
        rows = odoo.search_read(
            "account.analytic.distribution",
            [("tag_id.active_analytic_distribution", "=", True)],
            ["tag_id", "account_id", "percentage"],
        )
    except MissingPermissions:
        return None
    for row in rows:
        tag_id, account_id = read_id(row["tag_id"]), read_id(row["account_id"])
        if tag_id and account_id:
            share = (account_id,), read_float8(row["percentage"])
            shares.setdefault(tag_id, []).append(share)
    return shares


def _analytic_item_accounts(_odoo: OdooInScope, described: Described) -> Source:
    """From 17 each root plan has a column of its own, made and dropped with the plan."""
    names = tuple(
        name
        for name, field in sorted(described.items())
        if field["type"] == "many2one"
        and field["store"]
        and field.get("relation") == ANALYTIC_ACCOUNT
    )

    def make(row: Row) -> tuple[int, ...]:
        return tuple({id for name in names if (id := read_id(row[name]))})

    return Source(names, make)


def _closing_type(_odoo: OdooInScope, described: Described) -> Source:
    """OCA's account_fiscal_year_closing marks the entries of all others as no step of a closing."""
    known = described.get("closing_type")
    if known is None or not known["store"] or known["type"] not in ("selection", "char"):
        return Source((), lambda _row: None)

    def make(row: Row) -> object:
        return None if row["closing_type"] == "none" else read_text(row["closing_type"])

    return Source(("closing_type",), make)


RULES: dict[str, Callable[[OdooInScope, Described], Source]] = {
    "root_company": _root_company,
    "account_codes": _account_codes,
    "account_companies": _account_companies,
    "account_type": _account_type,
    "account_active": _account_active,
    "analytic_shares": _analytic_shares,
    "analytic_item_accounts": _analytic_item_accounts,
    "closing_type": _closing_type,
}
