"""What every report on a company needs: which company, its account codes, its decimals."""

import json
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from sqlalchemy import Connection as Database

from receiver.db.accounting.ledger import Company, list_companies
from receiver.db.connections.connections import Connection
from receiver.errors import DifferentCurrencies, InvalidQuery
from receiver.messages import Sentence


def get_company(db: Database, connection: Connection, company_id: int | None) -> Company:
    """The connection's only company where none is named.

    Raises InvalidQuery where the connection has no such company, or several and none is named.
    """
    companies = list_companies(db, connection.id)
    if company_id is None and len(companies) == 1:
        return companies[0]
    known = _listed(company.id for company in companies)
    if company_id is None:
        raise InvalidQuery(
            "Name a company. The connection has: %(companies)s.", path="company_id", companies=known
        )
    for company in companies:
        if company.id == company_id:
            return company
    raise _no_such_company(known)


def get_companies(
    db: Database, connection: Connection, company_ids: Sequence[int]
) -> list[Company]:
    """These companies, or all that the connection has where none is named.

    Raises InvalidQuery where the connection has no such company or none at all, and
    DifferentCurrencies where their amounts cannot be added up.
    """
    companies = {company.id: company for company in list_companies(db, connection.id)}
    known = _listed(companies)
    unknown = [id for id in company_ids if id not in companies]
    if unknown or not companies:
        raise _no_such_company(known)
    chosen = [companies[id] for id in dict.fromkeys(company_ids or companies)]
    if len({company.currency for company in chosen}) > 1:
        raise DifferentCurrencies(
            "Companies of different currencies cannot be added up: %(companies)s. Ask for those of"
            " one currency at a time.",
            companies=tuple(map(_with_currency, chosen)),
        )
    return chosen


def _listed(ids: Iterable[int]) -> str | Sentence:
    return ", ".join(map(str, ids)) or Sentence("none yet")


def _no_such_company(known: str | Sentence) -> InvalidQuery:
    return InvalidQuery(
        "There is no such company. The connection has: %(companies)s.",
        path="company_id",
        companies=known,
    )


def _with_currency(company: Company) -> Sentence:
    currency = company.currency or Sentence("not known")
    return Sentence(
        "%(company)s (%(currency)s)", {"company": str(company.id), "currency": currency}
    )


def owners_of(companies: Iterable[Company], company_ids: Iterable[int]) -> list[Company]:
    """Companies that have an account of these companies: it is theirs, or their root company's."""
    ids = set(company_ids)
    return [each for each in companies if ids & {each.id, each.root_company_id}]


def own_code(company: Company, codes: str | None) -> str | None:
    """The company's own code of an account: that of its root company."""
    by_root_company: dict[str, str] = json.loads(codes or "{}")
    return by_root_company.get(str(company.root_company_id))


def code_in(companies: Iterable[Company], codes: str | None) -> str | None:
    """The account's own code in the first of the companies where it has one."""
    found = (own_code(company, codes) for company in companies)
    return next((code for code in found if code), None)


def code_order(code: str | None, id: int) -> tuple[bool, str, int]:
    """Sorts by code, what has none last."""
    return code is None, code or "", id


def with_places(amount: Decimal, places: int | None) -> Decimal:
    """The amount with so many decimals; an amount that needs more keeps them: never rounded."""
    shown = amount.quantize(_smallest(places or 0))
    return shown if shown == amount else amount.normalize()


def rounded(amount: Decimal, places: int | None) -> Decimal:
    """To the decimals of its currency, as Odoo rounds what is left of an amount.

    Odoo 14 stores what it reconciles unrounded, such as 899.9999999999999; taken off an amount,
    that leaves a dust which nobody owes.
    """
    if places is None:
        return with_places(amount, places)
    return amount.quantize(_smallest(places), ROUND_HALF_UP) + 0  # no negative zero


@cache
def _smallest(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
