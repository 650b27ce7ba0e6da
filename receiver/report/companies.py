"""What every report on a company needs: which company, its account codes, its decimals."""

import json
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.ledger import Company, list_companies
from receiver.errors import InvalidQuery


def get_company(db: Database, connection: Connection, company_id: int | None) -> Company:
    """The connection's only company where none is named.

    Raises InvalidQuery where the connection has no such company, or several and none is named.
    """
    companies = list_companies(db, connection.id)
    if company_id is None and len(companies) == 1:
        return companies[0]
    known = ", ".join(str(company.id) for company in companies) or "none yet"
    if company_id is None:
        raise InvalidQuery(f"Name a company. The connection has: {known}.", path="company_id")
    for company in companies:
        if company.id == company_id:
            return company
    raise InvalidQuery(f"There is no such company. The connection has: {known}.", path="company_id")


def own_code(company: Company, codes: str | None) -> str | None:
    """The company's own code of an account: that of its root company."""
    by_root_company: dict[str, str] = json.loads(codes or "{}")
    return by_root_company.get(str(company.root_company_id))


def code_order(code: str | None, id: int) -> tuple[bool, str, int]:
    """Sorts by code, what has none last."""
    return code is None, code or "", id


def with_places(amount: Decimal, places: int | None) -> Decimal:
    """The amount with so many decimals; an amount that needs more keeps them: never rounded."""
    shown = amount.quantize(Decimal(1).scaleb(-(places or 0)))
    return shown if shown == amount else amount.normalize()
