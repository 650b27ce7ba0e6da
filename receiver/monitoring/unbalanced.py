"""Stored entries that do not balance, as people read them: with where each opens in Odoo."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection as Database

from receiver.accounting.shared.companies import with_places
from receiver.accounting.shared.odoo_links import entry_link, odoo_url
from receiver.db.accounting.ledger import list_companies
from receiver.db.connections.connections import Connection, get_connection_by_id
from receiver.db.proof.proofs import Proof, find_last_proof, list_unbalanced_of_proof
from receiver.db.proof.unbalanced import name_entries


@dataclass(frozen=True)
class UnbalancedLine:
    entry_id: int
    number: str | None  # None too where the entry itself is not stored
    date: date | None
    company_id: int
    company: str | None
    decimal_places: int | None  # of its currency
    debit: Decimal
    credit: Decimal
    odoo_link: str | None

    @property
    def difference(self) -> Decimal:
        return self.debit - self.credit


def list_unbalanced_lines(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[UnbalancedLine]:
    """List those of the last proof, in order of their ids, the first of very many; a limit of None
    is none."""
    connection, proof = get_connection_by_id(db, connection_id), find_last_proof(db, connection_id)
    if proof is None or not proof.unbalanced_count:
        return []
    lines = unbalanced_lines_of(db, connection, proof)
    return lines[offset:] if limit is None else lines[offset : offset + limit]


def unbalanced_lines_of(db: Database, connection: Connection, proof: Proof) -> list[UnbalancedLine]:
    """In order of their ids, the first of very many."""
    found = list_unbalanced_of_proof(db, connection.id, proof.proof_id)
    if not found:
        return []
    companies = {company.id: company for company in list_companies(db, connection.id)}
    named = name_entries(db, connection.id, [each.entry_id for each in found])
    url = odoo_url(db, connection)
    lines = []
    for each in found:
        number, day = named.get(each.entry_id, (None, None))
        company = companies.get(each.company_id)
        places = company.decimal_places if company else None
        lines.append(
            UnbalancedLine(
                entry_id=each.entry_id,
                number=number,
                date=day,
                company_id=each.company_id,
                company=company.name if company else None,
                decimal_places=places,
                debit=with_places(each.debit, places),
                credit=with_places(each.credit, places),
                odoo_link=entry_link(url, connection.series, each.entry_id),
            )
        )
    return lines
