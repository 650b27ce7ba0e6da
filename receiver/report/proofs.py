"""A proof as people read it: companies and accounts by name, what differed, since when, what was
done."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitr_wire.proof import SUMMED_FIELDS, Digest, account_month, is_of_items
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.ledger import Account, Company, list_accounts, list_companies
from receiver.db.proofs import (
    CompanyTotal,
    Difference,
    Proof,
    Repair,
    find_last_tie_out,
    find_next_tie_out,
    list_differences,
    list_repairs,
)
from receiver.report.companies import own_code, with_places


@dataclass(frozen=True)
class CompanyLine:
    """What Odoo states of a company's journal items, and by how much the stored ones differ."""

    company_id: int
    company: str | None
    currency: str | None
    account_month_count: int
    record_count: int
    debit: Decimal
    credit: Decimal
    residual: Decimal
    difference: Decimal  # of balances, bucket by bucket, without sign


@dataclass(frozen=True)
class DifferenceLine:
    """A bucket that differs: an account and month, or a slice of another stream."""

    stream: str
    label: str  # of the stream
    bucket: str
    company: str | None
    account_id: int | None
    account_code: str | None
    account_name: str | None
    month: str | None
    odoo: Digest
    stored: Digest

    @property
    def balance_difference(self) -> Decimal:
        """Odoo's balance less the stored one."""
        return self.odoo.balance - self.stored.balance


@dataclass(frozen=True)
class ProofReport:
    proof: Proof
    companies: list[CompanyLine]
    differences: list[DifferenceLine]  # the first of very many
    repairs: list[Repair]
    differed_since: datetime | None  # the last tie-out before; None: none, or nothing differs
    repaired_at: datetime | None  # the first tie-out after; None: not yet, or nothing differs


def told_of_tie_out(proof: Proof) -> str:
    """How much was compared where nothing differs: there is no amount to tell then."""
    return f"{proof.bucket_count:,} slices, {proof.record_count:,} records, no difference"


def report_proof(db: Database, connection: Connection, proof: Proof) -> ProofReport:
    companies = {company.id: company for company in list_companies(db, connection.id)}
    accounts = {account.id: account for account in list_accounts(db, connection.id)}
    differences = [
        _difference_line(difference, companies, accounts)
        for difference in list_differences(db, connection.id, proof.proof_id)
    ]
    return ProofReport(
        proof=proof,
        companies=[
            _company_line(total, companies.get(total.company_id), differences)
            for total in proof.totals
        ],
        differences=differences,
        repairs=list_repairs(db, connection.id, proof.proof_id),
        differed_since=None
        if proof.ties_out
        else find_last_tie_out(db, connection.id, proof.proven_at),
        repaired_at=None
        if proof.ties_out
        else find_next_tie_out(db, connection.id, proof.proven_at),
    )


def _company_line(
    total: CompanyTotal, company: Company | None, differences: list[DifferenceLine]
) -> CompanyLine:
    of_company = (
        line
        for line in differences
        if line.month and account_month(line.bucket).company_id == total.company_id
    )
    difference = sum((abs(line.balance_difference) for line in of_company), Decimal(0))
    places = company.decimal_places if company else None
    amounts = {name: with_places(getattr(total, name), places) for name in SUMMED_FIELDS}
    return CompanyLine(
        company_id=total.company_id,
        company=company.name if company else None,
        currency=company.currency if company else None,
        account_month_count=total.account_month_count,
        record_count=total.record_count,
        difference=with_places(difference, places),
        **amounts,
    )


def _difference_line(
    difference: Difference, companies: dict[int, Company], accounts: dict[int, Account]
) -> DifferenceLine:
    odoo, stored = difference.odoo, difference.stored
    company = account = account_id = month = None
    if is_of_items(odoo):
        company_id, account_id, month = account_month(odoo.bucket)
        company, account = companies.get(company_id), accounts.get(account_id)
        places = company.decimal_places if company else None
        odoo, stored = _with_places(odoo, places), _with_places(stored, places)
    return DifferenceLine(
        stream=odoo.stream,
        label=STREAMS_BY_NAME[odoo.stream].label,
        bucket=odoo.bucket,
        company=company.name if company else None,
        account_id=account_id,
        account_code=own_code(company, account.codes) if account and company else None,
        account_name=account.name if account else None,
        month=month,
        odoo=odoo,
        stored=stored,
    )


def _with_places(digest: Digest, places: int | None) -> Digest:
    return digest._replace(
        debit=with_places(digest.debit, places),
        credit=with_places(digest.credit, places),
        residual=with_places(digest.residual, places),
    )
