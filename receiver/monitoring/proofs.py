"""A proof as people read it: companies and accounts by name, what differed, since when, what was
done."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitr_wire.buckets import account_month
from monitr_wire.proof import SUMMED_FIELDS, Digest, is_of_items
from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Connection as Database

from receiver.accounting.shared.companies import own_code, with_places
from receiver.db.accounting.ledger import Account, Company, list_accounts, list_companies
from receiver.db.connections.connections import Connection
from receiver.db.proof.proofs import (
    CompanyTotal,
    Difference,
    Proof,
    Repair,
    find_last_equal,
    find_next_equal,
    list_differences,
    list_repairs,
    list_shortfalls_of_proof,
)
from receiver.db.store.set_aside import Shortfall, StoredSetAside, list_set_aside
from receiver.monitoring.unbalanced import UnbalancedLine, unbalanced_lines_of

SET_ASIDE_LISTED = 100


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
class ShortfallLine:
    """Amount by which an account was short in a month, for the journal items that were set
    aside."""

    company_id: int | None
    company: str | None
    account_id: int | None
    account_code: str | None
    account_name: str | None
    month: str | None
    record_count: int
    debit: Decimal
    credit: Decimal
    unreadable_count: int  # of records whose amounts nobody can read: they are in no sum

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


@dataclass(frozen=True)
class ProofReport:
    proof: Proof
    companies: list[CompanyLine]
    differences: list[DifferenceLine]  # the first of very many
    repairs: list[Repair]
    shortfalls: list[ShortfallLine]  # the first of very many
    set_aside: list[StoredSetAside]  # now, the first of very many: why it is short
    unbalanced: list[UnbalancedLine]  # stored entries, the first of very many
    differed_since: datetime | None  # the last that was equal; None: none, or nothing differs
    repaired_at: datetime | None  # the first that was equal; None: not yet, or nothing differs


def told_of_tie_out(proof: Proof) -> str:
    """How much was compared where nothing differs: there is no amount to tell then."""
    compared = f"{proof.bucket_count:,} slices, {proof.record_count:,} records"
    return f"{compared}, no {'other ' if proof.set_aside_count else ''}difference"


def told_of_set_aside(proof: Proof) -> str:
    """``except 1 record``; empty where nothing is set aside."""
    count = proof.set_aside_count
    return f"except {count:,} record{'' if count == 1 else 's'}" if count else ""


def told_of_hidden(proof: Proof) -> str:
    """``12 journal items are hidden…``; empty where nothing is, and where Odoo does not tell."""
    if not proof.hidden:
        return ""
    records = " and ".join(
        f"{count:,} of the {STREAMS_BY_NAME[name].label.lower()}"
        for name, count in proof.hidden.items()
    )
    return f"Rights and record rules in Odoo hide {records} from the user who reads it"


def told_of_unbalanced(proof: Proof) -> str:
    """``1 entry does not balance``; empty where all do."""
    count = proof.unbalanced_count
    if not count:
        return ""
    return "1 entry does not balance" if count == 1 else f"{count:,} entries do not balance"


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
        shortfalls=[
            _shortfall_line(each, companies, accounts)
            for each in list_shortfalls_of_proof(db, connection.id, proof.proof_id)
        ],
        set_aside=list_set_aside(db, connection.id, limit=SET_ASIDE_LISTED)
        if proof.set_aside_count
        else [],
        unbalanced=unbalanced_lines_of(db, connection, proof),
        differed_since=None
        if proof.is_equal
        else find_last_equal(db, connection.id, proof.proven_at),
        repaired_at=None if proof.is_equal else find_next_equal(db, connection.id, proof.proven_at),
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


def _shortfall_line(
    short: Shortfall, companies: dict[int, Company], accounts: dict[int, Account]
) -> ShortfallLine:
    company, account = companies.get(short.company_id or 0), accounts.get(short.account_id or 0)
    places = company.decimal_places if company else None
    return ShortfallLine(
        company_id=short.company_id,
        company=company.name if company else None,
        account_id=short.account_id,
        account_code=own_code(company, account.codes) if account and company else None,
        account_name=account.name if account else None,
        month=short.month,
        record_count=short.record_count,
        debit=with_places(short.debit, places),
        credit=with_places(short.credit, places),
        unreadable_count=short.unreadable_count,
    )


def _with_places(digest: Digest, places: int | None) -> Digest:
    return digest._replace(
        debit=with_places(digest.debit, places),
        credit=with_places(digest.credit, places),
        residual=with_places(digest.residual, places),
    )
