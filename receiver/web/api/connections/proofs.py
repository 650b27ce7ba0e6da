"""GET /v1/connections/{name}/proofs: whether the stored records equal Odoo's, each time it was
proven, and what was repaired."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from receiver.db.engine import reading
from receiver.db.proof.proofs import MadeBy, find_last_proof, get_proof, list_proofs
from receiver.errors import NotFound
from receiver.monitoring.proofs import ProofReport, report_proof
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.reports.report_fields import money_field
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.media_types import MEDIA_TYPES, Format, wanted_format
from receiver.web.paging import DEFAULT_LIMIT, limit_parameter
from receiver.web.proof_certificate import STATEMENT_HEADERS, render_statement
from receiver.web.query import Query, format_parameter

proofs = ReadingBlueprint("Proofs", "That the stored records equal Odoo's, to the cent")

NEWEST = "newest"

LIST_QUERY = Query.from_dict(
    {"limit": limit_parameter(f"At most so many; {DEFAULT_LIMIT} unless given")}
)
QUERY = Query.from_dict({"format": format_parameter(Format.JSON, Format.HTML)})


class ProofSchema(ma.Schema):
    proof_id = fields.String(required=True)
    run_id = fields.String(required=True)
    proven_at = fields.DateTime(required=True)
    ties_out = fields.Boolean(
        required=True, metadata={"description": "Nothing differs and nothing is set aside"}
    )
    bucket_count = fields.Integer(
        required=True, metadata={"description": "How many slices of the books were compared"}
    )
    record_count = fields.Integer(required=True, metadata={"description": "In Odoo"})
    differing_count = fields.Integer(required=True, metadata={"description": "Of buckets"})
    set_aside_count = fields.Integer(
        required=True,
        metadata={"description": "Of records: where nothing differs, it ties out except for these"},
    )
    hidden = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        allow_none=True,
        metadata={
            "description": "How many records of each stream Odoo's record rules hide from the user"
            " with whose rights it is read; null where Odoo does not tell: a pull, an older addon"
        },
    )
    unbalanced_count = fields.Integer(
        required=True,
        metadata={"description": "Of stored entries whose debit and credit are not the same"},
    )
    made_by = fields.Enum(
        MadeBy,
        by_value=True,
        required=True,
        metadata={
            "description": "digests: of every field of every record, by the addon; aggregates:"
            " counts and exact sums of amounts and references, by an Odoo that is pulled"
        },
    )


class CompanyLineSchema(ma.Schema):
    company_id = fields.Integer(required=True)
    company = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    account_month_count = fields.Integer(required=True)
    record_count = fields.Integer(required=True, metadata={"description": "Journal items in Odoo"})
    debit = money_field("In Odoo")
    credit = money_field("In Odoo")
    residual = money_field("In Odoo")
    difference = money_field("By how much balances differ, bucket by bucket, without sign")


class SideSchema(ma.Schema):
    record_count = fields.Integer(required=True)
    debit = money_field("Sum of debit")
    credit = money_field("Sum of credit")
    residual = money_field("Sum of residuals")


class DifferenceSchema(ma.Schema):
    stream = fields.String(required=True)
    bucket = fields.String(required=True)
    company = fields.String(required=True, allow_none=True)
    account_id = fields.Integer(required=True, allow_none=True)
    account_code = fields.String(required=True, allow_none=True)
    account_name = fields.String(required=True, allow_none=True)
    month = fields.String(required=True, allow_none=True)
    odoo = fields.Nested(SideSchema, required=True)
    stored = fields.Nested(SideSchema, required=True)


class RepairSchema(ma.Schema):
    stream = fields.String(required=True)
    missing_count = fields.Integer(
        required=True, metadata={"description": "In Odoo and not here: sent again"}
    )
    changed_count = fields.Integer(
        required=True, metadata={"description": "Here otherwise than in Odoo: sent again"}
    )
    extra_count = fields.Integer(
        required=True, metadata={"description": "Here and not in what Odoo gives"}
    )
    deleted_count = fields.Integer(
        required=True, metadata={"description": "Of these: gone from Odoo, so deleted here"}
    )
    hidden_count = fields.Integer(
        required=True,
        metadata={"description": "Of these: hidden from the user who reads, so they stay here"},
    )
    ids = fields.List(fields.Integer(), required=True, metadata={"description": "The first ones"})
    noted_at = fields.DateTime(required=True)


class ShortfallSchema(ma.Schema):
    company_id = fields.Integer(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    account_id = fields.Integer(required=True, allow_none=True)
    account_code = fields.String(required=True, allow_none=True)
    account_name = fields.String(required=True, allow_none=True)
    month = fields.String(required=True, allow_none=True)
    record_count = fields.Integer(required=True, metadata={"description": "Set aside"})
    debit = money_field("Missing debit")
    credit = money_field("Missing credit")
    unreadable_count = fields.Integer(
        required=True,
        metadata={"description": "Records whose amounts cannot be read: they are in no sum"},
    )


class UnbalancedSchema(ma.Schema):
    entry_id = fields.Integer(required=True)
    number = fields.String(required=True, allow_none=True)
    date = fields.Date(required=True, allow_none=True)
    company_id = fields.Integer(required=True)
    company = fields.String(required=True, allow_none=True)
    debit = money_field("Of its stored items")
    credit = money_field("Of its stored items")
    difference = money_field("Debit less credit")
    odoo_link = fields.String(
        required=True, allow_none=True, metadata={"description": "Where it opens in Odoo"}
    )


class ProofReportSchema(ma.Schema):
    proof = fields.Nested(ProofSchema, required=True)
    companies = fields.List(fields.Nested(CompanyLineSchema), required=True)
    differences = fields.List(
        fields.Nested(DifferenceSchema),
        required=True,
        metadata={"description": "The buckets that differ, the first of very many"},
    )
    repairs = fields.List(fields.Nested(RepairSchema), required=True)
    shortfalls = fields.List(
        fields.Nested(ShortfallSchema),
        required=True,
        metadata={
            "description": "By how much which account is short in which month, for the journal"
            " items that were set aside; the first of very many"
        },
    )
    unbalanced = fields.List(
        fields.Nested(UnbalancedSchema),
        required=True,
        metadata={"description": "The stored entries that do not balance, the first of very many"},
    )
    differed_since = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last proof before that found nothing different"},
    )
    repaired_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The first proof after it that found nothing different"},
    )


class ProofListSchema(ma.Schema):
    proofs = fields.List(fields.Nested(ProofSchema), required=True)


@proofs.reads("/connections/<name>/proofs", LIST_QUERY(), ProofListSchema())
def list_proofs_of_connection(query: Mapping[str, Any], name: str) -> dict[str, object]:
    """Every proof of a connection, newest first."""
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        return {"proofs": list_proofs(db, connection.id, limit=query.get("limit", DEFAULT_LIMIT))}


@proofs.reads("/connections/<name>/proofs/<proof_id>", QUERY(), ProofReportSchema(), Format.HTML)
def get_proof_of_connection(
    query: Mapping[str, Any], name: str, proof_id: str
) -> ProofReport | Response:
    """One proof: totals, what differed, since when it can have, and its repair.

    `newest` is the last one. As HTML it is a statement of one page, to be printed.
    """
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        proof = (
            find_last_proof(db, connection.id)
            if proof_id == NEWEST
            else get_proof(db, connection.id, proof_id)
        )
        if proof is None:
            raise NotFound(f"{name} has no proof yet: it comes at the end of a push.")
        report = report_proof(db, connection, proof)
    if wanted_format(query.get("format"), Format.JSON, Format.HTML) is Format.HTML:
        page = render_statement(connection, report)
        return Response(page, mimetype=MEDIA_TYPES[Format.HTML], headers=STATEMENT_HEADERS)
    return report
