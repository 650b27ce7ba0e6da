"""The company that a page is about, chosen in the top bar by the query's ``company_id``."""

from flask import g, request
from sqlalchemy import Connection as Database

from receiver.db.accounting.ledger import Company, list_companies
from receiver.db.connections.connections import Connection
from receiver.errors import NotFound


def choose_company(db: Database, connection: Connection) -> Company | None:
    """The one asked for, else the first; None where none has arrived yet. Raises NotFound."""
    companies = g.companies = list_companies(db, connection.id)
    wanted = request.args.get("company_id")
    for company in companies:
        if wanted in (None, str(company.id)):
            g.company = company
            g.chosen_company_id = company.id if wanted else None
            return company
    if wanted is None:
        return None
    g.chosen_company_id = None  # so that the sidebar leads out of it
    raise NotFound("This connection has no such company.")
